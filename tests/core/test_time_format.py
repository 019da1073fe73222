"""Dates and times as text."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import time_format, zones
from core.languages import language
from core.time_format import HourClock

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # a Tuesday
TALK_AT = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)  # Friday 10:00 in Los Angeles
ANGELES, BERLIN, KOLKATA, TOKYO = (
    "America/Los_Angeles",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Tokyo",
)


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (0, 0, "12:00 am"),
        (0, 5, "12:05 am"),
        (1, 0, "1:00 am"),
        (11, 59, "11:59 am"),
        (12, 0, "12:00 pm"),
        (13, 30, "1:30 pm"),
        (23, 59, "11:59 pm"),
    ],
)
def test_twelve_hour_clock_says_am_and_pm(hour: int, minute: int, said: str) -> None:
    at = datetime(2026, 11, 27, hour, minute, tzinfo=UTC)
    assert time_format.clock(at, "UTC", HourClock.H12) == said
    assert time_format.clock(at, "UTC", HourClock.H24) == f"{hour:02}:{minute:02}"


def test_moment_follows_the_clock() -> None:
    assert time_format.moment(TALK_AT, ANGELES, HourClock.H12) == "Fri 27 Nov 2026, 10:00 am"


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        (ANGELES, 12),
        (KOLKATA, 12),
        ("Australia/Sydney", 12),
        (BERLIN, 24),
        (TOKYO, 24),
        ("Europe/London", 24),
        ("UTC", 24),
        ("Etc/GMT+12", 24),
    ],
)
def test_usual_clock_is_that_of_the_country(zone: str, clock: int) -> None:
    assert time_format.usual_clock(zone) == clock


@pytest.mark.parametrize(
    ("zone", "said"),
    [(ANGELES, "PT"), ("America/New_York", "ET"), (BERLIN, ""), (KOLKATA, ""), ("UTC", "")],
)
def test_zone_abbreviation_holds_all_year(zone: str, said: str) -> None:
    assert time_format.zone_abbreviation(zone) == said


def test_clock_is_the_wall_time_of_the_zone() -> None:
    assert time_format.clock(TALK_AT, ANGELES, HourClock.H24) == "10:00"
    assert time_format.clock(TALK_AT, BERLIN, HourClock.H24) == "19:00"
    assert time_format.clock(TALK_AT, KOLKATA, HourClock.H24) == "23:30"


def test_day_is_the_date_in_the_zone() -> None:
    assert time_format.day_short(TALK_AT, ANGELES) == "Fri 27 Nov"
    assert time_format.day_short(TALK_AT, TOKYO) == "Sat 28 Nov"
    assert time_format.iso_day(TALK_AT, TOKYO) == "2026-11-28"


def test_day_of_a_date_needs_no_zone() -> None:
    day = date(2026, 4, 4)
    assert time_format.day_long(day) == "Saturday 4 April 2026"
    assert time_format.day_short(day) == "Sat 4 Apr"
    assert time_format.weekday(day) == "Saturday"
    assert time_format.iso_day(day) == "2026-04-04"


def test_moment_names_day_year_and_time() -> None:
    assert time_format.moment(TALK_AT, BERLIN, HourClock.H24) == "Fri 27 Nov 2026, 19:00"


def test_iso_is_utc_to_the_second() -> None:
    assert time_format.iso(TALK_AT) == "2026-11-27T18:00:00Z"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (ANGELES, "UTC-08:00"),
        (KOLKATA, "UTC+05:30"),
        ("UTC", "UTC"),
        ("America/St_Johns", "UTC-03:30"),
    ],
)
def test_offset_is_that_of_the_instant(zone: str, said: str) -> None:
    assert time_format.offset(TALK_AT, zone) == said


def test_offset_follows_the_clock_change() -> None:
    assert time_format.offset(datetime(2026, 7, 1, tzinfo=UTC), BERLIN) == "UTC+02:00"
    assert time_format.offset(datetime(2026, 12, 1, tzinfo=UTC), BERLIN) == "UTC+01:00"


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=59), "in 59 minutes"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(hours=26), "in 26 hours"),
        (timedelta(days=3, hours=20), "in 4 days"),
        (timedelta(days=21), "in 3 weeks"),
        (timedelta(days=90), "in 3 months"),
        (timedelta(hours=-2), "2 hours ago"),
        (timedelta(days=-4), "4 days ago"),
    ],
)
def test_in_words_rounds_as_people_do(distance: timedelta, said: str) -> None:
    assert time_format.in_words(NOW + distance, NOW) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 minute"),
        (30, "30 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (120, "2 hours"),
        (1440, "24 hours"),
        (1500, "25 hours"),
        (2880, "2 days"),
    ],
)
def test_minutes_are_said_as_people_do(number: int, said: str) -> None:
    assert time_format.minutes(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (65, "1:05"), (924, "15:24"), (3723, "1:02:03")]
)
def test_duration_is_a_place_in_a_recording(seconds: int, said: str) -> None:
    assert time_format.recording_offset(seconds) == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", "German"),
        (" EN", "English"),
        ("pt-BR", "Brazilian Portuguese"),
        ("xx-YY", "xx-YY"),
        ("Hindi", "Hindi"),
        ("", ""),
    ],
)
def test_language_is_named_in_english_and_else_left_as_written(code: str, said: str) -> None:
    assert language(code) == said


@pytest.mark.parametrize(
    ("text", "said"), [("2024-06", "June 2024"), ("2021", "2021"), ("2021-13", "2021-13")]
)
def test_date_known_in_part_is_said_as_far_as_it_is_known(text: str, said: str) -> None:
    assert time_format.part_date(text) == said


LONDON, NEW_YORK = "Europe/London", "America/New_York"
FIRST_PASS = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # Sunday 01:00 in London
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "zone", "hours", "said"),
    [
        (FIRST_PASS, LONDON, 24, "01:00 (UTC+01:00)"),
        (FIRST_PASS + HOUR, LONDON, 24, "01:00 (UTC+00:00)"),
        (FIRST_PASS + HOUR, LONDON, 12, "1:00 am (UTC+00:00)"),
        (FIRST_PASS - timedelta(minutes=1), LONDON, 24, "00:59"),
        (FIRST_PASS + 2 * HOUR, LONDON, 24, "02:00"),
        (datetime(2026, 4, 4, 15, 0, tzinfo=UTC), "Australia/Lord_Howe", 24, "01:30 (UTC+10:30)"),
    ],
)
def test_clock_names_the_offset_in_an_hour_that_occurs_twice(at, zone, hours, said):
    assert time_format.clock(at, zone, HourClock(hours)) == said


@given(
    st.sampled_from([LONDON, NEW_YORK, "Australia/Lord_Howe", "America/St_Johns", KOLKATA]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([timedelta(minutes=30), HOUR, 2 * HOUR]),
)
@example(LONDON, FIRST_PASS, HOUR)
@example("Australia/Lord_Howe", datetime(2026, 4, 4, 15, 0, tzinfo=UTC), timedelta(minutes=30))
def test_two_instants_are_never_said_alike(zone, at, later):
    first, second = (time_format.moment(each, zone, HourClock.H24) for each in (at, at + later))
    assert first != second


@pytest.mark.parametrize(
    ("starts_at", "start", "end"),
    [
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "01:30 (UTC-04:00)", "01:30 (UTC-05:00)"),
        (datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "00:30", "01:30 (UTC-04:00)"),
        (datetime(2026, 3, 8, 6, 30, tzinfo=UTC), "01:30 (UTC-05:00)", "03:30 (UTC-04:00)"),
        (datetime(2026, 3, 8, 8, 30, tzinfo=UTC), "04:30", "05:30"),
    ],
)
def test_ends_of_a_span_name_offsets_that_differ(starts_at, start, end):
    ends_at = starts_at + HOUR
    assert time_format.clock(starts_at, NEW_YORK, HourClock.H24, ends_at) == start
    assert time_format.clock(ends_at, NEW_YORK, HourClock.H24, starts_at) == end


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (TALK_AT, BERLIN, "Berlin (UTC+01:00)"),
        (TALK_AT, LONDON, "London (UTC)"),
        (TALK_AT, "UTC", "UTC"),
        (TALK_AT, "Etc/GMT+12", "UTC\u221212 (anywhere on earth)"),
        (FIRST_PASS, LONDON, "London"),  # the time beside it has the offset
    ],
)
def test_place_is_the_city_with_its_offset_once(at, zone, said):
    assert time_format.place(at, zone) == said


def test_no_fixed_zone_shows_the_reversed_sign_of_its_name():
    for hours in range(-12, 15):
        name = f"Etc/GMT{-hours:+d}"
        if not zones.is_known(name):
            continue
        sign = "+" if hours > 0 else "\u2212"
        said = zones.city(name).removesuffix(" (anywhere on earth)")
        assert said == (f"UTC{sign}{abs(hours)}" if hours else "UTC")
        offset = time_format.offset(TALK_AT, name)
        assert offset == (f"UTC{'+' if hours > 0 else '-'}{abs(hours):02}:00" if hours else "UTC")
