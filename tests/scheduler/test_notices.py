"""When a notice of a change is due."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain import notices

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("last", "starts_in", "delay", "due"),
    [
        (0, 9 * HOUR, 5, 5),  # after the delay
        (4, 9 * HOUR, 5, 9),  # of the last change
        (29, 9 * HOUR, 5, 30),  # half an hour after the first at most
        (40, 9 * HOUR, 5, 30),
        (0, 9 * HOUR, 0, 0),
        (2, 3 * HOUR, 5, 0),  # at once when it starts within three hours
        (0, HOUR, 5, 0),
        (0, 3 * HOUR + 2 * MINUTE, 5, 2),  # or begins to
        (0, -HOUR, 5, 0),
    ],
)
def test_notice_waits_for_other_changes_but_not_for_too_long(last, starts_in, delay, due):
    at = notices.due_at(NINE, NINE + last * MINUTE, NINE + starts_in, delay * MINUTE)
    assert at == NINE + due * MINUTE
