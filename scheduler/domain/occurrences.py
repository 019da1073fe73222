"""A series, its rows and a window -> the events in it, with and without a row of their own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core import zones
from scheduler.domain import identity, recurrence, walltime
from scheduler.domain.event_details import NO_DETAILS, EventDetails
from scheduler.domain.event_time import EventTime
from scheduler.domain.events import Event, EventStatus, Series, SeriesStatus
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Slot
from scheduler.domain.talks import Talk

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
STATUSES = {str(status): status for status in EventStatus}
LONGEST = timedelta(days=7)  # no occurrence of a rule lasts longer


class StoredEvent(NamedTuple):
    """The row of an event; see `scheduler.models.EventRow` for each field.

    A tuple, for a feed makes a thousand of them in the milliseconds it has.
    """

    row_id: int
    series_id: int
    key: str
    uid: str
    date: date | None
    starts: datetime | None
    minutes: int | None
    all_day: bool
    days: int
    starts_at: datetime | None
    ends_at: datetime | None
    number: int | None
    status: str
    reason: str | None
    sequence: int
    revised_at: datetime
    details: EventDetails = NO_DETAILS
    talks: tuple[Talk, ...] = ()

    @property
    def timing(self) -> EventTime:
        """The time of the event as the row has it."""
        return EventTime(self.date, self.starts, self.minutes, self.all_day, self.days)

    @property
    def written_date(self) -> str | None:
        """The rule's date, or the known part of a date; None for an extra event."""
        if self.date is not None:
            return self.date.isoformat()
        return self.key if len(self.key) < len("2020-06-12") else None

    @property
    def written_start(self) -> str | None:
        """The wall start as files and the API write it: a date for an all-day event."""
        return (
            f"{self.starts:{'%Y-%m-%d' if self.all_day else '%Y-%m-%dT%H:%M'}}"
            if self.starts
            else None
        )


@dataclass(frozen=True, slots=True)
class RowlessUntil:
    """The ends of events without a row: of open slots, and of those of other kinds."""

    open_until: datetime
    rowless_until: datetime

    def of(self, series: Series) -> datetime:
        """Return the end for the events of `series`."""
        return self.open_until if series.kind.has_open_slots else self.rowless_until


