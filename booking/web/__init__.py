"""Pages and API of booking."""
