"""Use cases of booking, a module a noun."""
