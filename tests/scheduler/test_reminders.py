"""Which reminder is due, by the contract's times."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.reminders import A_DAY, AN_HOUR, LEADS, due, horizon, reminder

STARTS_AT = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)  # a Wednesday
LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)
INSTANT = datetime.resolution


def lead_due(before: timedelta, placed_before: timedelta = timedelta(days=30)):
    found = due(STARTS_AT, LEADS, STARTS_AT - placed_before, STARTS_AT - before)
    return found and found.lead


@pytest.mark.parametrize(
    ("before", "lead"),
    [
        (A_DAY + INSTANT, None),
        (A_DAY, A_DAY),
        (timedelta(hours=2) + INSTANT, A_DAY),
        (timedelta(hours=2), None),
        (AN_HOUR + INSTANT, None),
        (AN_HOUR, AN_HOUR),
        (timedelta(minutes=5) + INSTANT, AN_HOUR),
        (timedelta(minutes=5), None),
        (timedelta(), None),
        (-A_DAY, None),
    ],
)
def test_due_is_the_latest_reminder_that_helps(before, lead):
    assert lead_due(before) == lead


@pytest.mark.parametrize(
    ("placed_before", "before", "lead"),
    [
        (A_DAY, A_DAY, A_DAY),
        (A_DAY - INSTANT, timedelta(hours=20), None),
        (A_DAY - INSTANT, AN_HOUR, AN_HOUR),
        (AN_HOUR - INSTANT, timedelta(minutes=30), None),
    ],
)
def test_due_is_nothing_whose_lead_had_passed_when_the_start_was_chosen(
    placed_before, before, lead
):
    assert lead_due(before, placed_before) == lead


def test_due_is_one_of_two_that_help():
    leads = (AN_HOUR, timedelta(minutes=30))
    now = STARTS_AT - timedelta(minutes=20)

    assert due(STARTS_AT, leads, LONG_AGO, now) == reminder(STARTS_AT, timedelta(minutes=30))


def test_horizon_leaves_no_due_reminder_beyond():
    now = STARTS_AT - A_DAY

    assert horizon(LEADS, now) > STARTS_AT
    assert due(horizon(LEADS, now), LEADS, LONG_AGO, now) is None
