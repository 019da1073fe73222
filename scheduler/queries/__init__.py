"""Reads of series and events: session and names -> values, in a fixed number of statements."""
