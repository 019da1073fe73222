"""Convert wall time to instants; the only module that handles gaps and repeated hours."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def instant(wall: datetime, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """Return the UTC instant of the naive wall time `wall` in `zone`.

    A wall time that a clock change skips is moved forward by the length of the gap (it is read
    with the offset in force before, RFC 5545 3.3.5). Of a wall time that occurs twice `fold`
    chooses the first (0) or the second (1) pass; elsewhere `fold` changes nothing.
    """
    skipped = wall.replace(tzinfo=zone, fold=0)
    at = skipped.astimezone(UTC)
    if fold == 0 or at.astimezone(zone).replace(tzinfo=None) != wall:
        return at
    return wall.replace(tzinfo=zone, fold=1).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which `day` begins in `zone`, by the policy of `instant`."""
    return instant(datetime.combine(day, time.min), zone)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive wall time that a clock in `zone` shows at the instant `at`."""
    return at.astimezone(zone).replace(tzinfo=None)
