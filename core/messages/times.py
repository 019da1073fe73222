"""Times in messages: a message knows no reader's clock, so each time names its zone."""

from datetime import datetime

from core import templating, zones


def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Return a time in words: "Tuesday 12 May 2026, 16:00 to 16:30 in Berlin (UTC+02:00)"."""
    day, last_day = (templating.day_long(at, zone) for at in (starts_at, ends_at))
    end = templating.clock(ends_at, zone)
    until = end if day == last_day else f"{last_day}, {end}"
    return f"{day}, {templating.clock(starts_at, zone)} to {until} in {_place(starts_at, zone)}"


def point(at: datetime, zone: str) -> str:
    """Return an instant in words: "Tuesday 12 May 2026, 16:00 in Berlin (UTC+02:00)"."""
    return f"{templating.day_long(at, zone)}, {templating.clock(at, zone)} in {_place(at, zone)}"


def short(at: datetime, zone: str) -> str:
    """Return an instant for a subject line: "Tue 12 May 2026, 16:00 (Berlin)"."""
    return f"{templating.moment(at, zone)} ({zones.city(zone)})"


def _place(at: datetime, zone: str) -> str:
    offset = templating.offset(at, zone)
    return zones.city(zone) if offset == zone else f"{zones.city(zone)} ({offset})"
