"""Reads of the program: events, the dates they moved away from, and the weeks without."""

from collections.abc import Sequence
from datetime import datetime

from scheduler.domain import occurrences
from scheduler.domain.events import Series
from scheduler.domain.interval import Interval
from scheduler.domain.occurrences import RowlessUntil
from scheduler.domain.program import ProgramLine, line_order, program_lines
from scheduler.queries.around import stored_events_around
from scheduler.queries.loading import Reader


def program_between(
    reader: Reader, series: Sequence[Series], window: Interval, now: datetime
) -> list[ProgramLine]:
    """Return the program of these series in `window`, sorted: events, former dates, gaps."""
    stored = stored_events_around(reader, series, window)
    ahead = RowlessUntil(window.end, window.end)
    lines = [
        line
        for each in series
        for line in program_lines(
            each,
            occurrences.events_around(each, stored[each.id], window, now, ahead),
            window,
        )
    ]
    return sorted(lines, key=line_order)
