"""A programme: events in their order, the dates they moved away from, and the weeks without."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, zip_longest

from core import zones
from core.time_format import MONTHS, HourClock
from scheduler.domain import occurring, recurrence, rule_words, walltime
from scheduler.domain.events import Event, EventStatus, Gap, Series, SeriesStatus
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Timetable


@dataclass(frozen=True, slots=True)
class Line:
    """One line: an event where it is, an event where it was (`left`), or a gap. `at` is UTC."""

    series: Series
    at: datetime
    event: Event | None = None
    gap: Gap | None = None
    left: bool = False

    @property
    def state(self) -> str:
        """The one word by which pages tell lines apart."""
        if self.gap is not None:
            return "gap"
        if self.left:
            return "moved"
        return str(self.event.status) if self.event else ""

    @property
    def previous(self) -> datetime | None:
        """The start of the rule's occurrence before, to say where an hour shifts for a reader."""
        return occurring.previous_start(self.event) if self.event else None


def lines(series: Series, events: Iterable[Event], window: Interval) -> list[Line]:
    """Return the lines of `series` in `window`, sorted.

    `events` are those that meet the window and those that were moved out of it.
    """
    known = list(events)
    found = [
        Line(series, event.starts_at, event)
        for event in known
        if event.starts_at is not None and occurring.meets(event, window)
    ]
    found += [
        Line(series, event.moved_from, event, left=True)
        for event in known
        if event.moved_from is not None
        and window.start <= event.moved_from < window.end
        and _other_day(event)
    ]
    found += _gaps(series, {event.date for event in known}, window)
    return sorted(found, key=order)


def order(line: Line) -> tuple[datetime, str, str]:
    """Return what puts lines in their order: by instant, then always the same way."""
    return line.at, line.series.slug, line.event.key if line.event else ""


def featured(found: Sequence[Line]) -> Line | None:
    """Return the line to show large: the first thing that takes place, None if all is open."""
    standing = (EventStatus.SCHEDULED, EventStatus.TENTATIVE)
    events = (line for line in found if line.event and not line.left)
    return next((line for line in events if line.state in standing), None)


def apart(found: Iterable[Line], until: datetime) -> tuple[list[Line], list[Event]]:
    """Return the lines to show one by one, and the open slots from `until` on, to be listed."""
    shown, free = [], []
    for line in found:
        if line.event is not None and line.state == EventStatus.OPEN and line.at >= until:
            free.append(line.event)
        else:
            shown.append(line)
    return shown, free


def by_year(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    """Return the events, sorted already, by the year of their date."""
    return [(year, list(group)) for year, group in groupby(events, key=_year)]


def rhythms(timetable: Timetable, today: date, clock: HourClock = HourClock.H24) -> list[str]:
    """Return in words the periods of the timetable that hold today or will."""
    periods = sorted(timetable.periods, key=lambda period: period.starts.date())
    said = []
    for period, successor in zip_longest(periods, periods[1:]):
        over = successor is not None and successor.starts.date() <= today
        over = over or (period.until is not None and period.until < today)
        if not over and (period.rule or period.starts.date() >= today):
            begins = period.starts.date()
            later = f"from {begins.day} {MONTHS[begins.month - 1]} {begins.year}: "
            words = rule_words.in_words(period, timetable.zone, clock)
            said.append(later + words if period.rule and begins > today else words)
    return said


def _gaps(series: Series, dates: set[date | None], window: Interval) -> Iterator[Line]:
    if not series.gaps or series.status is not SeriesStatus.ACTIVE:
        return
    zone = zones.zone(series.zone)
    reasons = {gap.date: gap for gap in series.gaps}
    for slot in recurrence.occurrences(series.timetable, *occurring.dates(window, zone)):
        at = walltime.instant(slot.starts, zone)
        gap = reasons.get(slot.date)
        if gap and slot.date not in dates and window.start <= at < window.end:
            yield Line(series, at, gap=gap)


def _other_day(event: Event) -> bool:
    return event.starts is not None and event.starts.date() != event.date


def _year(event: Event) -> str:
    return f"{event.starts.year}" if event.starts else event.key[:4]
