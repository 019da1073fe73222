"""Timetables in wall time, and the rules that are refused."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.recurrence import (
    Period,
    RuleRefused,
    Slot,
    Timetable,
    check,
    following,
    occurrences,
    occurs_on,
)

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = datetime(2024, 1, 5, 10)  # a Friday


def timetable(*periods: Period, zone: str = "Europe/Berlin") -> Timetable:
    return Timetable(zone, periods)


def dates(rule: str, starts: datetime, first: date, last: date) -> list[date]:
    return [slot.date for slot in occurrences(timetable(Period(starts, 60, rule)), first, last)]


def test_occurrences_include_both_ends_of_the_window():
    fridays = timetable(Period(STARTS, 60, "FREQ=WEEKLY;BYDAY=FR"))

    assert occurrences(fridays, date(2024, 1, 12), date(2024, 1, 19)) == [
        Slot(date(2024, 1, 12), datetime(2024, 1, 12, 10), 60),
        Slot(date(2024, 1, 19), datetime(2024, 1, 19, 10), 60),
    ]


def test_occurrences_without_a_rule_are_the_start_alone():
    once = timetable(Period(STARTS, 90))

    assert occurrences(once, date(2020, 1, 1), date(2030, 1, 1)) == [
        Slot(date(2024, 1, 5), STARTS, 90)
    ]
    assert occurrences(once, date(2024, 1, 6), date(2030, 1, 1)) == []


def test_occurrences_leave_out_a_start_that_does_not_fit_the_rule():
    assert dates("FREQ=WEEKLY;BYDAY=MO", STARTS, date(2024, 1, 1), date(2024, 1, 15)) == [
        date(2024, 1, 8),
        date(2024, 1, 15),
    ]


def test_a_later_period_takes_over_from_its_first_date():
    fridays = Period(STARTS, 60, "FREQ=WEEKLY")
    mondays = Period(datetime(2024, 1, 17, 18), 45, "FREQ=WEEKLY;BYDAY=MO")

    slots = occurrences(timetable(mondays, fridays), date(2024, 1, 1), date(2024, 1, 31))

    assert slots == [
        Slot(date(2024, 1, 5), datetime(2024, 1, 5, 10), 60),
        Slot(date(2024, 1, 12), datetime(2024, 1, 12, 10), 60),
        Slot(date(2024, 1, 22), datetime(2024, 1, 22, 18), 45),
        Slot(date(2024, 1, 29), datetime(2024, 1, 29, 18), 45),
    ]


def test_of_two_periods_with_one_first_date_the_later_line_holds():
    slots = occurrences(
        timetable(Period(STARTS, 60, "FREQ=DAILY"), Period(STARTS, 30)),
        date(2024, 1, 1),
        date(2024, 1, 31),
    )

    assert slots == [Slot(date(2024, 1, 5), STARTS, 30)]


def test_a_period_ends_with_its_last_date_and_leaves_a_pause():
    daily = Period(STARTS, 60, "FREQ=DAILY", until=date(2024, 1, 7))
    later = Period(datetime(2024, 1, 10, 10), 60, "FREQ=DAILY;COUNT=2")

    slots = occurrences(timetable(daily, later), date(2024, 1, 1), date(2024, 1, 31))

    assert [slot.date.day for slot in slots] == [5, 6, 7, 10, 11]


@pytest.mark.parametrize(
    ("until", "last_day"),
    [
        ("20240119", 19),
        ("20240119T100000", 19),
        ("20240119T095959", 12),
        ("20240119T090000Z", 19),  # 10:00 in Berlin
        ("20240119T085959Z", 12),
        ("20240118T230000Z", 12),  # the 19th in Berlin, before the start
    ],
)
def test_until_is_inclusive_in_its_three_forms(until: str, last_day: int):
    found = dates(f"FREQ=WEEKLY;UNTIL={until}", STARTS, date(2024, 1, 1), date(2024, 2, 28))

    assert found[-1] == date(2024, 1, last_day)


def test_until_in_utc_counts_the_first_pass_of_a_repeated_hour_2024_10_27():
    # 02:45 comes first at 00:45Z; the end is 02:30 of the second pass, 01:30Z.
    starts = datetime(2024, 10, 25, 2, 45)

    found = dates(
        "FREQ=DAILY;UNTIL=20241027T013000Z", starts, date(2024, 10, 1), date(2024, 11, 30)
    )

    assert found == [date(2024, 10, 25), date(2024, 10, 26), date(2024, 10, 27)]


def test_count_counts_from_the_start_whatever_the_window():
    found = dates("FREQ=WEEKLY;COUNT=3", STARTS, date(2024, 1, 15), date(2024, 12, 31))

    assert found == [date(2024, 1, 19)]


def test_every_second_week_keeps_its_phase_and_week_start_for_ever():
    # RFC 5545 3.8.5.3, the WKST example, carried on to 2026.
    starts = datetime(1997, 8, 5, 9)  # a Tuesday
    window = date(2026, 3, 1), date(2026, 3, 22)

    monday = dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", starts, *window)
    sunday = dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", starts, *window)

    assert monday == [date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 15)]
    assert sunday == [date(2026, 3, 8), date(2026, 3, 10), date(2026, 3, 22)]


def test_weekdays_with_and_without_number_are_a_union():
    found = dates("FREQ=MONTHLY;BYDAY=MO,1FR", STARTS, date(2024, 2, 1), date(2024, 2, 29))

    assert [day.day for day in found] == [2, 5, 12, 19, 26]


def test_the_29th_of_february_comes_in_leap_years_only():
    found = dates("FREQ=YEARLY", datetime(2024, 2, 29, 9), date(2024, 1, 1), date(2034, 1, 1))

    assert found == [date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29)]


def test_occurs_on_tells_a_date_of_the_rule():
    fridays = timetable(Period(STARTS, 60, "FREQ=WEEKLY"))

    assert occurs_on(fridays, date(2024, 3, 1))
    assert not occurs_on(fridays, date(2024, 3, 2))
    assert not occurs_on(fridays, date(2023, 12, 29))


def test_following_gives_the_next_slots_after_a_date():
    leap = timetable(Period(datetime(2024, 2, 29, 9), 60, "FREQ=YEARLY"))

    assert [slot.date for slot in following(leap, date(2024, 2, 29), 2)] == [
        date(2028, 2, 29),
        date(2032, 2, 29),
    ]
    assert [slot.date for slot in following(leap, date(2024, 2, 28), 1)] == [date(2024, 2, 29)]


def test_following_stops_after_ten_years():
    daily = timetable(Period(STARTS, 60, "FREQ=DAILY"))

    found = following(daily, date(2024, 6, 1), 100_000)

    assert found[0].date == date(2024, 6, 2)
    assert found[-1].date == date(2024, 6, 1) + timedelta(days=3660)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", "FREQ=WEEKLY;BYDAY=FR"),
        ("BYDAY=FR;FREQ=WEEKLY;INTERVAL=1", "BYDAY=FR;FREQ=WEEKLY;INTERVAL=1"),
        (" rrule:freq=weekly; byday=fr;\n", "FREQ=WEEKLY;BYDAY=FR"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_check_returns_the_rule_in_one_spelling(rule: str, text: str):
    assert check(rule, STARTS, BERLIN) == text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=HOURLY", "FREQ=HOURLY is too often: at most once a day is possible."),
        ("FREQ=SECONDLY;COUNT=2", "FREQ=SECONDLY is too often: at most once a day is possible."),
        ("FREQ=NEVER", "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY."),
        ("BYDAY=FR", "The rule has no FREQ: DAILY, WEEKLY, MONTHLY or YEARLY."),
        (
            "FREQ=DAILY;BYHOUR=9,10",
            "BYHOUR is not supported: an event starts once a day, at its start.",
        ),
        (
            "RSCALE=CHINESE;FREQ=YEARLY",
            "RSCALE is not supported: rules follow the Gregorian calendar.",
        ),
        (
            "FREQ=DAILY;COUNT=3;UNTIL=20250101",
            "UNTIL and COUNT exclude each other: keep one of them.",
        ),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be a number from 1 to 10,000."),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be a number from 1 to 10,000."),
        ("FREQ=DAILY;COUNT=10001", "COUNT must be a number from 1 to 10,000."),
        ("FREQ=DAILY;COUNT=" + "9" * 600, "COUNT must be a number from 1 to 10,000."),
        ("FREQ=DAILY;COUNT=٣", "COUNT must be a number from 1 to 10,000."),
        ("FREQ=DAILY;BYEASTER=0", "“BYEASTER=0” is not a part of a recurrence rule."),
        ("FREQ=DAILY;X-A=1", "“X-A=1” is not a part of a recurrence rule."),
        ("every friday", "“EVERYFRIDAY” is not a part of a recurrence rule."),
        ("FREQ=DAILY;;COUNT=2", "“” is not a part of a recurrence rule."),
        ("FREQ=DAILY;BYDAY=", "BYDAY has no value."),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is there twice."),
        (
            "FREQ=DAILY\nFREQ=WEEKLY",
            "Give one rule only; another rhythm needs a line of its own.",
        ),
        (
            "RRULE:FREQ=DAILY RRULE:FREQ=WEEKLY",
            "Give one rule only; another rhythm needs a line of its own.",
        ),
        ("FREQ=DAILY;BYDAY=" + "MO," * 300, "The rule is longer than 732 characters."),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY cannot be “XX”."),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY cannot be “0MO”."),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY cannot be “54MO”."),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH cannot be “13”."),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH cannot be “-1”."),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY cannot be “32”."),
        ("FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY cannot be “0”."),
        ("FREQ=WEEKLY;WKST=1", "WKST must be one of MO, TU, WE, TH, FR, SA, SU."),
        (
            "FREQ=DAILY;UNTIL=tomorrow",
            "UNTIL must look like 20241220, 20241220T100000 or 20241220T180000Z.",
        ),
        ("FREQ=DAILY;UNTIL=20250230", "UNTIL is not a date of the calendar."),
        ("FREQ=DAILY;UNTIL=20250201T990000", "UNTIL is not a date of the calendar."),
        ("FREQ=MONTHLY;BYWEEKNO=2", "BYWEEKNO is for FREQ=YEARLY only."),
        ("FREQ=DAILY;BYYEARDAY=2", "BYYEARDAY is for FREQ=YEARLY only."),
        ("FREQ=WEEKLY;BYMONTHDAY=2", "BYMONTHDAY is not for FREQ=WEEKLY."),
        (
            "FREQ=WEEKLY;BYDAY=1MO",
            "Numbered weekdays such as 1MO are for FREQ=MONTHLY and FREQ=YEARLY only.",
        ),
        (
            "FREQ=MONTHLY;BYDAY=6MO",
            "A month has at most five of a weekday: BYDAY counts to 5 there.",
        ),
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", "Numbered weekdays cannot go with BYWEEKNO."),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs another BY part to choose from."),
        ("FREQ=DAILY;UNTIL=20240104", "The rule ends before its first date."),
        (
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "No date fits this rule: it would never take place.",
        ),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "No date fits this rule: it would never take place."),
        (
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20240107",
            "No date fits this rule: it would never take place.",
        ),
    ],
)
def test_check_refuses_in_words(rule: str, words: str):
    with pytest.raises(RuleRefused) as refused:
        check(rule, STARTS, BERLIN)

    assert str(refused.value) == words


def test_check_refuses_a_start_far_from_our_time():
    with pytest.raises(RuleRefused) as refused:
        check("FREQ=DAILY", datetime(1, 1, 1, 10), BERLIN)

    assert str(refused.value) == "A rule must start between 1900 and 2200."


def test_until_in_utc_may_fall_on_the_repeated_evening_before_2006_10_29():
    # In St John's 00:01 became 23:01 of the day before; the end is 23:30 of the second pass.
    newfoundland = timetable(
        Period(datetime(2006, 10, 27), 60, "FREQ=DAILY;UNTIL=20061029T030000Z"),
        zone="America/St_Johns",
    )

    slots = occurrences(newfoundland, date(2006, 10, 1), date(2006, 11, 30))

    assert [slot.date.day for slot in slots] == [27, 28, 29]


def test_positions_of_the_first_week_count_from_the_start():
    wednesday = datetime(2024, 1, 3, 10)

    found = dates(
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", wednesday, date(2024, 1, 1), date(2024, 1, 15)
    )

    assert found == [date(2024, 1, 3), date(2024, 1, 8), date(2024, 1, 15)]
