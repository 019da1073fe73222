"""A host's week as a picture and as sentences."""

from datetime import UTC, date, datetime

import pytest

from booking.domain import hours_words, week
from booking.domain.hours import Hours, WeeklyHours
from booking.domain.timeofday import TimeOfDay
from booking.domain.week import Band, BandKind, Mark
from core.time_format import HourClock
from core.zones import zone
from scheduler.domain.interval import Interval
from tests import factories_hours as values

BERLIN = zone("Europe/Berlin")
TODAY = date(2026, 11, 24)  # a Tuesday
MONDAY = date(2026, 11, 23)
H24 = HourClock.H24


def time(text: str) -> TimeOfDay:
    return TimeOfDay.parse(text)


def weekly(days: tuple[int, ...], opens: str, closes: str, **more: object) -> WeeklyHours:
    return values.weekly_hours(days, time(opens), time(closes), **more)


def hours(*lines: WeeklyHours, **more: object) -> Hours:
    return values.hours(BERLIN, weekly=lines, **more)


def between(start: str, end: str) -> Interval:
    return Interval(
        datetime.fromisoformat(start).replace(tzinfo=UTC),
        datetime.fromisoformat(end).replace(tzinfo=UTC),
    )


def test_week_draws_hours_in_the_wall_time_of_the_host() -> None:
    (shown,) = week.weeks(hours(weekly((2,), "16:00", "17:00")), [], MONDAY, 1, clock=H24)

    bands = [picture.bands for picture in shown.days]
    tuesday = (Band(BandKind.OPEN, 960, 1020, "open 16:00 to 17:00"),)
    assert bands == [(), tuesday, (), (), (), (), ()]
    assert shown.days[1].words == "Tuesday 24 November: open 16:00 to 17:00"
    assert shown.days[0].words == "Monday 23 November: closed"


def test_week_shows_eight_to_eight_with_a_label_every_two_hours() -> None:
    (shown,) = week.weeks(hours(weekly((2,), "16:00", "17:00")), [], MONDAY, 1, clock=H24)

    assert (shown.top, shown.bottom, shown.height) == (480, 1200, 720)
    assert shown.labels == ("08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00")
    assert list(shown.lines) == list(range(540, 1200, 60))


def test_weeks_share_a_frame_that_holds_every_band() -> None:
    mark = Mark(BandKind.BOOKED, between("2026-12-01 04:30", "2026-12-01 05:00"), "Ada")
    shown = week.weeks(hours(weekly((1,), "21:00", "22:30")), [mark], MONDAY, 2, clock=H24)

    assert {(each.top, each.bottom, each.step) for each in shown} == {(240, 1440, 240)}
    assert shown[1].days[1].bands == (
        Band(BandKind.BOOKED, 330, 360, "booked 05:30 to 06:00, Ada"),
    )


def test_week_parts_a_window_over_midnight_between_its_days() -> None:
    (shown,) = week.weeks(hours(weekly((6, 7), "22:00", "00:30")), [], MONDAY, 1, clock=H24)

    late = Band(BandKind.OPEN, 1320, 1440, "open 22:00 to midnight")
    early = Band(BandKind.OPEN, 0, 30, "open 00:00 to 00:30")
    assert [shown.days[at].bands for at in (0, 5, 6)] == [(early,), (late,), (early, late)]


def test_week_draws_what_lies_over_the_hours_after_them() -> None:
    event = Mark(BandKind.EVENT, between("2026-11-24 15:00", "2026-11-24 16:00"))
    booked = Mark(BandKind.BOOKED, between("2026-11-24 15:00", "2026-11-24 15:30"), "Ada")
    pending = Mark(BandKind.PENDING, between("2026-11-24 15:30", "2026-11-24 16:00"), "Bo")
    opened = hours(weekly((2,), "16:00", "17:00"))
    (shown,) = week.weeks(opened, [booked, event, pending], MONDAY, 1, clock=H24)

    kinds = [band.kind for band in shown.days[1].bands]
    assert kinds == [BandKind.OPEN, BandKind.EVENT, BandKind.PENDING, BandKind.BOOKED]
    assert shown.days[1].words == (
        "Tuesday 24 November: open 16:00 to 17:00; your own event 16:00 to 17:00; "
        "waiting for your answer 16:30 to 17:00, Bo; booked 16:00 to 16:30, Ada"
    )


def test_week_shows_time_off_over_the_whole_day() -> None:
    away = values.time_off(date(2026, 11, 24), date(2026, 11, 25), "hiking")
    (shown,) = week.weeks(
        hours(weekly((2,), "16:00", "17:00"), time_off=(away,)), [], MONDAY, 1, clock=H24
    )

    assert shown.days[1].bands == (Band(BandKind.AWAY, 0, 1440, "away, hiking"),)
    assert (shown.top, shown.bottom) == (480, 1200)


def test_week_of_a_journey_is_by_the_clock_of_the_place() -> None:
    journey = values.travel(date(2026, 11, 24), date(2026, 11, 24), zone("America/New_York"))
    booked = Mark(BandKind.BOOKED, between("2026-11-24 21:00", "2026-11-24 21:30"))
    opened = hours(weekly((2,), "16:00", "17:00"), travel=(journey,))
    (shown,) = week.weeks(opened, [booked], MONDAY, 1, clock=H24)

    assert [(band.kind, band.top, band.bottom) for band in shown.days[1].bands] == [
        (BandKind.OPEN, 960, 1020),
        (BandKind.BOOKED, 960, 990),
    ]


