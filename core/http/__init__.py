"""HTTP: security, errors, forms, the JSON API, templates."""
