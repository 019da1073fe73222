"""Pages of guests."""
