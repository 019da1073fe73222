"""When people are told of a change: several together, and before the start."""

from datetime import datetime, timedelta

LONGEST_WAIT = timedelta(minutes=30)
SOON = timedelta(hours=3)


def due_at(first: datetime, last: datetime, starts_at: datetime, delay: timedelta) -> datetime:
    """Return when a notice of changes between `first` and `last` is due.

    It waits `delay` after the last change for another one, LONGEST_WAIT after the first at most,
    and not at all for what starts within SOON.
    """
    waited = min(last + delay, first + LONGEST_WAIT)
    return min(waited, max(first, starts_at - SOON))
