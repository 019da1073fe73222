"""The slot picker: month, day and start, in the guest's zone with the host's time beside."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from booking.domain import hours_words, no_starts, slots
from booking.domain import month as months
from booking.domain.bookings import Booking
from booking.domain.hosts import Host
from booking.domain.minutes import in_minutes
from booking.domain.month import DayStarts, Month
from booking.domain.no_starts import NoStarts
from booking.domain.office_hours import OfficeHours
from booking.queries import availability
from booking.web.public.forms import SlotQuery
from core import time_format, zones
from core.time_format import HourClock
from core.words import counted

NEXT_DAYS = 3
ALTERNATIVES = 5
MOST_LISTED = 500
"""How many starts the plain list has at most; the months show all."""


@dataclass(frozen=True, slots=True)
class StartOption:
    """A start to choose; `at_host` is the host's time, "" where it is the same as the guest's."""

    at: datetime
    at_host: str


@dataclass(frozen=True, slots=True)
class DayOptions:
    """A date in the guest's zone with its starts."""

    date: date
    starts: tuple[StartOption, ...]

    @property
    def title(self) -> str:
        """The date without its year: "Saturday 28 November"."""
        return hours_words.long_date(self.date)


@dataclass(frozen=True, slots=True)
class SlotPicker:
    """What the page shows.

    `at` is an instant of the day shown, for its offset. `chosen` is the requested start if it is
    free; otherwise `is_gone` is true and `nearest` has the nearest free starts. `none_because`
    says why nothing is free.
    """

    zone: str
    host_zone: str
    at: datetime
    today: date
    duration: timedelta
    lengths: tuple[int, ...]
    month: Month
    day: DayOptions | None
    next_days: tuple[DayOptions, ...]
    listed: tuple[DayOptions, ...]
    chosen: StartOption | None
    is_gone: bool
    nearest: tuple[StartOption, ...]
    none_because: NoStarts | None
    is_begun: bool
    clock: HourClock

    @property
    def minutes(self) -> int:
        """The length of the booking."""
        return in_minutes(self.duration)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The hidden inputs of every form of the slot picker."""
        return [("zone", self.zone), ("minutes", str(self.minutes))]

    @property
    def hidden_beside_zone(self) -> list[tuple[str, str]]:
        """The hidden inputs beside the choice of another zone."""
        shown = [("month", self.shown_month)] if self.is_begun else []
        return [("minutes", str(self.minutes)), *shown]

    @property
    def shown_month(self) -> str:
        """The month shown, as addresses write it."""
        return _address(self.month.first)

    @property
    def month_title(self) -> str:
        """The month shown: "November 2026"."""
        return time_format.part_date(self.shown_month)

    @property
    def before(self) -> str:
        """The month before, as addresses write it; "" at the first one."""
        return _address(self.month.before)

    @property
    def before_title(self) -> str:
        """The month before in words."""
        return time_format.part_date(self.before)

    @property
    def after(self) -> str:
        """The month after, as addresses write it; "" at the last one."""
        return _address(self.month.after)

    @property
    def after_title(self) -> str:
        """The month after in words."""
        return time_format.part_date(self.after)

    @property
    def announcement(self) -> str:
        """What a screen reader says after a choice."""
        if self.chosen is not None:
            chosen = time_format.moment(self.chosen.at, self.zone, self.clock)
            return f"{chosen}: please fill in the form"
        if self.day is None:
            return "Nothing is free"
        starts = counted(len(self.day.starts), "start")
        return f"{starts} on {time_format.day_long(self.day.date)}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """Starts as the page shows them: in `zone`, with the host's time beside."""

    host: Host
    zone: str
    clock: HourClock

    def first_days(self, days: list[DayStarts]) -> tuple[DayOptions, ...]:
        """Return the first days, as many as the plain list has room for."""
        listed, count = [], 0
        for day in days:
            count += len(day.starts)
            if count > MOST_LISTED:
                break
            listed.append(self.day(day))
        return tuple(listed)

    def day(self, day: DayStarts) -> DayOptions:
        """Return a date with its starts."""
        return DayOptions(day.date, tuple(self.start(at) for at in day.starts))

    def start(self, at: datetime) -> StartOption:
        """Return a start with the host's time and place, and the weekday if that differs too."""
        there = self.host.zone_at(at)
        clock = time_format.clock(at, there, self.clock)
        day = time_format.weekday_short(at, there)
        if day != time_format.weekday_short(at, self.zone):
            return StartOption(at, f"{day} {clock} {zones.city(there)}")
        same = clock == time_format.clock(at, self.zone, self.clock)
        return StartOption(at, "" if same else f"{clock} {zones.city(there)}")


def pick_slots(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    query: SlotQuery,
    now: datetime,
    *,
    zone: str,
    clock: HourClock,
    moving: Booking | None = None,
) -> SlotPicker:
    """Return what is free at `now`, as `query` asks for it; without a zone there, in `zone`.

    The booking that is being moved does not block its own time and keeps its length.
    """
    duration = moving.duration if moving else _length(office_hours, query.duration)
    lengths = (duration,) if moving else office_hours.minutes
    within = months.within(office_hours.horizon, now)
    found = availability.for_one(session, host, office_hours, within, now, moving)
    free = [
        at
        for at in slots.open_starts(found, within, duration)
        if moving is None or at != moving.starts_at
    ]
    shown = _Shown(host, query.zone or zone, clock)
    days = months.by_date(free, zones.zone(shown.zone))
    today = now.astimezone(zones.zone(shown.zone)).date()
    table = months.month(_first(query, days, today), days, today)
    day = _day(query, days, table)
    asked = query.starts_at
    is_free = asked is not None and asked in free
    near = slots.nearest(free, asked or now, ALTERNATIVES)
    return SlotPicker(
        zone=shown.zone,
        host_zone=host.zone_at(asked or now),
        at=asked or (day.starts[0] if day and day.starts else now),
        today=today,
        duration=duration,
        lengths=tuple(in_minutes(each) for each in lengths),
        month=table,
        day=None if day is None else shown.day(day),
        next_days=tuple(shown.day(each) for each in days[:NEXT_DAYS]),
        listed=shown.first_days(days),
        chosen=shown.start(asked) if asked and is_free else None,
        is_gone=asked is not None and not is_free,
        nearest=() if is_free else tuple(shown.start(at) for at in near),
        none_because=None if free else no_starts.reason(found, within, duration),
        is_begun=query.is_begun,
        clock=clock,
    )


def _length(office_hours: OfficeHours, asked: timedelta | None) -> timedelta:
    lengths = office_hours.minutes
    return asked if asked in lengths and asked is not None else lengths[0]


def _first(query: SlotQuery, days: list[DayStarts], today: date) -> date:
    """Return the first date of the month to show."""
    asked = query.month or query.day
    return months.month_of(asked or (days[0].date if days else today))


def _day(query: SlotQuery, days: list[DayStarts], table: Month) -> DayStarts | None:
    """Return the day asked for, else the first of the month with a free start."""
    free = [day for day in days if months.month_of(day.date) == table.first]
    if query.day is not None and months.month_of(query.day) == table.first:
        return next((day for day in free if day.date == query.day), DayStarts(query.day))
    return free[0] if free else None


def _address(month: date | None) -> str:
    return f"{month:%Y-%m}" if month else ""
