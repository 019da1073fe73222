"""A host's hours in wall time (weekly, dates, time off, travel) and the windows they open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator

from booking.domain.horizon import not_before_first
from booking.domain.timeofday import TimeOfDay
from core.fields import IsoDate, Schema, ShortText, ZoneName, unique_by
from core.zones import zone
from scheduler.domain.interval import Interval, merge, subtract
from scheduler.domain.walltime import instant, midnight, wall

Weekday = Annotated[int, Field(ge=1, le=7)]

_DAY = timedelta(days=1)
_INSTANT = timedelta.resolution
# A window ends at most two dates after its own and zones differ by up to 26 hours: on the other
# side of the longest trip a window can still meet those of the three dates before.
_REACH = timedelta(days=3)


class Opening(Schema):
    """Open from one time of day to another; a `to` that is not later lies on the next date."""

    opens: TimeOfDay = Field(alias="from")
    closes: TimeOfDay = Field(alias="to")

    @field_validator("opens")
    @classmethod
    def _before_the_end_of_the_day(cls, opens: TimeOfDay) -> TimeOfDay:
        if opens.is_end_of_day:
            raise ValueError("must be before 24:00: write 00:00 on the next date")
        return opens

    @property
    def is_overnight(self) -> bool:
        """Whether it runs over midnight, into the next day."""
        return self.closes <= self.opens and not self.closes.is_midnight


class WeeklyHours(Opening):
    """Open on ISO weekdays (Monday is 1), every so many ISO weeks.

    With `since` it begins in the ISO week of that date, which is the first of those weeks.
    """

    not_yet: ClassVar = frozenset(("nth",))

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    every: Annotated[int, Field(ge=1, le=52)] = 1
    since: IsoDate | None = Field(default=None, validate_default=True)

    @field_validator("since")
    @classmethod
    def _counted_from_a_week(cls, since: date | None, info: ValidationInfo) -> date | None:
        if since is None and info.data.get("every", 1) > 1:
            raise ValueError("must be a date in a week that is open, unless it is every week")
        return since

    @property
    def key(self) -> str:
        """All that it says, equal for equal hours."""
        days = ",".join(str(day) for day in sorted(set(self.days)))
        return f"{days} {self.opens} {self.closes} {self.every} {self.since or ''}".rstrip()

    def is_over(self, today: date) -> bool:
        """Whether it lies in the past: it goes on for ever."""
        return False

    def is_on(self, day: date) -> bool:
        """Whether this is open on `day`."""
        if day.isoweekday() not in self.days:
            return False
        if self.since is None:
            return True
        weeks = (monday(day) - monday(self.since)).days // 7
        return weeks >= 0 and weeks % self.every == 0


class DateHours(Schema):
    """The windows that replace a date's weekly hours; none closes it. The key is `date`."""

    date: IsoDate
    windows: tuple[Opening, ...] = Field(default=(), max_length=24)

    @property
    def key(self) -> str:
        """The date."""
        return self.date.isoformat()

    def is_over(self, today: IsoDate) -> bool:
        """Whether it lies in the past."""
        return self.date < today


class _Dates(Schema):
    """Dates from `first` to `last`, both included; without a last one they go on."""

    first: IsoDate = Field(alias="from")
    last: IsoDate | None = Field(default=None, alias="to")

    @field_validator("last")
    @classmethod
    def _not_before_first(cls, last: date | None, info: ValidationInfo) -> date | None:
        return None if last is None else not_before_first(last, info)

    @property
    def key(self) -> str:
        """The first date."""
        return self.first.isoformat()

    def is_over(self, today: date) -> bool:
        """Whether all dates lie in the past."""
        return self.last is not None and self.last < today

    def covers(self, day: date) -> bool:
        """Whether `day` is one of the dates."""
        return self.first <= day and (self.last is None or day <= self.last)


class TimeOff(_Dates):
    """Dates on which the host is away. The key is `from`."""

    last: IsoDate = Field(alias="to")
    reason: ShortText | None = None


