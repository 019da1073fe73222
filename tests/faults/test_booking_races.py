"""Racing guests never get overlapping times; with a naive check they do.

`SEED=n` in the environment replays the plan of a run.
"""

import os
import random
import sys

import pytest

from tests.faults import racing

ANSWERS = {"booked", "moved", "cancelled", "taken"}


def a_seed() -> int:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
    sys.stdout.write(f"replay with SEED={seed}\n")
    return seed


def holds(outcome: racing.Outcome, attempts: int) -> None:
    """Assert the promise: no overlap, and an answer in words to everybody."""
    sys.stdout.write(f"{outcome}\n")
    assert outcome.told.keys() <= ANSWERS
    assert outcome.told.total() == attempts
    assert outcome.overlaps == 0
    assert outcome.standing == outcome.told["booked"] - outcome.told["cancelled"]
    assert min(outcome.told[answer] for answer in ANSWERS) > 0


def test_racing_guests_get_no_overlap(database_url, tmp_path):
    holds(racing.race(database_url, tmp_path, seed=a_seed(), attempts=240), 240)


def test_same_request_sent_by_all_at_once_makes_one_booking(database_url, tmp_path):
    outcome = racing.repeat(database_url, tmp_path, seed=0, attempts=40)

    assert sorted(outcome.told.values()) == [racing.PROCESSES] * 10
    assert outcome.standing == 10


def test_race_shows_overlaps_of_a_naive_check(database_url, tmp_path):
    outcome = racing.naive_race(database_url, tmp_path, seed=a_seed(), attempts=200)

    sys.stdout.write(f"{outcome}\n")
    assert outcome.overlaps > 0


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_2000_racing_guests_get_no_overlap(database_url, tmp_path):
    holds(racing.race(database_url, tmp_path, seed=a_seed(), attempts=2000), 2000)


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_2000_naive_guests_get_overlaps(database_url, tmp_path):
    outcome = racing.naive_race(database_url, tmp_path, seed=a_seed(), attempts=2000)

    sys.stdout.write(f"{outcome}\n")
    assert outcome.overlaps > 100
