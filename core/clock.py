"""The only reader of the time of day."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant, aware, in UTC, from the C library's clock."""
    return datetime.now(UTC)
