"""Pure rules of when."""
