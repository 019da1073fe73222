"""Ready or not: how old the last tick of the background jobs may be."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core import worker

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "status", "words"),
    [
        (timedelta(), 200, "ok"),
        (timedelta(minutes=2), 200, "ok"),
        (timedelta(minutes=2, seconds=1), 503, "the last tick is 121 s old"),
        (timedelta(days=3), 503, "the last tick is 259200 s old"),
    ],
)
def test_readyz_tells_the_age_of_the_last_tick(sqlite_app, sqlite_client, age, status, words):
    with time_machine.travel(NOW, tick=False):
        worker.tick(sqlite_app, NOW)
    with time_machine.travel(NOW + age, tick=False):
        answer = sqlite_client.get("/readyz")

    assert (answer.status_code, answer.get_json()["worker"]) == (status, words)


def test_readyz_without_any_tick_says_what_to_start(sqlite_client):
    answer = sqlite_client.get("/readyz")

    assert (answer.status_code, answer.get_json()["worker"]) == (
        503,
        "no background job has run yet: start `flask worker`",
    )
