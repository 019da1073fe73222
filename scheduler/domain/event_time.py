"""The time of an event: from its row, else from the rule; as wall time and as instants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from core import zones
from scheduler.domain import recurrence, walltime
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period, Slot, Timetable

DEFAULT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class EventTime:
    """The time of an event as its row has it; None is left to the rule.

    `date` is the rule's date (None for an extra event and for one of the archive), `starts` naive
    wall time in the series' zone, of which an all-day event uses the date alone.
    """

    date: date | None
    starts: datetime | None = None
    minutes: int | None = None
    all_day: bool = False
    days: int = 1


def rule_slot(timetable: Timetable, day: date | None) -> Slot | None:
    """Return the slot of the rule on `day`, None if there is none."""
    if day is None:
        return None
    return next(iter(recurrence.occurrences(timetable, day, day)), None)


def usual_start(timetable: Timetable, day: date) -> time | None:
    """Return the usual time of day of an event on `day` that the rule does not give.

    None if there is no timetable, or if several hours come into question.
    """
    periods = _periods_on(timetable, day)
    if len({period.starts.time() for period in periods}) > 1:
        periods = [period for period in periods if day.weekday() in _weekdays(period)]
    times = {period.starts.time() for period in periods}
    return times.pop() if len(times) == 1 else None


def normalized(timing: EventTime, timetable: Timetable) -> EventTime:
    """Return the timing without what the rule gives, and an all-day one without hours."""
    if timing.all_day:
        starts = timing.starts and datetime.combine(timing.starts.date(), time.min)
        alike = starts is not None and starts.date() == timing.date
        return replace(timing, starts=None if alike else starts, minutes=None)
    slot = rule_slot(timetable, timing.date)
    return replace(
        timing,
        starts=None if slot and timing.starts == slot.starts else timing.starts,
        minutes=None if slot and timing.minutes == slot.minutes else timing.minutes,
        days=1,
    )


def wall_start(timing: EventTime, timetable: Timetable) -> datetime | None:
    """Return the naive wall start in the timetable's zone, None when it is not known."""
    if timing.starts is not None:
        return timing.starts
    if timing.all_day and timing.date is not None:
        return datetime.combine(timing.date, time.min)
    slot = rule_slot(timetable, timing.date)
    return slot.starts if slot else None


def interval(timing: EventTime, timetable: Timetable) -> Interval | None:
    """Return when it is, half-open; None when the date is not known.

    Minutes are real elapsed time; an all-day event runs from local midnight to local midnight.
    """
    starts = wall_start(timing, timetable)
    if starts is None:
        return None
    zone = zones.zone(timetable.zone)
    if timing.all_day:
        first = walltime.midnight(starts.date(), zone)
        return Interval(first, walltime.midnight(starts.date() + timedelta(days=timing.days), zone))
    at = walltime.instant(starts, zone)
    return Interval(at, at + timedelta(minutes=_minutes(timing, starts, timetable)))


def after_timetable_change(
    timing: EventTime, was: Interval | None, timetable: Timetable
) -> EventTime:
    """Return the timing after a change of `timetable`, for an event that took place at `was`.

    An event whose date the rule still gives, or that has a start of its own, follows its wall
    time; one whose date the rule no longer gives keeps its instant as a start of its own.
    """
    lost = timing.starts is None and not timing.all_day and not rule_slot(timetable, timing.date)
    if lost and was is not None:
        starts = walltime.wall(was.start, zones.zone(timetable.zone))
        minutes = timing.minutes or int(was.duration.total_seconds() // 60)
        timing = replace(timing, starts=starts, minutes=minutes)
    return normalized(timing, timetable)


def _minutes(timing: EventTime, starts: datetime, timetable: Timetable) -> int:
    if timing.minutes is not None:
        return timing.minutes
    slot = rule_slot(timetable, timing.date)
    if slot:
        return slot.minutes
    periods = _periods_on(timetable, starts.date())
    usual = next((each for each in periods if each.starts.time() == starts.time()), None)
    minutes = [each.minutes for each in ([usual] if usual else periods)]
    return minutes[0] if minutes else DEFAULT_MINUTES


def _periods_on(timetable: Timetable, day: date) -> Sequence[Period]:
    """Return the period of each track that holds on `day`, else the one that held last or will."""
    tracks = recurrence.tracks(timetable)
    holding = [period for track in tracks for period, first, last in track if first <= day <= last]
    return holding or [
        next((period for period, first, _ in reversed(track) if first <= day), track[0][0])
        for track in tracks
    ]


def _weekdays(period: Period) -> set[int]:
    """Return the weekdays (Monday is 0) of the period's rule, or that of its start."""
    start = period.starts.date()
    rule = recurrence.explicit(period.rule, start) if period.rule else None
    named = {weekday.day for weekday in rule.weekdays} if rule else set()
    return named or {start.weekday()}
