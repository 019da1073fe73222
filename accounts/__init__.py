"""The organization, people, sign-in, roles and API tokens."""
