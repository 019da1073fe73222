"""Use cases of accounts, one module per noun."""
