"""Values of hours and office hours for tests of the rules: what files name `from` is `first`."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from booking.domain.horizon import DateRange, Days, Horizon
from booking.domain.hours import DateHours, Hours, Opening, TimeOff, Travel, WeeklyHours
from booking.domain.office_hours import Limits, OfficeHoursLimits, OfficeHoursSchema
from booking.domain.timeofday import TimeOfDay

NO_LIMITS = Limits()
DEFAULT_HORIZON = Days(days=60)


def opening(opens: TimeOfDay | str, closes: TimeOfDay | str) -> Opening:
    return Opening.model_validate({"from": opens, "to": closes})


def weekly_hours(
    days: Sequence[int],
    opens: TimeOfDay | str,
    closes: TimeOfDay | str,
    every: int = 1,
    since: date | None = None,
) -> WeeklyHours:
    fields = {"days": days, "from": opens, "to": closes, "every": every, "since": since}
    return WeeklyHours.model_validate(fields)


def date_hours(day: date, windows: Sequence[Opening]) -> DateHours:
    return DateHours(date=day, windows=tuple(windows))


def time_off(first: date, last: date, reason: str | None = None) -> TimeOff:
    return TimeOff.model_validate({"from": first, "to": last, "reason": reason})


def travel(first: date, last: date | None, zone: ZoneInfo | str) -> Travel:
    return Travel.model_validate({"from": first, "to": last, "zone": str(zone)})


def hours(zone: ZoneInfo | str, **lines: object) -> Hours:
    return Hours.model_validate({"zone": str(zone), **lines})


def date_range(first: date, last: date) -> DateRange:
    return DateRange.model_validate({"from": first, "to": last})


def office_hours(
    slug: str,
    minutes: Sequence[timedelta],
    interval: timedelta | None = None,
    buffer_before: timedelta = timedelta(),
    buffer_after: timedelta = timedelta(),
    notice: timedelta = timedelta(days=1),
    horizon: Horizon = DEFAULT_HORIZON,
    limits: Limits = NO_LIMITS,
    closed: bool = False,
) -> OfficeHoursSchema:
    return OfficeHoursSchema(
        slug=slug,
        title="Office hours",
        minutes=tuple(minutes),
        interval=interval,
        buffer_before=buffer_before,
        buffer_after=buffer_after,
        notice=notice,
        horizon=horizon,
        limits=OfficeHoursLimits(per_day=limits.per_day, per_week=limits.per_week),
        closed=closed,
    )
