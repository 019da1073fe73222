"""The reader's own time: shifts by a change of clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from core import own_time

NEW_YORK, BERLIN, LOS_ANGELES = "America/New_York", "Europe/Berlin", "America/Los_Angeles"
# Clocks change on 8 March 2026 in the US, on 29 March in Europe.
US_CHANGED = datetime(2026, 3, 13, 17, 0, tzinfo=UTC)  # a Friday, 10:00 in Los Angeles
EU_CHANGED = datetime(2026, 4, 3, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "before", "zone", "own", "note"),
    [
        (
            US_CHANGED,
            timedelta(days=6, hours=23),
            LOS_ANGELES,
            BERLIN,
            "one hour earlier for you than last week: clocks changed in Los Angeles",
        ),
        (
            EU_CHANGED,
            timedelta(days=7),
            LOS_ANGELES,
            BERLIN,
            "one hour later for you than last week: clocks changed in Berlin",
        ),
        (
            EU_CHANGED,
            timedelta(days=14),
            LOS_ANGELES,
            BERLIN,
            "one hour later for you than last time: clocks changed in Berlin",
        ),
        (US_CHANGED, timedelta(days=6, hours=23), LOS_ANGELES, NEW_YORK, ""),
        (US_CHANGED + timedelta(days=7), timedelta(days=7), LOS_ANGELES, BERLIN, ""),
        # The series itself moved to another hour.
        (EU_CHANGED, timedelta(days=7, hours=1), LOS_ANGELES, BERLIN, ""),
    ],
)
def test_shift_note_says_whose_clocks_changed(
    at: datetime, before: timedelta, zone: str, own: str, note: str
) -> None:
    assert own_time.shift_note(at, at - before, zone, own) == note
