"""Messages: queued as rows, composed and sent once, each over its channel."""
