"""The month as guests see it: dates in their zone, turned no further than there is to choose."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.domain import month as months
from booking.domain.horizon import AvailableDays, BusinessDays, Days, Horizon
from booking.domain.month import DayStarts
from booking.domain.slots import Availability, open_starts
from booking.domain.timeofday import TimeOfDay
from scheduler.domain.interval import Interval
from tests import factories_hours as values

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
TODAY = date(2026, 3, 2)
BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS = (
    values.weekly_hours((1, 2, 3, 4, 5, 6, 7), TimeOfDay.parse("00:00"), TimeOfDay.parse("24:00")),
)


def at(day: int, hour: int, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_by_date_groups_starts_by_the_guests_date() -> None:
    starts = [at(3, 21), at(3, 22), at(3, 23), at(5, 8)]  # midnight in Berlin is 22:00 UTC

    assert months.by_date(starts, BERLIN) == [
        DayStarts(date(2026, 4, 3), (at(3, 21),)),
        DayStarts(date(2026, 4, 4), (at(3, 22), at(3, 23))),
        DayStarts(date(2026, 4, 5), (at(5, 8),)),
    ]


def test_month_has_weeks_from_monday_and_no_dates_of_other_months() -> None:
    saturday = DayStarts(date(2026, 4, 4), (at(4, 8), at(4, 9)))

    shown = months.month(date(2026, 4, 1), [saturday], TODAY)

    assert [len(week) for week in shown.weeks] == [7] * 5
    assert shown.weeks[0] == (
        None,
        None,
        DayStarts(date(2026, 4, 1)),
        DayStarts(date(2026, 4, 2)),
        DayStarts(date(2026, 4, 3)),
        saturday,
        DayStarts(date(2026, 4, 5)),
    )
    assert shown.weeks[4][3:] == (DayStarts(date(2026, 4, 30)), None, None, None)


def test_month_turns_from_todays_to_the_last_with_a_start() -> None:
    days = [
        DayStarts(date(2026, 4, 4), (at(4, 8),)),
        DayStarts(date(2026, 5, 2), (at(2, 8, month=5),)),
    ]

    turns = {
        first: (shown.first.month, shown.before, shown.after)
        for first in (date(2025, 1, 1), date(2026, 4, 9), date(2031, 1, 1))
        for shown in [months.month(first, days, TODAY)]
    }

    assert turns == {
        date(2025, 1, 1): (3, None, date(2026, 4, 1)),
        date(2026, 4, 9): (4, date(2026, 3, 1), date(2026, 5, 1)),
        date(2031, 1, 1): (5, date(2026, 4, 1), None),
    }


def test_month_without_any_start_is_todays() -> None:
    shown = months.month(date(2026, 7, 1), [], TODAY)

    assert (shown.first, shown.before, shown.after) == (date(2026, 3, 1), None, None)


def test_month_of_december_turns_to_january() -> None:
    days = [DayStarts(date(2027, 1, 8), (datetime(2027, 1, 8, 9, tzinfo=UTC),))]

    assert months.month(date(2026, 12, 1), days, TODAY).after == date(2027, 1, 1)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"])
@pytest.mark.parametrize("hour", [0, 9, 23])
@pytest.mark.parametrize(
    "horizon",
    [
        Days(days=0),
        Days(days=60),
        BusinessDays(business_days=10),
        AvailableDays(available_days=3),
        values.date_range(date(2026, 5, 1), date(2026, 5, 3)),
        values.date_range(date(2026, 1, 1), date(2026, 1, 2)),
    ],
    ids=str,
)
def test_within_holds_every_start_on_offer(horizon: Horizon, hour: int, zone: str) -> None:
    now = NOW.replace(hour=hour)
    offer = values.office_hours("x", (timedelta(hours=1),), horizon=horizon, notice=timedelta())
    situation = Availability(values.hours(ZoneInfo(zone), weekly=ALWAYS), offer, now)
    everything = Interval(now - timedelta(days=400), now + timedelta(days=400))

    assert open_starts(situation, months.within(horizon, now)) == open_starts(situation, everything)


def test_within_is_at_most_two_years() -> None:
    decade = values.date_range(date(2026, 1, 1), date(2035, 12, 31))

    assert months.within(decade, NOW) == Interval(NOW, NOW + months.FARTHEST)
