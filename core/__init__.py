"""Plumbing that knows no word of the product."""
