"""Open starts: the one rule for the page, the API, submitting and moving."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from booking.domain.bookings import Booked
from booking.domain.hours import Hours, Window, monday, windows
from booking.domain.office_hours import Limits, OfficeHoursSchema
from scheduler.domain.interval import Interval

NO_LIMITS = Limits()

_Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_INSTANT = datetime.resolution
# An instant t lies only in windows of the dates from t's UTC date - 3 to t's UTC date + 1.
_DATES_BEFORE, _DATES_AFTER = timedelta(days=3), timedelta(days=1)
# Counting a week asks for bookings up to six dates away, and a date off by a zone.
_WEEK_AROUND = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Availability:
    """All that decides which starts of office hours are open at `now`.

    `bookings` are the host's, of all office hours, but not the one that is being moved. `busy` are
    other calendars' busy times and the series events of the host. Both may be in any order and
    need to hold only what overlaps `relevant_interval(...)`.
    """

    hours: Hours
    office_hours: OfficeHoursSchema
    now: datetime
    bookings: Sequence[Booked] = ()
    busy: Sequence[Interval] = ()
    host_limits: Limits = NO_LIMITS
    paused: bool = False

    @property
    def is_shut(self) -> bool:
        """Whether nothing can be booked, whatever the hours say."""
        return self.paused or self.office_hours.closed


@dataclass(frozen=True, slots=True)
class _Full:
    """The dates, and the Mondays of the weeks, on which a limit is reached."""

    days: set[date]
    weeks: set[date]

    def has(self, day: date) -> bool:
        """Whether no more bookings may start on `day`."""
        return day in self.days or monday(day) in self.weeks


@dataclass(frozen=True, slots=True)
class _HorizonDates:
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
    """Return the instants in `within` at which a booking of length `duration` may start, sorted.

    `duration` defaults to the first length. Whether a start is open never depends on the rest of
    `within`.
    """
    duration = duration or availability.office_hours.minutes[0]
    if availability.is_shut:
        return []
    dates = _dates(availability, duration)
    return [start for start, _ in _open(availability, within, duration, dates)]


def is_open(availability: Availability, start: datetime, duration: timedelta | None = None) -> bool:
    """Whether a booking of this length may start at `start`: `open_starts` for one instant."""
    return bool(open_starts(availability, Interval(start, start + _INSTANT), duration))


def nearest(starts: Iterable[datetime], wanted: datetime, count: int) -> list[datetime]:
    """Return the `count` starts nearest to `wanted`, sorted; of two as near the earlier."""
    return sorted(sorted(starts, key=lambda start: (abs(start - wanted), start))[:count])


def relevant_interval(
    office_hours: OfficeHoursSchema,
    host_limits: Limits,
    within: Interval,
    now: datetime,
    *,
    longest_buffer: timedelta = _DAY,
) -> Interval:
    """Return the time whose bookings and busy times can decide on starts in `within`.

    `longest_buffer` is that of all office hours of the host: other bookings reach so far.
    """
    start, end = within.start, within.end
    horizon = office_hours.horizon
    if horizon.free_dates is not None:  # every date before decides
        last = _utc_midnight(horizon.last_date(now.date()) + 3 * _DAY)
        start, end = min(start, now), max(end, last)
    buffers = (office_hours.buffer_before, office_hours.buffer_after, longest_buffer)
    reach = max(office_hours.minutes) + max(buffers)
    if office_hours.limits.is_set or host_limits.is_set:
        reach += _WEEK_AROUND
    return Interval(start - reach, end + reach)


def _dates(availability: Availability, duration: timedelta) -> _HorizonDates:
    """Return the dates that the horizon opens at `now`."""
    today = availability.hours.date_at(availability.now)
    horizon = availability.office_hours.horizon
    dates = _HorizonDates(horizon.first_date(today), horizon.last_date(today))
    if horizon.free_dates is None:
        return dates
    return _first_free(availability, duration, dates, horizon.free_dates)


def _first_free(
    availability: Availability, duration: timedelta, dates: _HorizonDates, count: int
) -> _HorizonDates:
    """Return the dates up to the `count`-th with a free start; all of them if there are fewer."""
    ahead = 14 * _DAY
    while True:
        near = _HorizonDates(dates.first, min(dates.first + ahead, dates.last))
        within = Interval(availability.now, _utc_midnight(near.last + 2 * _DAY))
        free = sorted({day for _, day in _open(availability, within, duration, near)})
        if len(free) >= count:
            return _HorizonDates(dates.first, free[count - 1])
        if near.last == dates.last:
            return dates
        ahead *= 4


def _open(
    availability: Availability, within: Interval, duration: timedelta, dates: _HorizonDates
) -> Iterator[tuple[datetime, date]]:
    """Yield each open start on `dates` with its host-local date, sorted by start."""
    office_hours = availability.office_hours
    start, end = dates.clip(within)
    start = max(start, availability.now + office_hours.notice)
    if start >= end:
        return
    around = _WEEK_AROUND if _limits(availability) else timedelta()
    opened = windows(
        availability.hours,
        start.date() - _DATES_BEFORE - around,
        (end + duration).date() + _DATES_AFTER + around,
    )
    full = _full(availability, opened)
    blocked = _blocked(availability, duration)
    step = office_hours.interval or duration
    for window, fits_until in zip(opened, _fitting(opened, duration), strict=True):
        first = _on_grid(window.grid_at, step, max(window.interval.start, start))
        stop = min(window.interval.end, fits_until + _INSTANT, end)
        for at in _unblocked(first, stop, step, blocked):
            day = window.date_of(at)
            if dates.first <= day <= dates.last and not full.has(day):
                yield at, day


def _fitting(opened: list[Window], duration: timedelta) -> list[datetime]:
    """Return for each window the last instant, itself included, at which `duration` still fits.

    Windows that touch are one for this.
    """
    fits: list[datetime] = []
    after: Window | None = None
    for window in reversed(opened):
        if after is not None and window.interval.end == after.interval.start:
            fits.append(fits[-1])
        else:
            fits.append(window.interval.end - duration)
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


def _blocked(availability: Availability, duration: timedelta) -> list[_Span]:
    """Return the open spans in which no booking of length `duration` may start, sorted.

    Both ends of a span are free: bookings may touch.
    """
    before, after = availability.office_hours.buffer_before, availability.office_hours.buffer_after
    spans = [
        (
            booked.interval.start - max(after, booked.buffer_before) - duration,
            booked.interval.end + max(before, booked.buffer_after),
        )
        for booked in availability.bookings
        if booked.blocks
    ]
    spans += [(busy.start - after - duration, busy.end + before) for busy in availability.busy]
    spans.sort()
    merged: list[_Span] = []
    for start, end in spans:
        if not merged or merged[-1][1] <= start:
            merged.append((start, end))
        elif merged[-1][1] < end:
            merged[-1] = (merged[-1][0], end)
    return merged


def _full(availability: Availability, opened: list[Window]) -> _Full:
    """Return the dates and weeks that have no room left under any limit."""
    days: set[date] = set()
    weeks: set[date] = set()
    limits = _limits(availability)
    if not limits:
        return _Full(days, weeks)
    starts = [window.interval.start for window in opened]
    dated = [
        (booked, _counted_on(availability.hours, opened, starts, booked.interval.start))
        for booked in availability.bookings
        if booked.counts
    ]
    for limit, slug in limits:
        on = [day for booked, day in dated if slug is None or booked.office_hours == slug]
        if limit.per_day is not None:
            days |= _reached(on, limit.per_day)
        if limit.per_week is not None:
            weeks |= _reached([monday(day) for day in on], limit.per_week)
    return _Full(days, weeks)


def _limits(availability: Availability) -> list[tuple[Limits, str | None]]:
    """Return the limits that are set, each with the office hours it is for (None: all)."""
    both = (
        (availability.office_hours.limits, availability.office_hours.slug),
        (availability.host_limits, None),
    )
    return [(limits, slug) for limits, slug in both if limits.is_set]


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
