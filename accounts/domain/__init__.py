"""Pure values of accounts."""
