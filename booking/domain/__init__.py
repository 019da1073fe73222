"""The rules of office hours: pure values and functions."""
