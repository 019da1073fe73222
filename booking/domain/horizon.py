"""How far ahead an office hour may be booked, in host-local dates."""

from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS_AHEAD = 366
"""How far `AvailableDays` looks for dates with a free start."""

_MOST = 3660
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Today and the `count` dates after it."""

    count: int

    def __post_init__(self) -> None:
        _check(self.count, least=0)


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Today, the `count` weekdays after it, and the weekends between."""

    count: int

    def __post_init__(self) -> None:
        _check(self.count, least=0)


@dataclass(frozen=True, slots=True)
class DateRange:
    """The dates from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"a horizon must not end before it begins: {self.first}, {self.last}")
        if self.first.year < 1900 or self.last.year > 9000:
            raise ValueError("a horizon lies between the years 1900 and 9000")


@dataclass(frozen=True, slots=True)
class AvailableDays:
    """The first `count` dates, at most 366 days ahead, that have a free start."""

    count: int

    def __post_init__(self) -> None:
        _check(self.count, least=1)


Horizon = Days | BusinessDays | DateRange | AvailableDays


def last_weekday(today: date, count: int) -> date:
    """Return the date of the `count`-th weekday after `today`, or today for 0."""
    weeks, rest = divmod(count, 5)
    day = today
    if rest == 0 and weeks:
        weeks, rest = weeks - 1, 5
    while rest:
        day += _DAY
        rest -= day.weekday() < 5
    return day + timedelta(weeks=weeks)


def _check(count: int, *, least: int) -> None:
    if not least <= count <= _MOST:
        raise ValueError(f"a horizon is {least} to {_MOST} days, not {count}")
