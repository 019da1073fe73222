"""The content of calendar feeds: which events, how many at most, and their bytes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from scheduler import calendar_entries, ical
from scheduler.domain.events import Event, EventStatus, Series
from scheduler.domain.interval import Interval
from scheduler.ical import CalendarEvent
from scheduler.queries.events import events_between
from scheduler.queries.loading import Reader

PAST = timedelta(days=90)
CANCELLED_FOR = timedelta(days=30)
OPEN_SLOTS = timedelta(weeks=26)
WITHOUT_ROW = timedelta(days=366)
WITH_ROW = timedelta(days=731)
MOST_EVENTS = 1000
MOST_BYTES = 1_000_000
HEAD_BYTES = 10_000  # more than the lines around the events ever take
ALARM_BYTES = 120
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


class Cancelled(StrEnum):
    """How cancelled events are shown: as such, not at all, or as events that say so."""

    KEEP = "keep"
    HIDE = "hide"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """Options that a subscriber sets in the address of the feed."""

    past: bool = False
    cancelled: Cancelled = Cancelled.KEEP
    alarm: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FeedHeader:
    """Name, description and address of a feed."""

    name: str
    description: str
    url: str


def day_of(now: datetime) -> datetime:
    """Return the start of the UTC day: a feed changes with its rows and with the day alone."""
    return datetime.combine(now.astimezone(UTC).date(), time.min, UTC)


def calendar(
    reader: Reader,
    head: FeedHeader,
    series: Sequence[Series],
    now: datetime,
    choices: FeedOptions,
    base_url: str,
) -> bytes:
    """Return the feed of these series as it is on the day of `now`.

    At most MOST_EVENTS and MOST_BYTES: those nearest to now are kept.
    """
    day = day_of(now)
    events = events_between(
        reader,
        series,
        Interval(BEGINNING if choices.past else day - PAST, day + WITH_ROW),
        day,
        open_until=day + OPEN_SLOTS,
        rowless_until=day + WITHOUT_ROW,
    )
    shown = _nearest([event for event in events if _shown(event, day, choices)], day)
    mark = choices.cancelled is Cancelled.MARK
    rows = [
        (each, calendar_entries.calendar_entry(each, base_url, mark_cancelled=mark))
        for each in shown
    ]
    kept = [row for _, row in sorted(_fitting(rows, choices), key=_start)]
    return ical.feed(head.name, head.description, head.url, kept, choices.alarm)


def single(event: Event, base_url: str) -> bytes | None:
    """Return the calendar of one event to download, None where its date is not known."""
    entry = calendar_entries.calendar_entry(event, base_url)
    return ical.single(entry) if entry else None


def _shown(event: Event, day: datetime, choices: FeedOptions) -> bool:
    if event.status is not EventStatus.CANCELLED:
        return True
    if choices.cancelled is Cancelled.HIDE or event.ends_at is None:
        return False
    return choices.past or event.ends_at >= day - CANCELLED_FOR


def _nearest(events: list[Event], day: datetime) -> list[Event]:
    """Return the events by their distance from `day`, MOST_EVENTS at most."""

    def distance(event: Event) -> tuple[timedelta, str]:
        return abs((event.starts_at or day) - day), event.uid

    return sorted(events, key=distance)[:MOST_EVENTS]


def _fitting(
    rows: Iterable[tuple[Event, CalendarEvent | None]], choices: FeedOptions
) -> Iterator[tuple[Event, CalendarEvent]]:
    left = MOST_BYTES - HEAD_BYTES
    for event, row in rows:
        if row is None:
            continue
        left -= len(ical.vevent(row)) + (ALARM_BYTES if choices.alarm else 0)
        if left < 0:
            return
        yield event, row


def _start(kept: tuple[Event, CalendarEvent]) -> tuple[datetime, str]:
    event, _ = kept
    return event.starts_at or event.changed_at, event.uid
