"""Messages to people: queued as rows, composed when claimed, sent over a channel."""
