"""Keys of events: the rule's date, an extra event's first date, or the known part of a date."""

from collections.abc import Container
from datetime import date

from scheduler.domain import event_time
from scheduler.domain.events import Series
from scheduler.domain.recurrence import FIRST_YEAR, LAST_YEAR

MOST_A_DAY = 99


class KeyRefused(ValueError):
    """An event cannot have such a key; the message says why."""


def date_of(key: str) -> date | None:
    """Return the date that a key begins with, None for "2021" and "2023-04".

    Raises KeyRefused when there is no such date, or none that an event may have.
    """
    try:  # a year or month is tried with its first day
        first = date.fromisoformat(f"{key}-01-01"[:10])
    except ValueError:
        raise KeyRefused(f"there is no date {key[:10]}") from None
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise KeyRefused(f"must be between the years {FIRST_YEAR} and {LAST_YEAR}")
    return first if len(key) >= 10 else None


def is_date(key: str) -> bool:
    """Whether `key` begins with a date."""
    try:
        return date_of(key) is not None
    except KeyRefused:
        return False


def rule_gives(series: Series, day: date) -> bool:
    """Whether the rule gives `day` and it is no gap; the series' status does not count."""
    if any(gap.date == day for gap in series.gaps):
        return False
    return event_time.rule_slot(series.timetable, day) is not None


def extra_event_key(series: Series, day: date) -> str:
    """Return the key of an extra event on `day` that a file names by its start alone."""
    return f"{day}-2" if rule_gives(series, day) else day.isoformat()


def next_free_key(series: Series, day: date, taken: Container[str]) -> str:
    """Return the first key that a new extra event on `day` can have.

    Raises KeyRefused when there are MOST_A_DAY events.
    """
    choices = [day.isoformat(), *(f"{day}-{number}" for number in range(2, MOST_A_DAY + 1))]
    for key in choices[rule_gives(series, day) :]:
        if key not in taken:
            return key
    raise KeyRefused(f"there are {MOST_A_DAY} events on {day} already")
