"""A host's hours in wall time (weekly, dates, time off, travel) and the windows they open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.domain.timeofday import TimeOfDay
from scheduler.domain.interval import Interval, merge, subtract
from scheduler.domain.walltime import instant, midnight, wall

_DAY = timedelta(days=1)
# A window ends at most two dates after its own and zones differ by up to 26 hours: on the other
# side of the widest journey a window still meets those of the three dates before.
_REACH = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Opening:
    """Open from `opens` to `closes` in wall time; where `closes` is not later, on the next date."""

    opens: TimeOfDay
    closes: TimeOfDay

    def __post_init__(self) -> None:
        if self.opens.is_end_of_day:
            raise ValueError("a window cannot open at 24:00; write 00:00 on the next date")


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """An opening on each of `days` (ISO weekdays, Monday is 1), every so many ISO weeks.

    With `since` it begins in the ISO week of that date, which is the first of those weeks.
    """

    days: tuple[int, ...]
    opens: TimeOfDay
    closes: TimeOfDay
    every: int = 1
    since: date | None = None

    def __post_init__(self) -> None:
        Opening(self.opens, self.closes)
        if not self.days or not all(1 <= day <= 7 for day in self.days):
            raise ValueError(f"weekdays are 1 (Monday) to 7 (Sunday), not {self.days}")
        if self.every < 1 or (self.every > 1 and self.since is None):
            raise ValueError("hours of every so many weeks need `every` >= 1 and `since`")

    def is_on(self, day: date) -> bool:
        """Whether this is open on `day`."""
        if day.isoweekday() not in self.days:
            return False
        if self.since is None:
            return True
        weeks = (monday(day) - monday(self.since)).days // 7
        return weeks >= 0 and weeks % self.every == 0


@dataclass(frozen=True, slots=True)
class DateHours:
    """The openings that replace the weekly ones on one date; none closes it."""

    date: date
    windows: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class TimeOff:
    """The dates from `first` to `last`, both included, on which the host is away."""

    first: date
    last: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Travel:
    """The dates from `first` to `last`, both included (None: it lasts), lived by another clock."""

    first: date
    last: date | None
    zone: ZoneInfo

    def covers(self, day: date) -> bool:
        """Whether `day` is one of the dates."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Hours:
    """All that says when a host is open. `dates` has each date once."""

    zone: ZoneInfo
    weekly: tuple[WeeklyHours, ...] = ()
    dates: tuple[DateHours, ...] = ()
    time_off: tuple[TimeOff, ...] = ()
    travel: tuple[Travel, ...] = ()

    def zone_on(self, day: date) -> ZoneInfo:
        """Return the zone of a host-local date; of several journeys the one begun last counts."""
        journeys = [each for each in self.travel if each.covers(day)]
        return max(journeys, key=lambda each: each.first).zone if journeys else self.zone

    def zone_at(self, at: datetime) -> ZoneInfo:
        """Return the zone the host lives by at an instant: a journey's while its dates last."""
        journeys = [each for each in self.travel if each.covers(wall(at, each.zone).date())]
        return max(journeys, key=lambda each: each.first).zone if journeys else self.zone

    def date_at(self, at: datetime) -> date:
        """Return the date the host lives at an instant."""
        return wall(at, self.zone_at(at)).date()


@dataclass(frozen=True, slots=True)
class Window:
    """Open time of one host-local date.

    `interval` is the part that no earlier date's window covers; `grid_at` is the instant from
    which starts are counted, where the window itself began.
    """

    day: date
    zone: ZoneInfo
    interval: Interval
    grid_at: datetime

    def date_of(self, start: datetime) -> date:
        """Return the host-local date of a start in this window."""
        return start.astimezone(self.zone).date()


def monday(day: date) -> date:
    """Return the Monday of the week that `day` is in."""
    return day - timedelta(days=day.weekday())


def windows(hours: Hours, first: date, last: date) -> list[Window]:
    """Return the windows of the host-local dates `first` to `last`, both included, by start.

    Windows of one date neither touch nor overlap. Where windows of two dates overlap the time
    belongs to the earlier date's, so no two share an instant; they may touch.
    """
    found: list[Window] = []
    whole: list[tuple[date, Interval]] = []
    latest = datetime.min.replace(tzinfo=UTC)
    for day, zone, interval in _resolved(hours, first - _REACH, last):
        parts = [interval]
        if interval.start < latest:
            parts = subtract(interval, [each for on, each in whole if on >= day - _REACH])
        if day >= first:
            found += [Window(day, zone, part, interval.start) for part in parts]
        whole.append((day, interval))
        latest = max(latest, interval.end)
    return sorted(found, key=lambda window: window.interval.start)


def _resolved(hours: Hours, first: date, last: date) -> Iterator[tuple[date, ZoneInfo, Interval]]:
    """Yield each date's merged open time, date by date, not yet parted between dates."""
    dates = {each.date: each.windows for each in hours.dates}
    away = [each for each in hours.time_off if each.first <= last + _DAY and first <= each.last]
    openings, off = _openings(hours, dates, first), _is_off(away, first)
    day = first
    while day <= last:
        after = day + _DAY
        openings_after, off_after = _openings(hours, dates, after), _is_off(away, after)
        if openings and not off:
            zone = hours.zone_on(day)
            cut_at = midnight(after, zone) if off_after or after in dates else None
            for interval in merge(_intervals(openings, day, zone, cut_at)):
                yield day, zone, interval
        day, openings, off = after, openings_after, off_after


def _openings(
    hours: Hours, dates: dict[date, tuple[Opening, ...]], day: date
) -> tuple[Opening, ...]:
    if day in dates:
        return dates[day]
    return tuple(Opening(each.opens, each.closes) for each in hours.weekly if each.is_on(day))


def _is_off(away: list[TimeOff], day: date) -> bool:
    return any(each.first <= day <= each.last for each in away)


def _intervals(
    openings: tuple[Opening, ...], day: date, zone: ZoneInfo, cut_at: datetime | None
) -> Iterator[Interval]:
    """Yield what each opening is in UTC: both passes of a repeated hour, cut where told."""
    for opening in openings:
        closes_on = day if opening.closes > opening.opens else day + _DAY
        start = instant(opening.opens.on(day), zone)
        end = instant(opening.closes.on(closes_on), zone, fold=1)
        if cut_at is not None:
            end = min(end, cut_at)
        if start < end:  # a gap can swallow a window
            yield Interval(start, end)
