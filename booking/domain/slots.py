"""Open starts: the one rule for the page, the API, submitting and moving."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from booking.domain.bookings import Booked
from booking.domain.horizon import (
    MOST_DAYS_AHEAD,
    AvailableDays,
    BusinessDays,
    DateRange,
    Days,
    Horizon,
    last_weekday,
)
from booking.domain.hours import Hours, Window, monday, windows
from scheduler.domain.interval import Interval

DEFAULT_HORIZON = Days(60)

_Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_INSTANT = datetime.resolution
# An instant t lies only in windows of the dates from t's UTC date - 3 to t's UTC date + 1.
_DATES_BEFORE, _DATES_AFTER = timedelta(days=3), timedelta(days=1)
# Counting a week asks for bookings up to six dates away, and a date off by a zone.
_WEEK_AROUND = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most bookings on one host-local date and in one week from Monday; None is no limit."""

    per_day: int | None = None
    per_week: int | None = None

    def __post_init__(self) -> None:
        if any(most is not None and most < 1 for most in (self.per_day, self.per_week)):
            raise ValueError("a limit is at least 1")


@dataclass(frozen=True, slots=True)
class StartRules:
    """The rules of one office hour. `lengths` are those on offer, the first is the default."""

    slug: str
    lengths: tuple[timedelta, ...]
    interval: timedelta | None = None
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    notice: timedelta = timedelta(days=1)
    horizon: Horizon = DEFAULT_HORIZON
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        positive = (*self.lengths, _DAY if self.interval is None else self.interval)
        if not self.lengths or min(positive) <= timedelta():
            raise ValueError("an office hour needs lengths and an interval above zero")
        if min(self.buffer_before, self.buffer_after, self.notice) < timedelta():
            raise ValueError("buffers and notice cannot be negative")


@dataclass(frozen=True, slots=True)
class Availability:
    """All that decides which starts of one office hour are open at `now`.

    `bookings` are the host's of every office hour, but for one that is being moved. `busy` are
    other calendars' busy times and the series events of the host. Both may be in any order and
    need hold only what overlaps `relevant(...)`.
    """

    hours: Hours
    rules: StartRules
    now: datetime
    bookings: Sequence[Booked] = ()
    busy: Sequence[Interval] = ()
    host_limits: Limits = Limits()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class _Full:
    """The dates, and the Mondays of the weeks, on which a limit is reached."""

    days: set[date]
    weeks: set[date]

    def has(self, day: date) -> bool:
        """Whether no more bookings may start on `day`."""
        return day in self.days or monday(day) in self.weeks


@dataclass(frozen=True, slots=True)
class _Dates:
    """The host-local dates from `first` to `last`, both included."""

    first: date
    last: date

    def clip(self, within: Interval) -> tuple[datetime, datetime]:
        """Return the start and end of `within` less what no zone has on these dates."""
        start, end = within.start, within.end
        if start.date() < self.first:
            start = max(start, _utc_midnight(self.first - _DAY))
        if self.last < end.date():
            end = min(end, _utc_midnight(self.last + 2 * _DAY))
        return start, end


def open_starts(
    availability: Availability, within: Interval, duration: timedelta | None = None
) -> list[datetime]:
    """Return the instants in `within` at which a booking of length `lasts` may start, sorted.

    `lasts` is the offer's first length if not given. A start depends on the situation alone,
    never on the rest of `within`.
    """
    duration = duration or availability.rules.lengths[0]
    if availability.paused:
        return []
    dates = _horizon(availability, duration)
    return [start for start, _ in _open(availability, within, duration, dates)]


def is_open(availability: Availability, start: datetime, duration: timedelta | None = None) -> bool:
    """Whether a booking of length `lasts` may start at `start`: `open_starts` for one instant."""
    return bool(open_starts(availability, Interval(start, start + _INSTANT), duration))


def nearest(starts: Iterable[datetime], wanted: datetime, count: int) -> list[datetime]:
    """Return the `count` starts nearest to `wanted`, sorted; of two as near the earlier."""
    return sorted(sorted(starts, key=lambda start: (abs(start - wanted), start))[:count])


def relevant_interval(
    rules: StartRules,
    host_limits: Limits,
    within: Interval,
    now: datetime,
    *,
    longest_buffer: timedelta = _DAY,
) -> Interval:
    """Return the time whose bookings and busy times can decide on starts in `within`.

    `longest_buffer` is that of all the host's office hours: other bookings reach so far.
    """
    start, end = within.start, within.end
    if isinstance(rules.horizon, AvailableDays):
        start, end = min(start, now), max(end, now + (MOST_DAYS_AHEAD + 2) * _DAY)
    reach = max(rules.lengths) + max(rules.buffer_before, rules.buffer_after, longest_buffer)
    if Limits() != rules.limits or Limits() != host_limits:
        reach += _WEEK_AROUND
    return Interval(start - reach, end + reach)


def _horizon(situation: Availability, lasts: timedelta) -> _Dates:
    """Return the dates that the offer's horizon opens at `now`."""
    today = situation.hours.date_at(situation.now)
    match situation.rules.horizon:
        case Days(count):
            return _Dates(today, today + count * _DAY)
        case BusinessDays(count):
            return _Dates(today, last_weekday(today, count))
        case DateRange(first, last):
            return _Dates(first, last)
        case AvailableDays(count):
            return _Dates(today, _last_available(situation, lasts, today, count))


