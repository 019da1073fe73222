"""Who: people, sign-in, roles, API tokens."""
