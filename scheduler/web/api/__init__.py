"""The JSON API of series and events."""
