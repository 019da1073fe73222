"""Workers killed at any point lose no mail; naive ones do, or send it twice.

`SEED=n` in the environment replays the plan of a run.
"""

import os
import random
import sys

import pytest

from tests.faults import killing
from tests.faults.killing import MAIL


def a_seed() -> int:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
    sys.stdout.write(f"replay with SEED={seed}\n")
    return seed


def holds(outcome: killing.Outcome, messages: int, kills: int) -> None:
    """Assert the promise: none lost, one Message-ID each, no more extras than kills."""
    sys.stdout.write(f"{outcome.kills}, {outcome.extras} extras\n")
    assert outcome.states == {"sent": messages}
    assert outcome.lost == 0
    assert outcome.with_second_ids == 0
    assert outcome.extras <= outcome.kills.total() - outcome.kills[MAIL]
    # A kill at random may find its worker dead already.
    assert kills * 3 // 4 <= outcome.kills.total() <= kills


def test_outbox_survives_kills(blank_database_url):
    outcome = killing.run(
        "outbox", blank_database_url, seed=a_seed(), messages=60, kills=24, seconds=60
    )
    holds(outcome, 60, 24)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_outbox_survives_200_kills(blank_database_url):
    outcome = killing.run(
        "outbox", blank_database_url, seed=a_seed(), messages=500, kills=200, seconds=600
    )
    holds(outcome, 500, 200)


def test_harness_shows_that_marking_first_loses_mail(blank_database_url):
    outcome = killing.run(
        "mark-first", blank_database_url, seed=a_seed(), messages=40, kills=16, seconds=60
    )
    assert outcome.lost > 0


def test_harness_shows_that_marking_last_sends_second_ids(blank_database_url):
    outcome = killing.run(
        "send-then-mark", blank_database_url, seed=a_seed(), messages=40, kills=16, seconds=60
    )
    assert outcome.with_second_ids > 0
