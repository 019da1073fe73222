"""A page's choice of free starts: month, day and start, in the guest's zone beside the host's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from booking import availability
from booking.domain import month as months
from booking.domain import slots
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.month import DayStarts, Month
from booking.web.public.forms import SlotQuery
from core import time_format, zones
from core.words import counted

NEXT_DAYS = 3
ALTERNATIVES = 5
MOST_LISTED = 500
"""So many starts are in the plain list; the months show them all."""


@dataclass(frozen=True, slots=True)
class StartOption:
    """A start to choose; `at_host` is the host's clock then, "" where it is the guest's too."""

    at: datetime
    at_host: str


@dataclass(frozen=True, slots=True)
class DayOptions:
    """A date of the guest's with its starts."""

    date: date
    starts: tuple[StartOption, ...]

    @property
    def title(self) -> str:
        """The date without its year: "Saturday 28 November"."""
        return time_format.day_long(self.date).rpartition(" ")[0]


@dataclass(frozen=True, slots=True)
class SlotPicker:
    """All that a page of free starts shows.

    `at` is an instant of the day shown, for its offset. `chosen` is the start asked for, if it is
    free; if it is not, `is_gone`, and `nearest` holds what is free about that time.
    """

    zone: str
    host_zone: str
    at: datetime
    today: date
    lasts: timedelta
    lengths: tuple[int, ...]
    month: Month
    day: DayOptions | None
    next_days: tuple[DayOptions, ...]
    listed: tuple[DayOptions, ...]
    chosen: StartOption | None
    is_gone: bool
    nearest: tuple[StartOption, ...]
    is_begun: bool

    @property
    def minutes(self) -> int:
        """How long the booking is to last."""
        return self.lasts // timedelta(minutes=1)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What every form of the chooser carries on."""
        return [("zone", self.zone), ("minutes", str(self.minutes))]

    @property
    def kept_beside_zone(self) -> list[tuple[str, str]]:
        """What the choice of another zone carries on."""
        shown = [("month", self.shown_month)] if self.is_begun else []
        return [("minutes", str(self.minutes)), *shown]

    @property
    def shown_month(self) -> str:
        """The month shown, as addresses write it."""
        return _address(self.month.first)

    @property
    def month_title(self) -> str:
        """The month shown: "November 2026"."""
        return _title(self.month.first)

    @property
    def before(self) -> str:
        """The month before, as addresses write it; "" where one may not turn to it."""
        return _address(self.month.before)

    @property
    def before_title(self) -> str:
        """The month before in words."""
        return _title(self.month.before)

    @property
    def after(self) -> str:
        """The month after, as addresses write it; "" where one may not turn to it."""
        return _address(self.month.after)

    @property
    def after_title(self) -> str:
        """The month after in words."""
        return _title(self.month.after)

    @property
    def said(self) -> str:
        """What a screen reader is told after a choice."""
        if self.chosen is not None:
            return f"{time_format.moment(self.chosen.at, self.zone)}: please fill in the form"
        if self.day is None:
            return "Nothing is free"
        starts = counted(len(self.day.starts), "start")
        return f"{starts} on {time_format.day_long(self.day.date)}"


def pick_slots(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    choice: SlotQuery,
    now: datetime,
    *,
    zone: str,
    moving: Booking | None = None,
) -> SlotPicker:
    """Return what is free at `now`, as `choice` asks for it and else in `zone`.

    The booking that is being moved does not stand in its own way and keeps its length.
    """
    lasts = moving.duration if moving else _length(office_hours, choice.lasts)
    lengths = (lasts,) if moving else office_hours.rules.lengths
    within = months.within(office_hours.rules.horizon, now)
    situation = availability.availability_of(session, host, office_hours, within, now, moving)
    free = [
        at
        for at in slots.open_starts(situation, within, lasts)
        if moving is None or at != moving.starts_at
    ]
    shown = choice.zone or zone
    days = months.by_date(free, zones.zone(shown))
    today = now.astimezone(zones.zone(shown)).date()
    table = months.month(_first(choice, days, today), days, today)
    day = _day(choice, days, table)
    asked = choice.starts_at
    found = asked is not None and asked in free
    near = slots.nearest(free, asked or now, ALTERNATIVES)
    return SlotPicker(
        zone=shown,
        host_zone=host.zone_at(asked or now),
        at=asked or (day.starts[0] if day and day.starts else now),
        today=today,
        lasts=lasts,
        lengths=tuple(each // timedelta(minutes=1) for each in lengths),
        month=table,
        day=None if day is None else _with_host(host, day, shown),
        next_days=tuple(_with_host(host, each, shown) for each in days[:NEXT_DAYS]),
        listed=_listed(host, days, shown),
        chosen=StartOption(asked, _at_host(host, asked, shown)) if asked and found else None,
        is_gone=asked is not None and not found,
        nearest=() if found else tuple(_starts(host, near, shown)),
        is_begun=choice.is_begun,
    )


def _length(office_hours: OfficeHours, asked: timedelta | None) -> timedelta:
    lengths = office_hours.rules.lengths
    return asked if asked in lengths and asked is not None else lengths[0]


def _first(choice: SlotQuery, days: list[DayStarts], today: date) -> date:
    """Return the first date of the month to show."""
    asked = choice.month or choice.day
    return months.month_of(asked or (days[0].date if days else today))


def _day(choice: SlotQuery, days: list[DayStarts], table: Month) -> DayStarts | None:
    """Return the day asked for, else the first of the month with a free start."""
    free = [day for day in days if months.month_of(day.date) == table.first]
    if choice.day is not None and months.month_of(choice.day) == table.first:
        return next((day for day in free if day.date == choice.day), DayStarts(choice.day))
    return free[0] if free else None


def _listed(host: Host, days: list[DayStarts], zone: str) -> tuple[DayOptions, ...]:
    listed, count = [], 0
    for day in days:
        count += len(day.starts)
        if count > MOST_LISTED:
            break
        listed.append(_with_host(host, day, zone))
    return tuple(listed)


def _with_host(host: Host, day: DayStarts, zone: str) -> DayOptions:
    return DayOptions(day.date, tuple(_starts(host, day.starts, zone)))


def _starts(host: Host, starts: Iterable[datetime], zone: str) -> Iterable[StartOption]:
    return (StartOption(at, _at_host(host, at, zone)) for at in starts)


def _at_host(host: Host, at: datetime, zone: str) -> str:
    """Return the host's clock at `at` with its place, and the weekday where that is another."""
    theirs = host.zone_at(at)
    clock = time_format.clock(at, theirs)
    day = time_format.weekday_short(at, theirs)
    if day != time_format.weekday_short(at, zone):
        return f"{day} {clock} {zones.city(theirs)}"
    return "" if clock == time_format.clock(at, zone) else f"{clock} {zones.city(theirs)}"


def _address(month: date | None) -> str:
    return f"{month:%Y-%m}" if month else ""


def _title(month: date | None) -> str:
    return time_format.day_long(month).split(" ", 2)[2] if month else ""