def test_band_over_a_repeated_hour_on_25_october_2026_has_its_real_length() -> None:
    # 02:30 in the first pass to 02:15 in the second: 45 minutes.
    booked = Mark(BandKind.BOOKED, between("2026-10-25 00:30", "2026-10-25 01:15"))
    (shown,) = week.weeks(hours(), [booked], date(2026, 10, 19), 1, clock=H24)

    (band,) = shown.days[6].bands
    assert (band.top, band.height) == (150, 45)


def test_span_is_the_time_that_the_weeks_show() -> None:
    assert week.weeks_interval(hours(), MONDAY, 2) == between(
        "2026-11-22 23:00", "2026-12-06 23:00"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (weekly((2,), "16:00", "17:00"), "Tuesdays 16:00 to 17:00"),
        (weekly((1, 2, 3, 4, 5), "09:00", "12:00"), "Mondays to Fridays 09:00 to 12:00"),
        (weekly((5, 1), "09:00", "12:00"), "Mondays and Fridays 09:00 to 12:00"),
        (weekly((1, 2, 6), "09:00", "12:00"), "Mondays, Tuesdays and Saturdays 09:00 to 12:00"),
        (weekly((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00"), "every day all day"),
        (weekly((5,), "22:00", "02:00"), "Fridays 22:00 to 02:00 the next day"),
        (weekly((5,), "20:00", "00:00"), "Fridays 20:00 to midnight"),
        (
            weekly((4,), "18:00", "19:00", every=2, since=date(2026, 1, 1)),
            "every second Thursday 18:00 to 19:00, next on 3 Dec",
        ),
        (
            weekly((4,), "18:00", "19:00", every=2, since=date(2026, 1, 8)),
            "every second Thursday 18:00 to 19:00, next on 26 Nov",
        ),
        (
            weekly((2, 4), "18:00", "19:00", every=3, since=date(2027, 1, 5)),
            "every third week on Tuesdays and Thursdays 18:00 to 19:00, next on 5 Jan 2027",
        ),
        (
            weekly((2,), "18:00", "19:00", every=6, since=date(2026, 11, 24)),
            "every 6 weeks on Tuesdays 18:00 to 19:00, next on 24 Nov",
        ),
        (
            weekly((2,), "18:00", "19:00", since=date(2026, 12, 10)),
            "Tuesdays 18:00 to 19:00, from 8 Dec on",
        ),
    ],
)
def test_weekly_hours_are_said_in_a_sentence(line: WeeklyHours, words: str) -> None:
    assert hours_words.weekly(line, TODAY, H24) == words


def test_dates_time_off_and_travel_are_said_in_words() -> None:
    windows = (
        values.opening(time("10:00"), time("12:00")),
        values.opening(time("22:00"), time("01:00")),
    )
    said = [
        hours_words.on_date(values.date_hours(date(2026, 8, 4), windows), H24),
        hours_words.on_date(values.date_hours(date(2026, 8, 4), ()), H24),
        hours_words.time_off(values.time_off(date(2026, 8, 1), date(2026, 8, 31), "holiday")),
        hours_words.time_off(values.time_off(date(2026, 8, 1), date(2026, 8, 1))),
        hours_words.travel(values.travel(date(2026, 8, 1), None, zone("America/New_York"))),
        hours_words.travel(values.travel(date(2026, 8, 1), date(2026, 8, 2), zone("Asia/Tokyo"))),
    ]
    assert said == [
        "Tue 4 Aug 2026: 10:00 to 12:00 and 22:00 to 01:00 the next day",
        "Tue 4 Aug 2026: closed",
        "Sat 1 Aug 2026 to Mon 31 Aug 2026: holiday",
        "Sat 1 Aug 2026",
        "from Sat 1 Aug 2026 on: New York",
        "Sat 1 Aug 2026 to Sun 2 Aug 2026: Tokyo",
    ]


def test_time_off_covers_both_its_first_and_its_last_date() -> None:
    off = values.time_off(date(2026, 11, 24), date(2026, 11, 25))
    (shown,) = week.weeks(hours(time_off=(off,)), [], MONDAY, 1, clock=H24)

    away = [any(band.kind is BandKind.AWAY for band in picture.bands) for picture in shown.days]
    assert away == [False, True, True, False, False, False, False]


def test_mark_over_a_repeated_hour_is_shown_with_its_real_length_2026_10_25() -> None:
    mark = Mark(BandKind.BOOKED, between("2026-10-25 00:00", "2026-10-25 01:00"))  # 02:00 twice
    (shown,) = week.weeks(hours(), [mark], date(2026, 10, 19), 1, clock=H24)

    assert shown.days[6].bands == (Band(BandKind.BOOKED, 120, 180, "booked 02:00 to 03:00"),)


def test_opening_that_ends_when_it_began_ends_on_the_next_day() -> None:
    whole_day = values.opening("16:00", "16:00")
    assert hours_words.opening(whole_day, H24) == "16:00 to 16:00 the next day"


def test_hours_are_said_on_the_12_hour_clock() -> None:
    line = weekly((2,), "09:00", "00:00")
    assert hours_words.weekly(line, TODAY, HourClock.H12) == "Tuesdays 9:00 am to midnight"
    (shown,) = week.weeks(hours(line), [], MONDAY, 1, clock=HourClock.H12)
    assert shown.labels == ("8:00 am", "12:00 pm", "4:00 pm", "8:00 pm", "12:00 am")
    assert shown.days[1].words == "Tuesday 24 November: open 9:00 am to midnight"
