"""Why nothing is free: the first rule that leaves no start, found by the one rule of `slots`."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain import slots
from booking.domain.horizon import Days
from booking.domain.office_hours import OfficeHoursLimits
from booking.domain.slots import NO_LIMITS, Availability
from scheduler.domain.interval import Interval

_FAR = Days(days=730)
_NO_LIMITS = OfficeHoursLimits(per_guest_open=None)


class NoStarts(StrEnum):
    """Why office hours have no open start in some time.

    Paused: the host takes no bookings. Closed: these office hours cannot be booked. Horizon over:
    the time lies behind the last date that can be booked. No hours: the host is not there. Notice:
    what would be free starts too soon. Full: all is booked, busy or over a limit.
    """

    PAUSED = "paused"
    CLOSED = "closed"
    HORIZON_OVER = "horizon-over"
    NO_HOURS = "no-hours"
    NOTICE = "notice"
    FULL = "full"


def reason(
    availability: Availability, within: Interval, duration: timedelta | None = None
) -> NoStarts:
    """Return why `slots.open_starts` of the same arguments is empty."""
    if availability.paused:
        return NoStarts.PAUSED
    office_hours, hours = availability.office_hours, availability.hours
    if office_hours.closed:
        return NoStarts.CLOSED
    last = office_hours.horizon.last_date(hours.date_at(availability.now))
    if last < hours.date_at(availability.now):
        return NoStarts.HORIZON_OVER
    on_hours = _open_starts(availability, within, duration, horizon=_FAR, notice=timedelta())
    if any(hours.date_at(at) > last for at in on_hours):
        beyond = NoStarts.HORIZON_OVER
    else:
        beyond = NoStarts.NO_HOURS
    if not _open_starts(availability, within, duration, notice=timedelta()):
        return beyond
    if not _open_starts(availability, within, duration):
        return NoStarts.NOTICE
    return NoStarts.FULL


def _open_starts(
    availability: Availability, within: Interval, duration: timedelta | None, **rules: object
) -> list[datetime]:
    """Return the starts that are open by these rules if nothing is booked, busy or limited."""
    office_hours = availability.office_hours.model_copy(update={"limits": _NO_LIMITS, **rules})
    empty = replace(
        availability, office_hours=office_hours, bookings=(), busy=(), host_limits=NO_LIMITS
    )
    return slots.open_starts(empty, within, duration)
