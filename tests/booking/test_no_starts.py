"""Why nothing is free: for every reason the rule that leaves no start."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain import no_starts, slots
from booking.domain.horizon import Days
from booking.domain.no_starts import NoStarts
from booking.domain.office_hours import Limits, OfficeHoursLimits
from scheduler.domain.interval import Interval
from tests import factories_hours as values
from tests.booking.test_slots import NOW, UTC_ZONE, at, booked, daily, days, situation

TODAY = NOW.date()


def off(first: date, last: date):
    return values.hours(
        UTC_ZONE, weekly=(daily("09:00", "11:00"),), time_off=(values.time_off(first, last),)
    )


@pytest.mark.parametrize(
    ("found", "within", "why"),
    [
        (situation(paused=True), days(5, 8), NoStarts.PAUSED),
        (situation(closed=True), days(5, 8), NoStarts.CLOSED),
        (situation(closed=True, paused=True), days(5, 8), NoStarts.PAUSED),
        (
            situation(horizon=values.date_range(date(2025, 12, 1), date(2026, 1, 4))),
            days(5, 8),
            NoStarts.HORIZON_OVER,
        ),
        (situation(horizon=Days(days=2)), days(8, 9), NoStarts.HORIZON_OVER),
        (
            situation(horizon=values.date_range(date(2026, 1, 20), date(2026, 1, 30))),
            days(5, 8),
            NoStarts.NO_HOURS,
        ),
        (situation(hours=values.hours(UTC_ZONE)), days(5, 8), NoStarts.NO_HOURS),
        (situation(hours=off(TODAY, date(2026, 1, 9))), days(5, 8), NoStarts.NO_HOURS),
        (situation(minutes=(timedelta(hours=3),)), days(5, 8), NoStarts.NO_HOURS),
        (situation(notice=timedelta(days=1)), days(5), NoStarts.NOTICE),
        (situation(bookings=[booked(at(9), 120)]), days(5), NoStarts.FULL),
        (situation(busy=[Interval(at(9), at(11))]), days(5), NoStarts.FULL),
        (
            situation(bookings=[booked(at(9))], limits=OfficeHoursLimits(per_day=1)),
            days(5),
            NoStarts.FULL,
        ),
        (
            situation(bookings=[booked(at(9))], host_limits=Limits(per_week=1)),
            days(5, 8),
            NoStarts.FULL,
        ),
    ],
)
def test_reason_is_the_rule_that_leaves_no_start(found, within, why):
    assert slots.open_starts(found, within) == []
    assert no_starts.reason(found, within) is why


@given(
    notice=st.integers(0, 4),
    horizon=st.integers(0, 6),
    taken=st.lists(st.integers(0, 6), max_size=7),
    first=st.integers(5, 11),
)
def test_reason_stops_being_given_once_its_rule_is_lifted(notice, horizon, taken, first):
    found = situation(
        notice=timedelta(days=notice),
        horizon=Days(days=horizon),
        bookings=[booked(at(9, day=5 + day), 120) for day in set(taken)],
    )
    within = days(first, 11)
    if slots.open_starts(found, within):
        return
    lifted = {
        NoStarts.FULL: replace(found, bookings=()),
        NoStarts.NOTICE: _with(found, notice=timedelta()),
        NoStarts.HORIZON_OVER: _with(found, horizon=Days(days=60)),
    }[no_starts.reason(found, within)]

    starts = slots.open_starts(lifted, within)

    assert starts or no_starts.reason(lifted, within) is not no_starts.reason(found, within)


def _with(found, **rules):
    return replace(found, office_hours=found.office_hours.model_copy(update=rules))
