"""What every response has in common: security, errors, the API's plumbing, templates."""
