"""A program: events in their order, the dates they moved away from, and the weeks without."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from core import time_format, zones
from core.time_format import HourClock
from scheduler.domain import occurrences, recurrence, rule_words, walltime
from scheduler.domain.events import Event, EventStatus, Gap, Series, SeriesStatus
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period, Timetable


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """One line: an event where it is, an event where it was (`left`), or a gap. `at` is UTC."""

    series: Series
    at: datetime
    event: Event | None = None
    gap: Gap | None = None
    is_former_date: bool = False

    @property
    def state(self) -> str:
        """The state of the line, one word, for pages."""
        if self.gap is not None:
            return "gap"
        if self.is_former_date:
            return "moved"
        return str(self.event.status) if self.event else ""

    @property
    def previous(self) -> datetime | None:
        """The start of the rule's occurrence before, to say where an hour shifts for a reader."""
        return occurrences.previous_start(self.event) if self.event else None


def program_lines(series: Series, events: Iterable[Event], window: Interval) -> list[ProgramLine]:
    """Return the lines of `series` in `window`, sorted.

    `events` are those that meet the window and those that were moved out of it.
    """
    events = list(events)
    lines = [
        ProgramLine(series, event.starts_at, event)
        for event in events
        if event.starts_at is not None and occurrences.meets(event, window)
    ]
    lines += [
        ProgramLine(series, event.moved_from, event, is_former_date=True)
        for event in events
        if event.moved_from is not None
        and window.start <= event.moved_from < window.end
        and event.is_on_another_day
    ]
    lines += _gaps(series, {event.date for event in events}, window)
    return sorted(lines, key=line_order)


def line_order(line: ProgramLine) -> tuple[datetime, str, str]:
    """Return what puts lines in their order: by instant, then always the same way."""
    return line.at, line.series.slug, line.event.key if line.event else ""


def featured(lines: Sequence[ProgramLine]) -> ProgramLine | None:
    """Return the line to show large: the first thing that takes place, None if all is open."""
    standing = (EventStatus.SCHEDULED, EventStatus.TENTATIVE)
    events = (line for line in lines if line.event and not line.is_former_date)
    return next((line for line in events if line.state in standing), None)


def split_open_slots(
    lines: Iterable[ProgramLine], until: datetime
) -> tuple[list[ProgramLine], list[Event]]:
    """Return the lines to show one by one, and the open slots from `until` on, to be listed."""
    shown, free = [], []
    for line in lines:
        if line.event is not None and line.state == EventStatus.OPEN and line.at >= until:
            free.append(line.event)
        else:
            shown.append(line)
    return shown, free


def by_year(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    """Return the events, sorted already, by the year of their date."""
    return [(year, list(group)) for year, group in groupby(events, key=_year)]


def rule_sentences(timetable: Timetable, today: date, clock: HourClock) -> list[str]:
    """Return in words the periods of the timetable that hold today or will.

    Those of several tracks that hold today are one phrase.
    """
    holding: list[Period] = []
    later: list[tuple[date, str]] = []
    for period, first, last in recurrence.reigns(timetable):
        if last < max(first, today) or not (period.rule or first >= today):
            continue
        if period.rule and first <= today:
            holding.append(period)
            continue
        words = rule_words.in_words(period, timetable.zone, clock)
        begins = f"from {time_format.date_long(first)}: " if period.rule else ""
        later.append((first, begins + words))
    said = [rule_words.together(holding, timetable.zone, clock)] if holding else []
    return said + [words for _, words in sorted(later)]


def _gaps(series: Series, dates: set[date | None], window: Interval) -> Iterator[ProgramLine]:
    if not series.gaps or series.status is not SeriesStatus.ACTIVE:
        return
    zone = zones.zone(series.zone)
    reasons = {gap.date: gap for gap in series.gaps}
    for slot in recurrence.occurrences(
        series.timetable, *occurrences.candidate_dates(window, zone)
    ):
        at = walltime.instant(slot.starts, zone)
        gap = reasons.get(slot.date)
        if gap and slot.date not in dates and window.start <= at < window.end:
            yield ProgramLine(series, at, gap=gap)


def _year(event: Event) -> str:
    return f"{event.starts.year}" if event.starts else event.key[:4]