def _last_available(situation: Availability, lasts: timedelta, today: date, count: int) -> date:
    """Return the `count`-th date from `today` with a free start, or the last one looked at."""
    ahead = 14
    while True:
        dates = _Dates(today, today + ahead * _DAY)
        within = Interval(situation.now, situation.now + (ahead + 2) * _DAY)
        available = sorted({day for _, day in _open(situation, within, lasts, dates)})
        if len(available) >= count:
            return available[count - 1]
        if ahead == MOST_DAYS_AHEAD:
            return dates.last
        ahead = min(ahead * 4, MOST_DAYS_AHEAD)


def _open(
    situation: Availability, within: Interval, lasts: timedelta, dates: _Dates
) -> Iterator[tuple[datetime, date]]:
    """Yield each open start on `dates` with its host-local date, sorted by start."""
    offer = situation.rules
    start, end = dates.clip(within)
    start = max(start, situation.now + offer.notice)
    if start >= end:
        return
    around = _WEEK_AROUND if _limits(situation) else timedelta()
    opened = windows(
        situation.hours,
        start.date() - _DATES_BEFORE - around,
        (end + lasts).date() + _DATES_AFTER + around,
    )
    full = _full(situation, opened)
    blocked = _blocked(situation, lasts)
    step = offer.interval or lasts
    for window, fits_until in zip(opened, _fitting(opened, lasts), strict=True):
        first = _on_grid(window.grid_at, step, max(window.interval.start, start))
        stop = min(window.interval.end, fits_until + _INSTANT, end)
        for at in _unblocked(first, stop, step, blocked):
            day = window.date_of(at)
            if dates.first <= day <= dates.last and not full.has(day):
                yield at, day


def _fitting(opened: list[Window], lasts: timedelta) -> list[datetime]:
    """Return for each window the last instant, itself included, at which `lasts` still fits.

    Windows that touch are one for this.
    """
    fits: list[datetime] = []
    after: Window | None = None
    for window in reversed(opened):
        if after is not None and window.interval.end == after.interval.start:
            fits.append(fits[-1])
        else:
            fits.append(window.interval.end - lasts)
        after = window
    return fits[::-1]


def _on_grid(grid_at: datetime, step: timedelta, at: datetime) -> datetime:
    """Return the first instant of the grid that is not before `at`."""
    return grid_at - (grid_at - at) // step * step


def _unblocked(
    first: datetime, stop: datetime, step: timedelta, blocked: list[_Span]
) -> Iterator[datetime]:
    """Yield `first`, `first + step`, ... before `stop` that are inside none of `blocked`."""
    at = first
    index = bisect_right(blocked, at, key=_end)
    while at < stop:
        while index < len(blocked) and blocked[index][1] <= at:
            index += 1
        if index < len(blocked) and blocked[index][0] < at:
            at = _on_grid(at, step, blocked[index][1])
        else:
            yield at
            at += step


def _blocked(situation: Availability, lasts: timedelta) -> list[_Span]:
    """Return the open spans in which no booking of length `lasts` may start, sorted.

    Both ends of a span are free: bookings may touch.
    """
    before, after = situation.rules.buffer_before, situation.rules.buffer_after
    spans = [
        (
            booked.interval.start - max(after, booked.buffer_before) - lasts,
            booked.interval.end + max(before, booked.buffer_after),
        )
        for booked in situation.bookings
        if booked.blocks
    ]
    spans += [(busy.start - after - lasts, busy.end + before) for busy in situation.busy]
    spans.sort()
    merged: list[_Span] = []
    for start, end in spans:
        if not merged or merged[-1][1] <= start:
            merged.append((start, end))
        elif merged[-1][1] < end:
            merged[-1] = (merged[-1][0], end)
    return merged


def _full(situation: Availability, opened: list[Window]) -> _Full:
    """Return the dates and weeks that have no room left under any limit."""
    days: set[date] = set()
    weeks: set[date] = set()
    limits = _limits(situation)
    if not limits:
        return _Full(days, weeks)
    starts = [window.interval.start for window in opened]
    dated = [
        (booked, _counted_on(situation.hours, opened, starts, booked.interval.start))
        for booked in situation.bookings
        if booked.counts
    ]
    for limit, slug in limits:
        on = [day for booked, day in dated if slug is None or booked.office_hours == slug]
        if limit.per_day is not None:
            days |= _reached(on, limit.per_day)
        if limit.per_week is not None:
            weeks |= _reached([monday(day) for day in on], limit.per_week)
    return _Full(days, weeks)


def _limits(situation: Availability) -> list[tuple[Limits, str | None]]:
    """Return the limits that say something, each with the office hour it is for (None: all)."""
    both = ((situation.rules.limits, situation.rules.slug), (situation.host_limits, None))
    return [(limits, slug) for limits, slug in both if limits != Limits()]


def _reached(on: Iterable[date], most: int) -> set[date]:
    return {day for day, count in Counter(on).items() if count >= most}


def _counted_on(hours: Hours, opened: list[Window], starts: list[datetime], at: datetime) -> date:
    """Return the host-local date a booking at `at` counts on: its window's, else the host's."""
    index = bisect_right(starts, at) - 1
    if index >= 0 and at < opened[index].interval.end:
        return opened[index].date_of(at)
    return hours.date_at(at)


def _utc_midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _end(span: _Span) -> datetime:
    return span[1]
