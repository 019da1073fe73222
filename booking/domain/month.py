"""Free starts as people look for them: by date in the guest's zone, month by month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from booking.domain.horizon import Horizon
from booking.domain.hours import monday
from scheduler.domain.interval import Interval

FARTHEST = timedelta(days=731)
"""How far ahead, or how long a range of dates, pages look for free starts."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayStarts:
    """A date of the guest's and the free starts on it, sorted."""

    date: date
    starts: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """A month as a table: weeks of seven from Monday, None for the dates of other months.

    `before` and `after` are the first dates of the months next to it, where one may turn to them.
    """

    first: date
    weeks: tuple[tuple[DayStarts | None, ...], ...]
    before: date | None = None
    after: date | None = None


def within(horizon: Horizon, now: datetime) -> Interval:
    """Return the time in which every open start lies, in any zone; at most two years."""
    last = horizon.last_date(now.date() + _DAY)
    start = max(now, _midnight(horizon.first_date(now.date()) - _DAY))
    end = min(_midnight(last + 2 * _DAY), start + FARTHEST)
    return Interval(start, max(end, start + _DAY))


def by_date(starts: Iterable[datetime], zone: ZoneInfo) -> list[DayStarts]:
    """Return the dates in `zone` on which one of the sorted `starts` lies, in order."""
    dated = groupby(starts, key=lambda at: at.astimezone(zone).date())
    return [DayStarts(day, tuple(found)) for day, found in dated]


def month_of(day: date) -> date:
    """Return the first date of the month that `day` is in."""
    return day.replace(day=1)


def month(first: date, days: Sequence[DayStarts], today: date) -> Month:
    """Return the month that begins on `first`, to be turned from today's to the last with a start.

    `days` are sorted. A month outside of that becomes the nearest one inside.
    """
    earliest = month_of(today)
    latest = max(earliest, month_of(days[-1].date)) if days else earliest
    first = min(max(month_of(first), earliest), latest)
    after = month_of(first + 31 * _DAY)
    return Month(
        first,
        _weeks(first, {day.date: day for day in days}),
        before=month_of(first - _DAY) if earliest < first else None,
        after=after if after <= latest else None,
    )


def _weeks(first: date, days: dict[date, DayStarts]) -> tuple[tuple[DayStarts | None, ...], ...]:
    weeks = []
    day = monday(first)
    while day < month_of(first + 31 * _DAY):
        week = [day + number * _DAY for number in range(7)]
        weeks.append(
            tuple(
                days.get(each, DayStarts(each)) if month_of(each) == first else None
                for each in week
            )
        )
        day += 7 * _DAY
    return tuple(weeks)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