class Travel(_Dates):
    """Dates on which the host lives in another zone; without `to` it lasts. The key is `from`."""

    zone: ZoneName


HoursLine = WeeklyHours | DateHours | TimeOff | Travel


class Hours(Schema):
    """All that says when a host is open."""

    zone: ZoneName
    travel: Annotated[tuple[Travel, ...], unique_by("first")] = Field(default=(), max_length=200)
    weekly: tuple[WeeklyHours, ...] = Field(default=(), max_length=100)
    dates: Annotated[tuple[DateHours, ...], unique_by("date")] = Field(default=(), max_length=1000)
    time_off: Annotated[tuple[TimeOff, ...], unique_by("first")] = Field(default=(), max_length=500)

    def zone_on(self, day: date) -> str:
        """Return the zone of a host-local date; of several trips the one that began last counts."""
        trips = [each for each in self.travel if each.covers(day)]
        return self._zone_of(trips)

    def zone_at(self, at: datetime) -> str:
        """Return the zone of the host at an instant: that of a trip on its dates."""
        trips = [each for each in self.travel if each.covers(wall(at, zone(each.zone)).date())]
        return self._zone_of(trips)

    def date_at(self, at: datetime) -> date:
        """Return the host-local date at an instant."""
        return wall(at, zone(self.zone_at(at))).date()

    def is_away_during(self, interval: Interval) -> bool:
        """Whether part of the interval lies on a date that is time off or closed all day."""
        first, last = self.date_at(interval.start), self.date_at(interval.end - _INSTANT)
        closed = [each.date for each in self.dates if not each.windows]
        return any(off.first <= last and first <= off.last for off in self.time_off) or any(
            first <= day <= last for day in closed
        )

    def _zone_of(self, trips: list[Travel]) -> str:
        return max(trips, key=lambda each: each.first).zone if trips else self.zone


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
    for day, here, interval in _resolved(hours, first - _REACH, last):
        parts = [interval]
        if interval.start < latest:
            parts = subtract(interval, [each for on, each in whole if on >= day - _REACH])
        if day >= first:
            found += [Window(day, here, part, interval.start) for part in parts]
        whole.append((day, interval))
        latest = max(latest, interval.end)
    return sorted(found, key=lambda window: window.interval.start)


def _resolved(hours: Hours, first: date, last: date) -> Iterator[tuple[date, ZoneInfo, Interval]]:
    """Yield each date's merged open time, date by date; windows of two dates may overlap."""
    dates = {each.date: each.windows for each in hours.dates}
    away = [each for each in hours.time_off if each.first <= last + _DAY and first <= each.last]
    openings, off = _openings(hours, dates, first), _is_off(away, first)
    day = first
    while day <= last:
        after = day + _DAY
        openings_after, off_after = _openings(hours, dates, after), _is_off(away, after)
        if openings and not off:
            here = zone(hours.zone_on(day))
            cut_at = midnight(after, here) if off_after or after in dates else None
            for interval in merge(_intervals(openings, day, here, cut_at)):
                yield day, here, interval
        day, openings, off = after, openings_after, off_after


def _openings(
    hours: Hours, dates: dict[date, tuple[Opening, ...]], day: date
) -> tuple[Opening, ...]:
    if day in dates:
        return dates[day]
    return tuple(each for each in hours.weekly if each.is_on(day))


def _is_off(away: list[TimeOff], day: date) -> bool:
    return any(each.covers(day) for each in away)


def _intervals(
    openings: tuple[Opening, ...], day: date, zone: ZoneInfo, cut_at: datetime | None
) -> Iterator[Interval]:
    """Yield what each opening is in UTC: both passes of a repeated hour, cut at `cut_at`."""
    for opening in openings:
        closes_on = day if opening.closes > opening.opens else day + _DAY
        start = instant(opening.opens.on(day), zone)
        end = instant(opening.closes.on(closes_on), zone, fold=1)
        if cut_at is not None:
            end = min(end, cut_at)
        if start < end:  # a gap can swallow a window
            yield Interval(start, end)
