"""When a request lapses, and when its host is reminded of it."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain import waiting
from tests.factories_booking import at

HOUR = timedelta(hours=1)
ASKED = at("2026-06-01 06:00")


@pytest.mark.parametrize(
    ("starts_at", "lead", "lapses_at"),
    [
        ("2026-06-03 07:00", 1, "2026-06-03 06:00"),
        ("2026-06-03 07:00", 0, "2026-06-03 07:00"),
        ("2026-06-01 08:00", 1, "2026-06-01 07:00"),  # as near
        ("2026-06-01 07:00", 1, "2026-06-01 06:30"),  # halfway is nearer to the start
        ("2026-06-03 06:00", 48, "2026-06-02 06:00"),
        ("2026-06-03 06:00", 1000, "2026-06-02 06:00"),
    ],
)
def test_request_lapses_before_its_start_or_halfway_to_it(starts_at, lead, lapses_at):
    assert waiting.lapses_at(ASKED, at(starts_at), lead * HOUR) == at(lapses_at)


@pytest.mark.parametrize(
    ("hours", "reminded"),
    [
        (1, []),
        (1.9, []),
        (2, [1]),
        (10, [5]),
        (24, [12]),
        (25, [24]),  # the second would come half an hour after the first
        (26, [24, 25]),
        (48, [24, 36]),
        (240, [24, 132]),
    ],
)
def test_host_is_reminded_after_a_day_and_at_half_of_what_is_left(hours, reminded):
    found = waiting.reminders(ASKED, ASKED + hours * HOUR)
    assert [(each - ASKED) / HOUR for each in found] == reminded


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)))
def test_mails_about_a_request_are_an_hour_apart_and_before_it_lapses(length):
    times = [ASKED, *waiting.reminders(ASKED, ASKED + length), ASKED + length]
    assert times == sorted(times)
    assert all(later - earlier >= HOUR for earlier, later in pairwise(times[:-1]))
