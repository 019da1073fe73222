"""Use cases of the scheduler, a module a noun."""
