"""What a period is called in words."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from core.time_format import HourClock
from scheduler.domain.recurrence import Period, Timetable
from scheduler.domain.rule_words import in_words, lines, together

STARTS = datetime(2024, 1, 5, 10)  # a Friday


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", "Fridays"),
        ("FREQ=WEEKLY", "Fridays"),
        ("FREQ=WEEKLY;BYDAY=TH,TU", "Tuesdays and Thursdays"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Mondays to Fridays"),
        ("FREQ=DAILY;BYDAY=MO,WE,FR", "Mondays, Wednesdays and Fridays"),
        ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=6,7", "Mondays in June and July"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "every second Thursday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "every second week on Tuesday and Thursday"),
        ("FREQ=DAILY", "daily"),
        ("FREQ=DAILY;INTERVAL=3", "every third day"),
        ("FREQ=DAILY;INTERVAL=21", "every 21st day"),
        ("FREQ=MONTHLY;BYDAY=1MO", "the first Monday of the month"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "the first and third Monday of the month"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "the first Monday and the last Friday of the month"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", "the last Friday of every third month"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "the last Friday of the month"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "the last weekday (Monday to Friday) of the month",
        ),
        ("FREQ=MONTHLY", "the 5th of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "the 1st and the last day of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=12;BYMONTH=1,7", "the 12th of January and July"),
        ("FREQ=YEARLY", "every year on 5 January"),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=9;BYMONTHDAY=3", "every second year on 3 September"),
        ("FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", "every year on the first Monday of September"),
    ],
)
def test_in_words_says_the_rhythm(rule: str, words: str):
    said = in_words(Period(STARTS, 60, rule), "America/Los_Angeles", HourClock.H24)

    assert said == f"{words} at 10:00 in Los Angeles, 60 minutes"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=MO,TU",
        "FREQ=MONTHLY;BYDAY=MO,WE;BYSETPOS=2",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=YEARLY;BYDAY=20MO",
    ],
)
def test_in_words_quotes_a_rule_without_simple_wording(rule: str):
    said = in_words(Period(STARTS, 60, rule), "Asia/Kolkata", HourClock.H24)

    assert said == (
        f"on dates by the rule {rule}, from 5 January 2024 at 10:00 in Kolkata, 60 minutes"
    )


@pytest.mark.parametrize(
    ("rule", "until", "words"),
    [
        ("FREQ=WEEKLY", date(2024, 12, 20), "until 20 December 2024"),
        ("FREQ=WEEKLY;UNTIL=20241220", None, "until 20 December 2024"),
        ("FREQ=WEEKLY;UNTIL=20241220T095959", None, "until 19 December 2024"),
        ("FREQ=WEEKLY;UNTIL=20241220T180000Z", None, "until 20 December 2024"),
        ("FREQ=WEEKLY;UNTIL=20241220", date(2024, 6, 1), "until 1 June 2024"),
        ("FREQ=WEEKLY;COUNT=10", None, "10 times"),
        ("FREQ=WEEKLY;COUNT=10", date(2024, 6, 1), "10 times, until 1 June 2024"),
    ],
)
def test_in_words_says_the_end(rule: str, until: date | None, words: str):
    said = in_words(Period(STARTS, 45, rule, until), "America/Los_Angeles", HourClock.H24)

    assert said == f"Fridays at 10:00 in Los Angeles, 45 minutes, {words}"


def test_in_words_says_a_single_date():
    said = in_words(Period(STARTS, 1), "UTC", HourClock.H24)

    assert said == "once, on Friday 5 January 2024 at 10:00 UTC, 1 minute"


TUESDAYS = Period(datetime(2026, 1, 6, 14), 60, "FREQ=WEEKLY", track="early")
THURSDAYS = Period(datetime(2026, 1, 8, 10), 60, "FREQ=WEEKLY", track="late")
ODD = Period(datetime(2026, 1, 6, 17), 60, "FREQ=WEEKLY;INTERVAL=2", track="west")
EVEN = Period(datetime(2026, 1, 13, 9), 60, "FREQ=WEEKLY;INTERVAL=2", track="east")


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([TUESDAYS], "Tuesdays at 14:00 in Berlin, 60 minutes"),
        (
            [THURSDAYS, TUESDAYS],
            "Tuesdays at 14:00 and Thursdays at 10:00 in Berlin, 60 minutes",
        ),
        ([EVEN, ODD], "Tuesdays in turn at 17:00 and 09:00 in Berlin, 60 minutes"),
        (
            [ODD, replace(EVEN, starts=datetime(2026, 1, 8, 9))],
            "every second Tuesday at 17:00 and every second Thursday at 09:00 in Berlin, "
            "60 minutes",
        ),
        (
            [ODD, replace(EVEN, starts=datetime(2026, 1, 13, 9), minutes=45)],
            "every second Tuesday at 17:00 in Berlin, 60 minutes; "
            "every second Tuesday at 09:00 in Berlin, 45 minutes",
        ),
        (
            [TUESDAYS, replace(THURSDAYS, until=date(2026, 3, 1))],
            "Tuesdays at 14:00 in Berlin, 60 minutes; "
            "Thursdays at 10:00 in Berlin, 60 minutes, until 1 March 2026",
        ),
    ],
)
def test_together_says_tracks_in_one_phrase(periods: list[Period], words: str):
    assert together(periods, "Europe/Berlin", HourClock.H24) == words


def test_lines_name_their_track_and_what_replaces_them():
    timetable = Timetable(
        "Europe/Berlin",
        (
            Period(datetime(2026, 1, 6, 14), 60, "FREQ=WEEKLY"),
            Period(datetime(2026, 2, 3, 15), 60, "FREQ=WEEKLY", date(2026, 6, 30)),
            Period(datetime(2026, 7, 7, 15), 60, "FREQ=WEEKLY"),
            THURSDAYS,
        ),
    )

    assert lines(timetable, HourClock.H24) == [
        "Tuesdays at 14:00 in Berlin, 60 minutes, replaced from 3 February 2026",
        "Tuesdays at 15:00 in Berlin, 60 minutes, until 30 June 2026",
        "Tuesdays at 15:00 in Berlin, 60 minutes",
        "track late: Thursdays at 10:00 in Berlin, 60 minutes",
    ]
