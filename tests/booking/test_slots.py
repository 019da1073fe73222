"""Open starts: what is on offer, and what takes it away."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from booking.domain.bookings import ENDED, Booked, BookingStatus
from booking.domain.horizon import AvailableDays, BusinessDays, Days
from booking.domain.office_hours import Limits
from booking.domain.slots import (
    Availability,
    is_open,
    nearest,
    open_starts,
    relevant_interval,
)
from booking.domain.timeofday import TimeOfDay
from core.zones import zone
from scheduler.domain.interval import Interval
from tests import factories_hours as values

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
DAILY = (1, 2, 3, 4, 5, 6, 7)
UTC_ZONE = zone("UTC")


def minutes(count):
    return timedelta(minutes=count)


def daily(opens, closes, days=DAILY, **fields):
    return values.weekly_hours(days, TimeOfDay.parse(opens), TimeOfDay.parse(closes), **fields)


def situation(*weekly, hours=None, bookings=(), busy=(), host_limits=None, paused=False, **offer):
    """A host in UTC, open daily from 9 to 11 if not told; half hours without notice."""
    hours = hours or values.hours(UTC_ZONE, weekly=weekly or (daily("09:00", "11:00"),))
    offer = {"minutes": (minutes(30),), "notice": timedelta(), **offer}
    limits = host_limits or Limits()
    return Availability(
        hours, values.office_hours("chat", **offer), NOW, bookings, busy, limits, paused
    )


def at(hour, minute=0, day=5):
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def booked(start, duration=30, office_hours="chat", **fields):
    return Booked(Interval(start, start + minutes(duration)), office_hours, **fields)


def days(first, last=None):
    return Interval(at(0, day=first), at(0, day=(last or first) + 1))


def starts(asked, within=None, duration=None):
    return [
        f"{start:%H:%M}"
        for start in open_starts(asked, within or days(5), duration and minutes(duration))
    ]


def open_dates(asked, last=28):
    return sorted({start.day for start in open_starts(asked, days(5, last))})


def test_distance_of_starts_is_the_length_asked_for():
    asked = situation(minutes=(minutes(30), minutes(45)))

    assert starts(asked) == ["09:00", "09:30", "10:00", "10:30"]
    assert starts(asked, duration=45) == ["09:00", "09:45"]


def test_distance_of_starts_is_the_interval_where_there_is_one():
    assert starts(situation(interval=minutes(20)), duration=45) == [
        "09:00",
        "09:20",
        "09:40",
        "10:00",
    ]


def test_length_fits_over_two_dates_whose_windows_touch():
    asked = situation(daily("23:00", "24:00", (1,)), daily("00:00", "00:30", (2,)))

    assert starts(asked, days(5, 6), 60) == ["23:00"]
    assert starts(asked, days(5, 6), 90) == ["23:00"]
    assert starts(asked, days(5, 6), 91) == []


def test_each_date_keeps_its_own_grid_and_the_earlier_counts_first():
    asked = situation(daily("22:00", "01:00", (1,)), daily("00:50", "02:00", (2,)))

    assert starts(asked, days(5, 6), 40) == ["22:00", "22:40", "23:20", "00:00", "00:40"]
    assert starts(asked, days(5, 6), 25) == [
        "22:00", "22:25", "22:50", "23:15", "23:40", "00:05", "00:30", "00:55", "01:15",
    ]  # fmt: skip


def test_paused_host_has_no_starts():
    assert starts(situation(paused=True)) == []


def test_start_exactly_after_the_notice_is_open():
    assert starts(situation(notice=minutes(120)))[0] == "10:00"
    assert starts(situation(notice=minutes(121)))[0] == "10:30"


def test_grid_is_kept_after_a_booking_off_it():
    assert starts(situation(bookings=[booked(at(9, 10), 10)])) == ["09:30", "10:00", "10:30"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (BookingStatus.CONFIRMED, False), (BookingStatus.HELD, False),
        (BookingStatus.PENDING, False),
        (BookingStatus.DECLINED, True), (BookingStatus.CANCELLED, True), (BookingStatus.DONE, True),
        (BookingStatus.LAPSED, True),
        (BookingStatus.NO_SHOW, True),
    ],
)  # fmt: skip
def test_booking_blocks_by_its_status(status, expected):
    asked = situation(bookings=[booked(at(9), status=status, office_hours="other")])

    assert is_open(asked, at(9)) is expected


def test_pending_booking_leaves_its_time_open_where_its_office_hour_says_so():
    pending = booked(at(9), status=BookingStatus.PENDING, pending_blocks=False)

    assert is_open(situation(bookings=[pending]), at(9))


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        # own (before, after), the booking's (before, after) at 10:00-10:30
        ((0, 0), (0, 0), ["09:00", "09:30", "10:30"]),
        ((10, 0), (0, 0), ["09:00", "09:30"]),
        ((0, 10), (0, 0), ["09:00", "10:30"]),
        ((0, 0), (10, 0), ["09:00", "10:30"]),
        ((0, 0), (0, 10), ["09:00", "09:30"]),
        ((0, 20), (30, 0), ["09:00", "10:30"]),
        ((0, 30), (31, 0), ["10:30"]),
    ],
)
def test_between_two_bookings_the_larger_buffer_counts(own, others, expected):
    other = booked(
        at(10), buffer_before=minutes(others[0]), buffer_after=minutes(others[1]),
        office_hours="other",
    )  # fmt: skip
    asked = situation(bookings=[other], buffer_before=minutes(own[0]), buffer_after=minutes(own[1]))

    assert starts(asked) == expected


def test_time_between_two_bookings_that_just_fits_is_open():
    assert starts(situation(bookings=[booked(at(9)), booked(at(10))])) == ["09:30", "10:30"]


def test_window_that_begins_on_the_utc_date_before_its_own_is_found():
    hours = values.hours(zone("Pacific/Kiritimati"), weekly=(daily("09:00", "10:00"),))  # UTC+14

    assert starts(situation(hours=hours), Interval(at(19), at(20))) == ["19:00", "19:30"]


def test_buffers_of_the_new_booking_count_against_busy_times_and_stick_out_of_the_window():
    busy = [Interval(at(8, 30), at(8, 45)), Interval(at(11, 10), at(12))]
    asked = situation(busy=busy, buffer_before=minutes(15), buffer_after=minutes(10))

    assert starts(asked) == ["09:00", "09:30", "10:00", "10:30"]
    assert starts(replace(asked, busy=[Interval(at(8, 30), at(8, 46)), *busy])) == [
        "09:30", "10:00", "10:30",
    ]  # fmt: skip
    assert starts(replace(asked, busy=[Interval(at(11, 9), at(12))])) == ["09:00", "09:30", "10:00"]


def test_length_reaches_into_the_busy_time():
    asked = situation(busy=[Interval(at(10), at(10, 1))], interval=minutes(15))

    assert starts(asked, duration=60) == ["09:00"]


@pytest.mark.parametrize(
    "status",
    [
        BookingStatus.HELD,
        BookingStatus.PENDING,
        BookingStatus.CONFIRMED,
        BookingStatus.DONE,
        BookingStatus.NO_SHOW,
    ],
)
def test_day_is_full_at_its_limit(status):
    counted = booked(at(9, day=7), status=status, pending_blocks=False)
    asked = situation(bookings=[counted], limits=Limits(per_day=1), horizon=Days(days=3))

    assert open_dates(asked) == [5, 6, 8]


@pytest.mark.parametrize("status", ENDED)
def test_booking_that_is_off_counts_towards_no_limit(status):
    off = booked(at(9, day=7), status=status)

    asked = situation(bookings=[off], limits=Limits(per_day=1), horizon=Days(days=3))
    assert open_dates(asked) == [5, 6, 7, 8]


def test_week_from_monday_is_full_at_its_limit_whatever_part_is_asked_for():
    bookings = [booked(at(9, day=11)), booked(at(9, day=5))]
    asked = situation(bookings=bookings, limits=Limits(per_week=2))

    assert open_dates(asked, 14) == [12, 13, 14]
    assert starts(asked, days(8)) == []


def test_limit_of_an_office_hour_counts_its_own_bookings_and_the_hosts_all():
    elsewhere = [booked(at(15, day=7), office_hours="other")]

    own = situation(bookings=elsewhere, limits=Limits(per_day=1), horizon=Days(days=3))
    host = situation(bookings=elsewhere, host_limits=Limits(per_day=1), horizon=Days(days=3))

    assert open_dates(own) == [5, 6, 7, 8]
    assert open_dates(host) == [5, 6, 8]


def test_booking_off_the_grid_counts_on_its_date_where_the_host_is():
    # 15:30 UTC on the 7th is 00:30 on the 8th in Tokyo, where the host is on these dates.
    hours = values.hours(
        UTC_ZONE,
        weekly=(daily("09:00", "11:00"),),
        travel=(values.travel(date(2026, 1, 6), date(2026, 1, 9), zone("Asia/Tokyo")),),
    )
    asked = situation(hours=hours, bookings=[booked(at(15, 30, day=7))], limits=Limits(per_day=1))

    found = {start.astimezone(zone("Asia/Tokyo")).day for start in open_starts(asked, days(5, 9))}

    assert found == {5, 6, 7, 9}


def test_start_after_midnight_counts_on_the_date_its_windows_clock_shows():
    asked = situation(
        daily("23:00", "01:00", (1,)), bookings=[booked(at(0, day=6))], limits=Limits(per_day=1)
    )

    assert starts(asked, days(5, 6)) == ["23:00", "23:30"]


def test_booking_in_a_window_counts_on_that_windows_date_when_a_journey_ends():
    # In Berlin on the 5th: open till 02:00 on the 6th there, while New York is still at the 5th.
    hours = values.hours(
        zone("America/New_York"),
        weekly=(daily("22:00", "02:00", (1,)),),
        travel=(values.travel(date(2026, 1, 5), date(2026, 1, 5), zone("Europe/Berlin")),),
    )
    asked = situation(hours=hours, bookings=[booked(at(23, 30))], limits=Limits(per_day=1))

    assert starts(asked, days(5, 6)) == ["21:00", "21:30", "22:00", "22:30"]


def test_days_ahead_are_today_and_the_dates_after():
    assert open_dates(situation(horizon=Days(days=2))) == [5, 6, 7]
    assert open_dates(situation(horizon=Days(days=0))) == [5]


@pytest.mark.parametrize(
    ("count", "last"), [(0, 5), (1, 6), (4, 9), (5, 12), (9, 16), (10, 19), (11, 20)]
)
def test_business_days_from_a_monday_leave_the_weekends_between_open(count, last):
    assert open_dates(situation(horizon=BusinessDays(business_days=count))) == list(
        range(5, last + 1)
    )


@pytest.mark.parametrize(
    ("today", "count", "last"),
    [(9, 1, 12), (10, 1, 12), (11, 1, 12), (10, 5, 16), (11, 6, 19), (9, 5, 16)],
)
def test_business_days_begin_after_today(today, count, last):
    asked = replace(situation(horizon=BusinessDays(business_days=count)), now=at(8, day=today))

    assert open_dates(asked) == list(range(today, last + 1))


def test_range_of_dates_includes_both():
    horizon = values.date_range(date(2026, 1, 7), date(2026, 1, 9))

    assert open_dates(situation(horizon=horizon)) == [7, 8, 9]


def test_available_days_pass_over_what_has_no_free_start():
    asked = situation(
        daily("09:00", "10:00", (1, 3, 4)),
        horizon=AvailableDays(available_days=3),
        busy=[Interval(at(0, day=7), at(0, day=8))],
        bookings=[booked(at(20, day=8))],
        limits=Limits(per_day=1),
        notice=timedelta(hours=2),
    )

    assert open_dates(asked) == [12, 14, 15]
    assert open_dates(replace(asked, now=at(7))) == [5, 12, 14]
    assert open_dates(replace(asked, now=at(7), bookings=())) == [5, 8, 12]
    assert starts(asked, days(14)) == ["09:00", "09:30"]


@pytest.mark.parametrize(("ahead", "expected"), [(366, 2), (367, 0)])
def test_available_days_look_a_year_ahead(ahead, expected):
    day = date(2026, 1, 5) + timedelta(days=ahead)
    opening = values.opening(TimeOfDay.parse("09:00"), TimeOfDay.parse("10:00"))
    hours = values.hours(UTC_ZONE, dates=(values.date_hours(day, (opening,)),))
    within = Interval(at(0), at(0) + timedelta(days=400))

    found = open_starts(situation(hours=hours, horizon=AvailableDays(available_days=1)), within)

    assert len(found) == expected


def test_last_available_dates_of_the_year_are_counted():
    opening = values.opening(TimeOfDay.parse("09:00"), TimeOfDay.parse("09:30"))
    ahead = [date(2026, 1, 5) + timedelta(days=count) for count in (365, 366)]
    hours = values.hours(UTC_ZONE, dates=tuple(values.date_hours(day, (opening,)) for day in ahead))
    within = Interval(at(0), at(0) + timedelta(days=400))

    found = open_starts(situation(hours=hours, horizon=AvailableDays(available_days=1)), within)

    assert [start.date() for start in found] == ahead[:1]


def test_today_is_the_hosts_date():
    # 8:00 UTC on the 5th is 22:00 on the 4th in Honolulu.
    hours = values.hours(zone("Pacific/Honolulu"), weekly=(daily("23:00", "01:00"),))

    assert open_starts(
        situation(hours=hours, horizon=Days(days=0), interval=minutes(60)), days(5)
    ) == [at(9)]


def test_instant_between_two_starts_is_not_open():
    assert [is_open(situation(), at(9, minute)) for minute in (0, 1, 29, 30)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert not is_open(situation(), at(9) + timedelta(microseconds=1))


def test_nearest_starts_come_in_order_of_time():
    free = [at(9), at(10), at(11), at(13)]

    assert nearest(free, at(10, 30), 2) == [at(10), at(11)]
    assert nearest(free, at(10, 30), 1) == [at(10)]
    assert nearest(free, at(10, 30), 9) == free


def test_relevant_time_reaches_as_far_as_the_longest_buffer():
    asked = days(7)
    within = relevant_interval(situation().office_hours, Limits(), asked, NOW)

    assert within.contains(Interval(asked.start - timedelta(days=1), asked.end + timedelta(days=1)))
    assert not within.contains(days(5, 11))


@pytest.mark.parametrize(
    ("of_offer", "of_host"),
    [(Limits(per_week=1), Limits()), (Limits(), Limits(per_day=1))],
)
def test_relevant_time_holds_the_week_where_bookings_are_counted(of_offer, of_host):
    within = relevant_interval(situation(limits=of_offer).office_hours, of_host, days(7), NOW)

    assert within.contains(days(5, 11))


def test_relevant_time_holds_a_year_for_available_days():
    asked = days(7)
    year = relevant_interval(
        situation(horizon=AvailableDays(available_days=1)).office_hours, Limits(), asked, NOW
    )

    assert year.contains(Interval(NOW, NOW + timedelta(days=367)))


def test_longest_horizons_are_taken():
    assert Days(days=730).days == 730
    assert values.date_range(date(1900, 1, 1), date(2200, 12, 31)).last == date(2200, 12, 31)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Limits(per_day=0),
        lambda: Days(days=-1),
        lambda: Days(days=731),
        lambda: AvailableDays(available_days=0),
        lambda: values.date_range(date(2026, 1, 2), date(2026, 1, 1)),
        lambda: values.date_range(date(1899, 12, 31), date(2026, 1, 1)),
        lambda: values.date_range(date(2026, 1, 2), date(2201, 1, 1)),
        lambda: values.office_hours("chat", ()),
        lambda: values.office_hours("chat", (minutes(0),)),
        lambda: values.office_hours("chat", (minutes(30),), minutes(0)),
        lambda: values.office_hours("chat", (minutes(30),), notice=minutes(-1)),
    ],
)
def test_nonsense_is_refused(make):
    with pytest.raises(ValueError):
        make()
