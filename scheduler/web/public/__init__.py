"""Pages and feeds that anyone can read."""
