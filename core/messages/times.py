"""Times in messages, each with its zone, because the reader's zone is unknown."""

from datetime import datetime

from core import time_format, zones
from core.time_format import HourClock, day_long, place


def span(starts_at: datetime, ends_at: datetime, zone: str, clock: HourClock) -> str:
    """Return a time span as text: "Tuesday 12 May 2026, 16:00 to 16:30 in Berlin (UTC+02:00)"."""
    day, last_day = (day_long(at, zone) for at in (starts_at, ends_at))
    start = time_format.clock(starts_at, zone, clock, ends_at)
    end = time_format.clock(ends_at, zone, clock, starts_at)
    until = end if day == last_day else f"{last_day}, {end}"
    return f"{day}, {start} to {until} in {place(starts_at, zone, ends_at)}"


def point(at: datetime, zone: str, clock: HourClock) -> str:
    """Return an instant as text: "Tuesday 12 May 2026, 16:00 in Berlin (UTC+02:00)"."""
    return f"{day_long(at, zone)}, {time_format.clock(at, zone, clock)} in {place(at, zone)}"


def short(at: datetime, zone: str, clock: HourClock) -> str:
    """Return an instant for a subject line: "Tue 12 May 2026, 16:00 (Berlin)"."""
    return f"{time_format.moment(at, zone, clock)} ({zones.city(zone)})"
