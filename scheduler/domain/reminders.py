"""Which reminder is due: its time has come, it still helps, and it is the latest of its event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
LEADS = (A_DAY, AN_HOUR)
"""How long before the start both sides of a booking are reminded."""

_LONG_HELPS_UNTIL = timedelta(hours=2)
_SHORT_HELPS_UNTIL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of one start: it helps in [due_at, useful_until)."""

    lead: timedelta
    due_at: datetime
    useful_until: datetime


def reminder(starts_at: datetime, lead: timedelta) -> Reminder:
    """Return the reminder `lead` before `starts_at`.

    One of a day or more helps until two hours before the start, a shorter one until five minutes.
    """
    helps_until = _LONG_HELPS_UNTIL if lead >= A_DAY else _SHORT_HELPS_UNTIL
    return Reminder(lead, starts_at - lead, starts_at - helps_until)


def due(
    starts_at: datetime, leads: Iterable[timedelta], placed_at: datetime, now: datetime
) -> Reminder | None:
    """Return the one reminder that is to go out at `now`, None if there is none.

    Of several it is the latest. One whose time had passed when the start was chosen at `placed_at`
    is never due.
    """
    helping = [
        each
        for each in (reminder(starts_at, lead) for lead in leads)
        if placed_at <= each.due_at <= now < each.useful_until
    ]
    return max(helping, key=lambda each: each.due_at, default=None)


def horizon(leads: Iterable[timedelta], now: datetime) -> datetime:
    """Return the instant from which on no start has a reminder that is due at `now`, itself out."""
    return now + max(leads) + datetime.resolution
