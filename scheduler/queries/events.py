"""Reads of events, with and without a row, in a fixed number of statements.

A `Connection` will do where a `Session` is asked for: the feeds read without one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter

from sqlalchemy import and_, or_, select

from core import zones
from scheduler.domain import identity, occurrences, walltime
from scheduler.domain.events import Event, EventStatus, Series
from scheduler.domain.interval import Interval
from scheduler.domain.occurrences import RowlessUntil
from scheduler.models import EventRow, SeriesRow
from scheduler.queries.around import stored_events_around
from scheduler.queries.loading import Condition, Reader, load_events, load_series

NEAR = timedelta(days=62)
FAR = timedelta(days=3660)


def events_between(
    reader: Reader,
    series: Sequence[Series],
    window: Interval,
    now: datetime,
    *,
    open_until: datetime,
    rowless_until: datetime,
) -> list[Event]:
    """Return the events of these series that meet `window`, sorted by start.

    Those without a row are given until `open_until` (talks and jams, from `now` on) and until
    `rowless_until` (other kinds, past ones too). The cost does not grow with a series' age.
    """
    stored_events = stored_events_around(reader, series, window)
    ahead = RowlessUntil(open_until, rowless_until)
    events = [
        event
        for each in series
        for event in occurrences.events(each, stored_events[each.id], window, now, ahead)
    ]
    return sorted(events, key=lambda event: (event.starts_at, event.uid))


def find_event(reader: Reader, series: Series, key: str, now: datetime) -> Event | None:
    """Return the event of that key, with or without a row, None if there is none."""
    own = and_(EventRow.series_id == series.id, EventRow.key == key)
    for stored in load_events(reader, own):
        return occurrences.event_from_row(series, stored, now)
    return occurrences.event_from_rule(series, key, now)


def find_event_by_id(reader: Reader, event_id: str, now: datetime) -> Event | None:
    """Return the event of that public id, None if there is none."""
    ref, key = identity.parts(event_id)
    for series in load_series(reader, SeriesRow.ref == ref):
        event = find_event(reader, series, key, now)
        return event if event is not None and event.id == event_id else None
    return None


def key_on(reader: Reader, series: Series, day: date) -> str | None:
    """Return the key of an event that takes place on `day` of the series' zone, though not its own.

    That is how the date to which an event was moved finds its page.
    """
    zone = zones.zone(series.zone)
    begins, ends = (walltime.midnight(each, zone) for each in (day, day + occurrences.DAY))
    return reader.execute(
        select(EventRow.key)
        .where(
            EventRow.series_id == series.id,
            EventRow.starts_at >= begins,
            EventRow.starts_at < ends,
        )
        .order_by(EventRow.starts_at)
        .limit(1)
    ).scalar()


def past_events(reader: Reader, series: Series, now: datetime) -> list[Event]:
    """Return the events with a row that are over, newest first; imprecise dates end their year."""
    over = and_(
        EventRow.series_id == series.id, or_(EventRow.ends_at <= now, EventRow.ends_at.is_(None))
    )
    return _newest_first(reader, series, over, now)


def undated_events(reader: Reader, series: Series, now: datetime) -> list[Event]:
    """Return the events of which no more than a month or year is known, newest first."""
    own = and_(EventRow.series_id == series.id, EventRow.starts_at.is_(None))
    return _newest_first(reader, series, own, now)


def _newest_first(
    reader: Reader, series: Series, condition: Condition, now: datetime
) -> list[Event]:
    stored = load_events(reader, condition)
    events = [occurrences.event_from_row(series, each, now) for each in stored]
    return sorted(events, key=_written_date, reverse=True)


def find_next_event(reader: Reader, series: Series, now: datetime) -> Event | None:
    """Return the event that is on or comes next, the cancelled left out; None if there is none."""
    return _coming(reader, series, now, now)


def last_numbered(reader: Reader, series: Series, now: datetime) -> Event | None:
    """Return the event with the highest number, the later one of two; None if none has one."""
    last = (
        select(EventRow.id)
        .where(EventRow.series_id == series.id, EventRow.number.is_not(None))
        .order_by(EventRow.number.desc(), EventRow.key.desc())
        .limit(1)
        .scalar_subquery()
    )
    for stored in load_events(reader, EventRow.id == last):
        return occurrences.event_from_row(series, stored, now)
    return None


def neighbors(
    reader: Reader, series: Series, span: Interval, now: datetime
) -> tuple[Event | None, Event | None]:
    """Return the events of the series before and after `span`, the cancelled left out."""
    before = Interval(span.start - NEAR, span.start)
    near = events_between(
        reader, [series], before, now, open_until=span.start, rowless_until=span.start
    )
    earlier = [
        each
        for each in [*_last_row_before(reader, series, span.start, now), *near]
        if each.starts_at and each.starts_at < span.start and _takes_place(each)
    ]
    following = _coming(reader, series, span.end, now)
    return max(earlier, key=attrgetter("starts_at"), default=None), following


def _coming(reader: Reader, series: Series, at: datetime, now: datetime) -> Event | None:
    """Return the first event that takes place and ends after `at`."""
    for span in (NEAR, FAR):
        window = Interval(at, at + span)
        near = events_between(
            reader, [series], window, now, open_until=window.end, rowless_until=window.end
        )
        standing = next((event for event in near if _takes_place(event)), None)
        if standing is not None:
            return standing
    return None


def _last_row_before(
    reader: Reader, series: Series, at: datetime, now: datetime
) -> Iterator[Event]:
    last = (
        select(EventRow.id)
        .where(
            EventRow.series_id == series.id,
            EventRow.status != EventStatus.CANCELLED,
            EventRow.starts_at < at,
        )
        .order_by(EventRow.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    for stored in load_events(reader, EventRow.id == last):
        yield occurrences.event_from_row(series, stored, now)


def _takes_place(event: Event) -> bool:
    return event.status is not EventStatus.CANCELLED


def _written_date(event: Event) -> tuple[str, str]:
    """Order events by date as text, so that "2021" and "2023-04" can be compared."""
    day = event.starts.date().isoformat() if event.starts else event.key
    return day, event.key
