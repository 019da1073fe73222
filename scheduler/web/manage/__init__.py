"""Pages of organizers."""
