"""The only reader of the time of day."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant as aware UTC."""
    return datetime.now(UTC)
