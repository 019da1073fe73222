"""The rows of events that decide on a window."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy import and_, or_

from core import zones
from scheduler.domain import occurring
from scheduler.domain.events import Series
from scheduler.domain.interval import Interval
from scheduler.domain.occurring import Record
from scheduler.models import EventRow
from scheduler.queries.loading import Condition, Reader, load_records

LONGEST_DAYS = timedelta(days=366)  # no event lasts longer: so a window has an index to search


class Load(Protocol):
    """How the rows that fulfil conditions on EventRow are read."""

    def __call__(self, reader: Reader, *conditions: Condition) -> Iterator[Record]:
        """Yield them, unsorted."""


def records_around(
    reader: Reader, series: Sequence[Series], window: Interval, load: Load = load_records
) -> dict[int, list[Record]]:
    """Return the rows of each series that meet the window or whose own date lies there."""
    of_series: dict[int, list[Record]] = defaultdict(list)
    if not series:
        return of_series
    ids = [each.id for each in series]
    edges = [occurring.dates(window, zones.zone(each.zone)) for each in series]
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
        EventRow.key < (last + occurring.DAY).isoformat(),
    )
    for record in load(reader, or_(meets, given)):
        of_series[record.series_id].append(record)
    return of_series
