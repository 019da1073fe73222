"""The rows of events that decide on a window."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy import and_, or_

from core import zones
from scheduler.domain import occurrences
from scheduler.domain.events import Series
from scheduler.domain.interval import Interval
from scheduler.domain.occurrences import StoredEvent
from scheduler.models import EventRow
from scheduler.queries.loading import Condition, Reader, load_events

LONGEST_DAYS = timedelta(days=366)  # no event lasts longer: so a window has an index to search


class Load(Protocol):
    """How the rows that fulfil conditions on EventRow are read."""

    def __call__(self, reader: Reader, *conditions: Condition) -> Iterator[StoredEvent]:
        """Yield them, unsorted."""


def stored_events_around(
    reader: Reader, series: Sequence[Series], window: Interval, load: Load = load_events
) -> dict[int, list[StoredEvent]]:
    """Return the rows of each series that meet the window or whose own date lies there."""
    of_series: dict[int, list[StoredEvent]] = defaultdict(list)
    if not series:
        return of_series
    ids = [each.id for each in series]
    edges = [occurrences.candidate_dates(window, zones.zone(each.zone)) for each in series]
    first, last = min(edge[0] for edge in edges), max(edge[1] for edge in edges)
    meets = and_(
        EventRow.series_id.in_(ids),
        EventRow.starts_at >= window.start - LONGEST_DAYS,
        EventRow.starts_at < window.end,
        EventRow.ends_at > window.start,
    )
    given = and_(
        EventRow.series_id.in_(ids),
        EventRow.key >= first.isoformat(),
        EventRow.key < (last + occurrences.DAY).isoformat(),
    )
    for stored in load(reader, or_(meets, given)):
        of_series[stored.series_id].append(stored)
    return of_series
