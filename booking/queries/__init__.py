"""Reads of booking: values, never rows, in a fixed number of statements."""
