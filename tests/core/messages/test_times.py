"""Times in messages name the zone, and the offset where the clock alone is ambiguous."""

from datetime import UTC, datetime, timedelta

import pytest

from core.messages import times
from core.time_format import HourClock

HOUR = timedelta(hours=1)
REPEATED = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # Sunday 01:30 in New York, the first pass
AOE = "UTC\u221212 (anywhere on earth)"


@pytest.mark.parametrize(
    ("starts_at", "zone", "said"),
    [
        (
            datetime(2026, 5, 12, 14, 0, tzinfo=UTC),
            "Europe/Berlin",
            "Tuesday 12 May 2026, 16:00 to 17:00 in Berlin (UTC+02:00)",
        ),
        (
            REPEATED,
            "America/New_York",
            "Sunday 1 November 2026, 01:30 (UTC-04:00) to 01:30 (UTC-05:00) in New York",
        ),
        (
            REPEATED - HOUR / 2,
            "America/New_York",
            "Sunday 1 November 2026, 01:00 (UTC-04:00) to 01:00 (UTC-05:00) in New York",
        ),
        (
            datetime(2026, 12, 10, 11, 0, tzinfo=UTC),
            "Etc/GMT+12",
            f"Wednesday 9 December 2026, 23:00 to Thursday 10 December 2026, 00:00 in {AOE}",
        ),
    ],
)
def test_span_is_never_ambiguous(starts_at, zone, said):
    assert times.span(starts_at, starts_at + HOUR, zone, HourClock.H24) == said


def test_point_and_subject_name_the_pass_of_a_repeated_hour():
    second = REPEATED + HOUR
    assert times.point(second, "America/New_York", HourClock.H24) == (
        "Sunday 1 November 2026, 01:30 (UTC-05:00) in New York"
    )
    assert times.short(second, "America/New_York", HourClock.H24) == (
        "Sun 1 Nov 2026, 01:30 (UTC-05:00) (New York)"
    )
