"""`/readyz` reports the schema and the last tick with little work per request."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from core import clock, worker
from core.db.base import db
from core.db.transaction import transaction
from core.http import health
from core.worker import TICKS

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)


def test_ready_when_migrated_and_a_job_has_just_run(app, client):
    with app.app_context(), transaction() as session:
        session.execute(TICKS.insert().values(name="deliver", last_at=clock.now()))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()) == (
        200,
        {"status": "ok", "database": "ok", "migrations": "ok", "worker": "ok"},
    )


@pytest.fixture
def old_revision(app):
    """Mark the database as being at the first revision, and restore it afterwards."""
    change = text("UPDATE alembic_version SET version_num = :revision")
    with app.app_context(), db.engine.begin() as connection:
        newest = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(change, {"revision": "0001"})
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(change, {"revision": newest})


def test_not_ready_before_the_newest_migration(client, old_revision):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()["migrations"]) == (503, "run `flask db upgrade`")


def test_probes_read_the_migration_files_once(sqlite_client):
    sqlite_client.get("/readyz")
    before = health.newest_revisions.cache_info()

    states = [sqlite_client.get("/readyz").get_json()["migrations"] for _ in range(3)]

    after = health.newest_revisions.cache_info()
    assert states == ["ok"] * 3
    assert (after.hits - before.hits, after.misses - before.misses) == (3, 0)


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
