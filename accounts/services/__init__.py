"""Use cases of accounts, a module a noun."""
