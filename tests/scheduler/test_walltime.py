"""Wall time and instants, named by the date of the clock change."""

from datetime import UTC, date, datetime

import pytest

from core.zones import zone
from scheduler.domain.walltime import instant, midnight, wall


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize(
    ("name", "local", "expected"),
    [
        ("Asia/Kolkata", "2026-06-15T10:00", "2026-06-15T04:30"),
        ("Asia/Kathmandu", "2026-06-15T10:00", "2026-06-15T04:15"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30"),  # gap: shown as 03:30
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45"),  # gap of half an hour
        ("Africa/Cairo", "2024-04-26T00:00", "2024-04-25T22:00"),  # no midnight: shown as 01:00
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T19:00"),  # no such date: the 31st
    ],
)
def test_instant_of_a_wall_time_without_a_choice(name, local, expected, fold):
    assert instant(datetime.fromisoformat(local), zone(name), fold=fold) == utc(expected)


@pytest.mark.parametrize(
    ("name", "local", "first", "second"),
    [
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T06:30"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T01:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", "2026-04-04T15:15"),
        ("America/St_Johns", "2010-11-07T00:00", "2010-11-07T02:30", "2010-11-07T03:30"),
    ],
)
def test_instant_of_a_repeated_wall_time_is_chosen_by_fold(name, local, first, second):
    at = datetime.fromisoformat(local)

    assert instant(at, zone(name)) == utc(first)
    assert instant(at, zone(name), fold=1) == utc(second)


def test_midnight_is_where_the_date_begins():
    assert midnight(date(2026, 11, 1), zone("America/Havana")) == utc("2026-11-01T04:00")
    assert midnight(date(2024, 4, 26), zone("Africa/Cairo")) == utc("2024-04-25T22:00")


def test_wall_is_what_a_clock_shows():
    assert wall(utc("2026-11-01T06:30"), zone("America/New_York")) == datetime.fromisoformat(
        "2026-11-01T01:30"
    )
