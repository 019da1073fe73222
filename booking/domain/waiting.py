"""How long a request waits for an answer, and when its host is reminded of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

FIRST_REMINDER = timedelta(days=1)
LEAST_PAUSE = timedelta(hours=1)


def lapses_at(asked_at: datetime, starts_at: datetime, lead: timedelta) -> datetime:
    """Return when a request lapses that was made at `asked_at`: `lead` before its start.

    If halfway to the start is nearer to it, the host has until then.
    """
    return max(starts_at - lead, asked_at + (starts_at - asked_at) / 2)


def reminders(asked_at: datetime, lapses_at: datetime) -> Iterator[datetime]:
    """Yield when the host is reminded of a request: after a day, and at half of the time left then.

    Two mails about a request are at least an hour apart. A request that lapses within a day has the
    second reminder alone, at half of its time.
    """
    last = asked_at
    first = asked_at + FIRST_REMINDER
    if first < lapses_at:
        last = first
        yield first
    second = last + (lapses_at - last) / 2
    if second - last >= LEAST_PAUSE:
        yield second