def candidate_dates(window: Interval, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last rule date in `zone` whose occurrence may meet `window`."""
    first = walltime.wall(window.start - LONGEST, zone).date() - DAY
    return first, walltime.wall(window.end, zone).date() + DAY


def events(
    series: Series,
    stored_events: Iterable[StoredEvent],
    window: Interval,
    now: datetime,
    ahead: RowlessUntil,
) -> list[Event]:
    """Return the events of `series` that meet `window`, sorted by start.

    `stored_events` are its rows that meet the window, and those whose key is one of its candidate
    dates, wherever they were moved to: they replace what the rule gives there.
    """
    around = events_around(series, stored_events, window, now, ahead)
    return sorted((event for event in around if meets(event, window)), key=_order)


def events_around(
    series: Series,
    stored_events: Iterable[StoredEvent],
    window: Interval,
    now: datetime,
    ahead: RowlessUntil,
) -> list[Event]:
    """Return the events that meet `window` or were moved out of it, and others near its edges.

    For the arguments see `events`; the result is not sorted.
    """
    zone = zones.zone(series.zone)
    stored_events = list(stored_events)
    slots = {
        slot.date: slot
        for slot in recurrence.occurrences(series.timetable, *candidate_dates(window, zone))
    }
    taken = {stored.key for stored in stored_events}
    around = [event_from_row(series, stored, now, slots) for stored in stored_events]
    around += _rowless(series, slots.values(), taken, now, ahead.of(series))
    return around


def event_from_row(
    series: Series, stored: StoredEvent, now: datetime, slots: Mapping[date, Slot] | None = None
) -> Event:
    """Return the event of a row. `slots` are those of the rule, if the caller has them."""
    zone = zones.zone(series.zone)
    starts_at, ends_at = stored.starts_at, stored.ends_at
    starts, minutes = stored.starts, stored.minutes
    if starts is None and starts_at is not None:
        starts = walltime.wall(starts_at, zone)
    if minutes is None:
        minutes = (ends_at - starts_at) // MINUTE if starts_at and ends_at else 0
    return Event(
        series=series,
        key=stored.key,
        uid=stored.uid,
        date=stored.date,
        starts=starts,
        starts_at=starts_at,
        ends_at=ends_at,
        minutes=minutes,
        all_day=stored.all_day,
        days=stored.days,
        number=stored.number,
        status=_status(series, stored, now),
        reason=stored.reason,
        moved_from=_moved_from(series, stored, zone, slots or {}),
        talks=stored.talks,
        sequence=series.revision + stored.sequence,
        changed_at=max(series.revised_at, stored.revised_at),
        row_id=stored.row_id,
        details=stored.details,
    )


def event_from_rule(series: Series, key: str, now: datetime) -> Event | None:
    """Return the event without a row whose key is `key`, None if the rule has none."""
    try:
        day = date.fromisoformat(key)
    except ValueError:
        return None
    if key != day.isoformat():
        return None
    slots = recurrence.occurrences(series.timetable, day, day)
    until = datetime.max.replace(tzinfo=UTC)
    return next(_rowless(series, slots, set(), now, until), None)


def previous_start(event: Event) -> datetime | None:
    """Return when the occurrence before that of `event` in its track starts, within five weeks.

    None for an event that is not where the rule put it: clock changes do not explain its hour.
    """
    if event.date is None or event.moved_from is not None or event.all_day:
        return None
    series = event.series
    slots = recurrence.occurrences(series.timetable, event.date - timedelta(days=35), event.date)
    tracks = {slot.track for slot in slots if slot.date == event.date}
    before = [
        slot for slot in slots if slot.date < event.date and (not tracks or slot.track in tracks)
    ]
    return walltime.instant(before[-1].starts, zones.zone(series.zone)) if before else None


def _rowless(
    series: Series, slots: Iterable[Slot], taken: set[str], now: datetime, until: datetime
) -> Iterator[Event]:
    if series.status is not SeriesStatus.ACTIVE:
        return
    zone = zones.zone(series.zone)
    gaps = {gap.date for gap in series.gaps}
    opens = series.kind.has_open_slots
    for slot in slots:
        key = slot.date.isoformat()
        if slot.date in gaps or key in taken:
            continue
        starts_at = walltime.instant(slot.starts, zone)
        if starts_at >= until or (opens and starts_at <= now):
            continue
        yield Event(
            series=series,
            key=key,
            uid=identity.event_uid(series.uid, key),
            date=slot.date,
            starts=slot.starts,
            starts_at=starts_at,
            ends_at=starts_at + slot.minutes * MINUTE,
            minutes=slot.minutes,
            all_day=False,
            days=1,
            number=None,
            status=EventStatus.OPEN if opens else EventStatus.SCHEDULED,
            reason=None,
            moved_from=None,
            talks=(),
            sequence=series.revision,
            changed_at=series.revised_at,
            row_id=None,
        )


def _status(series: Series, stored: StoredEvent, now: datetime) -> EventStatus:
    status = STATUSES[stored.status]
    if stored.talks or stored.number is not None or status is not EventStatus.SCHEDULED:
        return status
    begun = stored.starts_at is None or stored.starts_at <= now
    return status if begun or not series.kind.has_open_slots else EventStatus.OPEN


def _moved_from(
    series: Series, stored: StoredEvent, zone: ZoneInfo, slots: Mapping[date, Slot]
) -> datetime | None:
    if stored.date is None or stored.starts is None or stored.starts_at is None:
        return None
    slot = slots.get(stored.date)
    if slot is None:
        that_day = recurrence.occurrences(series.timetable, stored.date, stored.date)
        if not that_day:
            return None
        slot = that_day[0]
    rule_start = slot.starts.date() if stored.all_day else slot.starts
    starts = stored.starts.date() if stored.all_day else stored.starts
    return None if starts == rule_start else walltime.instant(slot.starts, zone)


def meets(event: Event, window: Interval) -> bool:
    """Whether any of the event lies in `window`."""
    if event.starts_at is None or event.ends_at is None:
        return False
    return event.starts_at < window.end and window.start < event.ends_at


def _order(event: Event) -> tuple[datetime, str]:
    return event.starts_at or event.changed_at, event.uid
