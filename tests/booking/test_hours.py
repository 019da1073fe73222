"""Hours in wall time and the windows they open."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.domain.hours import (
    windows,
)
from booking.domain.timeofday import TimeOfDay
from core.zones import zone
from tests import factories_hours as values

NEW_YORK = zone("America/New_York")
BERLIN = zone("Europe/Berlin")
DAILY = (1, 2, 3, 4, 5, 6, 7)


def opening(text):
    opens, closes = text.split("-")
    return values.opening(TimeOfDay.parse(opens), TimeOfDay.parse(closes))


def weekly(text, days=DAILY, **fields):
    each = opening(text)
    return values.weekly_hours(days, each.opens, each.closes, **fields)


def spans(hours, first, last):
    """The windows as "MM-DD HH:MM/MM-DD HH:MM" in UTC."""
    return [
        f"{window.interval.start:%m-%d %H:%M}/{window.interval.end:%m-%d %H:%M}"
        for window in windows(hours, first, last)
    ]


@pytest.mark.parametrize("text", ["00:00", "09:05", "23:59", "24:00"])
def test_time_of_day_is_written_as_it_was_read(text):
    assert str(TimeOfDay.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["24:01", "9:00", "09:60", "25:00", "09:00:00", "", "\u0660\u0669:00", "09:00\n"]
)
def test_time_of_day_refuses(text):
    with pytest.raises(ValueError):
        TimeOfDay.parse(text)


def test_opening_refuses_to_begin_at_the_end_of_a_day():
    with pytest.raises(ValueError):
        opening("24:00-01:00")


@pytest.mark.parametrize(
    ("days", "every", "since"), [((), 1, None), ((8,), 1, None), ((1,), 2, None), ((1,), 0, None)]
)
def test_weekly_hours_refuse_nonsense(days, every, since):
    with pytest.raises(ValueError):
        weekly("09:00-10:00", days, every=every, since=since)


def test_every_second_week_counts_iso_weeks_from_that_of_since():
    # Thursday 8 January 2026 is in ISO week 2; the Monday of that week is on as well.
    hours = values.hours(
        BERLIN, weekly=(weekly("18:00-19:00", (1, 4), every=2, since=date(2026, 1, 8)),)
    )

    days = [window.day for window in windows(hours, date(2025, 12, 20), date(2026, 1, 31))]

    assert days == [
        date(2026, 1, 5), date(2026, 1, 8), date(2026, 1, 19), date(2026, 1, 22),
    ]  # fmt: skip


def test_every_second_week_goes_on_over_a_year_of_53_weeks():
    hours = values.hours(
        BERLIN, weekly=(weekly("18:00-19:00", (4,), every=2, since=date(2026, 12, 24)),)
    )

    days = [window.day for window in windows(hours, date(2026, 12, 20), date(2027, 1, 31))]

    assert days == [date(2026, 12, 24), date(2027, 1, 7), date(2027, 1, 21)]


def test_hours_that_close_no_later_than_they_open_end_the_next_day():
    assert spans(values.hours(zone("UTC"), weekly=(weekly("22:00-02:00", (5,)),)), *week()) == [
        "01-09 22:00/01-10 02:00"
    ]
    assert spans(values.hours(zone("UTC"), weekly=(weekly("10:00-10:00", (5,)),)), *week()) == [
        "01-09 10:00/01-10 10:00"
    ]


def week():
    return date(2026, 1, 5), date(2026, 1, 11)  # Monday to Sunday


@pytest.mark.parametrize(
    "closing",
    [
        {"dates": (values.date_hours(date(2026, 1, 10), ()),)},
        {"time_off": (values.time_off(date(2026, 1, 10), date(2026, 1, 12)),)},
    ],
)
def test_window_over_midnight_is_cut_where_the_next_date_has_its_own_say(closing):
    hours = values.hours(BERLIN, weekly=(weekly("22:00-02:00", (5,)),), **closing)

    assert spans(hours, *week()) == ["01-09 21:00/01-09 23:00"]


def test_window_over_midnight_is_cut_by_the_clock_of_the_date_it_starts_on():
    hours = values.hours(
        NEW_YORK,
        weekly=(weekly("22:00-02:00", (5,)),),
        dates=(values.date_hours(date(2026, 1, 10), (opening("12:00-13:00"),)),),
        travel=(values.travel(date(2026, 1, 10), None, BERLIN),),
    )

    assert spans(hours, *week()) == ["01-10 03:00/01-10 05:00", "01-10 11:00/01-10 12:00"]


def test_window_over_midnight_keeps_its_zone_into_a_journey():
    hours = values.hours(
        NEW_YORK,
        weekly=(weekly("22:00-02:00", (5,)),),
        travel=(values.travel(date(2026, 1, 10), None, BERLIN),),
    )

    (window,) = windows(hours, *week())

    assert (window.day, window.zone.key) == (date(2026, 1, 9), NEW_YORK.key)
    assert window.date_of(window.interval.end) == date(2026, 1, 10)


def test_time_off_beats_dates():
    hours = values.hours(
        BERLIN,
        dates=(values.date_hours(date(2026, 1, 8), (opening("10:00-12:00"),)),),
        time_off=(values.time_off(date(2026, 1, 8), date(2026, 1, 8)),),
    )

    assert spans(hours, *week()) == []


def test_dates_replace_weekly_hours():
    hours = values.hours(
        BERLIN,
        weekly=(weekly("09:00-10:00", (4, 5)),),
        dates=(
            values.date_hours(date(2026, 1, 8), (opening("14:00-15:00"), opening("11:00-12:00"))),
        ),
    )

    assert spans(hours, *week()) == [
        "01-08 10:00/01-08 11:00", "01-08 13:00/01-08 14:00", "01-09 08:00/01-09 09:00",
    ]  # fmt: skip


def test_windows_of_one_date_that_touch_or_overlap_are_one():
    hours = values.hours(
        zone("UTC"),
        weekly=(
            weekly("11:00-12:00", (5,)),
            weekly("09:00-10:30", (5,)),
            weekly("10:00-11:00", (5,)),
        ),
    )

    assert spans(hours, *week()) == ["01-09 09:00/01-09 12:00"]


def test_overlap_of_two_dates_belongs_to_the_earlier_and_each_keeps_its_grid():
    hours = values.hours(
        zone("UTC"), weekly=(weekly("22:00-02:00", (5,)), weekly("01:50-03:00", (6,)))
    )

    assert [
        (window.day.day, f"{window.interval.start:%H:%M}", f"{window.grid_at:%H:%M}")
        for window in windows(hours, *week())
    ] == [(9, "22:00", "22:00"), (10, "02:00", "01:50")]


def test_windows_of_a_date_do_not_depend_on_the_dates_asked_for():
    hours = values.hours(
        zone("UTC"), weekly=(weekly("22:00-02:00", (5,)), weekly("01:50-03:00", (6,)))
    )

    assert windows(hours, *week())[1:] == windows(hours, date(2026, 1, 10), date(2026, 1, 10))


def test_journey_over_the_date_line_lets_the_earlier_date_go_first():
    hours = values.hours(
        zone("Pacific/Pago_Pago"),
        weekly=(weekly("09:00-17:00"),),
        travel=(values.travel(date(2026, 1, 9), None, zone("Pacific/Kiritimati")),),
    )

    found = windows(hours, date(2026, 1, 8), date(2026, 1, 9))

    assert [
        (window.day.day, f"{window.interval.start:%d %H:%M}", f"{window.interval.end:%d %H:%M}")
        for window in found
    ] == [(9, "08 19:00", "08 20:00"), (8, "08 20:00", "09 04:00")]
    assert found[0].grid_at == found[0].interval.start


def test_of_two_journeys_the_one_begun_last_counts():
    hours = values.hours(
        NEW_YORK,
        travel=(
            values.travel(date(2026, 1, 7), date(2026, 1, 8), zone("Asia/Kolkata")),
            values.travel(date(2026, 1, 6), None, BERLIN),
        ),
    )

    assert [hours.zone_on(date(2026, 1, day)) for day in (5, 6, 7, 8, 9)] == [
        "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Kolkata", "Europe/Berlin",
    ]  # fmt: skip


def test_host_lives_by_the_clock_of_the_journey_while_its_dates_last():
    hours = values.hours(
        NEW_YORK, travel=(values.travel(date(2026, 1, 7), date(2026, 1, 7), BERLIN),)
    )
    begins = datetime(2026, 1, 6, 23, tzinfo=UTC)

    assert hours.date_at(begins) == date(2026, 1, 7)
    assert hours.zone_at(begins - timedelta(minutes=1)) == NEW_YORK.key
    assert hours.zone_at(begins + timedelta(days=1)) == NEW_YORK.key


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("01:30-02:30", ["03-08 06:30/03-08 07:30"]),  # the end moves on to 03:30
        ("02:15-02:45", ["03-08 07:15/03-08 07:45"]),
        ("02:30-03:15", []),
        ("01:00-02:00", ["03-08 06:00/03-08 07:00"]),
    ],
)
def test_gap_of_8_march_2026_in_new_york_moves_times_forward(text, found):
    assert spans(values.hours(NEW_YORK, weekly=(weekly(text),)), *[date(2026, 3, 8)] * 2) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("01:15-01:45", ["11-01 05:15/11-01 06:45"]),
        ("00:30-01:00", ["11-01 04:30/11-01 06:00"]),
        ("01:30-03:00", ["11-01 05:30/11-01 08:00"]),
        ("02:00-03:00", ["11-01 07:00/11-01 08:00"]),
    ],
)
def test_repeated_hour_of_1_november_2026_in_new_york_is_covered_twice(text, found):
    assert spans(values.hours(NEW_YORK, weekly=(weekly(text),)), *[date(2026, 11, 1)] * 2) == found


def test_half_hour_gap_of_4_october_2026_on_lord_howe():
    hours = values.hours(zone("Australia/Lord_Howe"), weekly=(weekly("01:30-03:00"),))

    assert spans(hours, *[date(2026, 10, 4)] * 2) == ["10-03 15:00/10-03 16:00"]


def test_windows_that_a_gap_brings_together_are_one():
    hours = values.hours(NEW_YORK, weekly=(weekly("01:00-02:00"), weekly("03:00-04:00")))

    assert spans(hours, *[date(2026, 3, 8)] * 2) == ["03-08 06:00/03-08 08:00"]


def test_repeated_midnight_of_1_november_2026_in_havana_is_cut_at_its_first_pass():
    away = (values.time_off(date(2026, 11, 1), date(2026, 11, 1)),)
    hours = values.hours(zone("America/Havana"), weekly=(weekly("22:00-24:00"),), time_off=away)

    assert spans(hours, *[date(2026, 10, 31)] * 2) == ["11-01 02:00/11-01 04:00"]


def test_zone_at_an_instant_is_that_of_the_journey_begun_last():
    long = values.travel(date(2026, 6, 1), date(2026, 6, 30), NEW_YORK)
    within = values.travel(date(2026, 6, 10), date(2026, 6, 12), zone("Asia/Tokyo"))
    hours = values.hours(BERLIN, travel=(within, long))
    noons = [datetime(2026, 6, day, 12, tzinfo=UTC) for day in (9, 11, 14)]

    expected = ["America/New_York", "Asia/Tokyo", "America/New_York"]
    assert [hours.zone_at(each) for each in noons] == expected
    assert [hours.zone_on(each.date()) for each in noons] == expected
