"""The reader's own time beside that of a series; static/times.js writes the same in browsers."""

from datetime import datetime, timedelta

from core import time_format, zones
from core.time_format import DAY, HOUR, MINUTE

HALF_DAY = timedelta(hours=12)
ABOUT_A_WEEK = timedelta(days=8)


def is_same_time(at: datetime, zone: str, other: str) -> bool:
    """Whether clocks and calendars in two zones show the same at `at`."""
    return _wall(at, zone) == _wall(at, other)


def is_same_day(at: datetime, zone: str, other: str) -> bool:
    """Whether calendars in two zones show the same date at `at`."""
    return _wall(at, zone).date() == _wall(at, other).date()


def shift_note(at: datetime, before: datetime, zone: str, own: str) -> str:
    """Return how the usual time of a series has shifted for a reader in the zone `own`.

    "one hour earlier for you than last week: clocks changed in Los Angeles"; "" if it has not.
    `before` is the start of the previous event, `zone` that of the series.
    """
    moved = _shift(at, before, own)
    if not moved or _shift(at, before, zone):
        return ""
    where = zone if (at - before) % DAY else own
    last = "last week" if at - before <= ABOUT_A_WEEK else "last time"
    way = "earlier" if moved < timedelta() else "later"
    return f"{_length(abs(moved))} {way} for you than {last}: clocks changed in {zones.city(where)}"


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(zones.zone(zone)).replace(tzinfo=None)


def _shift(at: datetime, before: datetime, zone: str) -> timedelta:
    """Return by how much the time of day at `at` is later than at `before`, at most half a day."""
    return (_wall(at, zone) - _wall(before, zone) + HALF_DAY) % DAY - HALF_DAY


def _length(length: timedelta) -> str:
    return "one hour" if length == HOUR else time_format.minutes(length // MINUTE)
