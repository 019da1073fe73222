"""When an event is: what its row says, what it leaves to the rule, and the instants of both."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from core import zones
from scheduler.domain import recurrence, walltime
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Slot, Timetable

DEFAULT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class EventTime:
    """What a row says of its time; None is left to the rule.

    `date` is the rule's date (None for an extra event and for one of the archive), `starts` naive
    wall time in the series' zone, of which an all-day event uses the date alone.
    """

    date: date | None
    starts: datetime | None = None
    minutes: int | None = None
    all_day: bool = False
    days: int = 1


def rule_slot(timetable: Timetable, day: date | None) -> Slot | None:
    """Return what the rule gives on `day`, None where it gives nothing."""
    if day is None:
        return None
    return next(iter(recurrence.occurrences(timetable, day, day)), None)


def usual_start(timetable: Timetable, day: date) -> tuple[time, int] | None:
    """Return start and minutes of the period in force on `day` (the first one before any)."""
    periods = sorted(timetable.periods, key=lambda period: period.starts)
    begun = [period for period in periods if period.starts.date() <= day]
    period = next(iter([*reversed(begun), *periods]), None)
    return (period.starts.time(), period.minutes) if period else None


def normalized(place: EventTime, timetable: Timetable) -> EventTime:
    """Return the same place, leaving to the rule what the rule gives, and hours off all days."""
    if place.all_day:
        starts = place.starts and datetime.combine(place.starts.date(), time.min)
        alike = starts is not None and starts.date() == place.date
        return replace(place, starts=None if alike else starts, minutes=None)
    slot = rule_slot(timetable, place.date)
    return replace(
        place,
        starts=None if slot and place.starts == slot.starts else place.starts,
        minutes=None if slot and place.minutes == slot.minutes else place.minutes,
        days=1,
    )


def wall_start(place: EventTime, timetable: Timetable) -> datetime | None:
    """Return the naive wall start in the timetable's zone, None when it is not known."""
    if place.starts is not None:
        return place.starts
    if place.all_day and place.date is not None:
        return datetime.combine(place.date, time.min)
    slot = rule_slot(timetable, place.date)
    return slot.starts if slot else None


def interval(place: EventTime, timetable: Timetable) -> Interval | None:
    """Return when it is, half-open; None when the date is not known.

    Minutes are real elapsed time; an all-day event runs from local midnight to local midnight.
    """
    starts = wall_start(place, timetable)
    if starts is None:
        return None
    zone = zones.zone(timetable.zone)
    if place.all_day:
        first = walltime.midnight(starts.date(), zone)
        return Interval(first, walltime.midnight(starts.date() + timedelta(days=place.days), zone))
    at = walltime.instant(starts, zone)
    return Interval(at, at + timedelta(minutes=_minutes(place, starts, timetable)))


def after_timetable_change(
    place: EventTime, was: Interval | None, timetable: Timetable
) -> EventTime:
    """Return the place after a change of `timetable`, for an event that took place at `was`.

    An event whose date the rule still gives, or that has a start of its own, follows its wall
    time; one whose date the rule no longer gives keeps its instant as a start of its own.
    """
    lost = place.starts is None and not place.all_day and not rule_slot(timetable, place.date)
    if lost and was is not None:
        starts = walltime.wall(was.start, zones.zone(timetable.zone))
        minutes = place.minutes or int(was.duration.total_seconds() // 60)
        place = replace(place, starts=starts, minutes=minutes)
    return normalized(place, timetable)


def _minutes(place: EventTime, starts: datetime, timetable: Timetable) -> int:
    if place.minutes is not None:
        return place.minutes
    slot = rule_slot(timetable, place.date)
    if slot:
        return slot.minutes
    found = usual_start(timetable, starts.date())
    return found[1] if found else DEFAULT_MINUTES
