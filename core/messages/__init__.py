"""Messages to people: queued as rows, composed when claimed, delivered over a channel."""
