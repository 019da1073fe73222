"""What `/readyz` says of the schema, and how little it does for it."""

import pytest
from sqlalchemy import text

from core import clock, health
from core.db import db, transaction
from core.worker import TICKS


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
    """Let the database say that it is at the first revision; PostgreSQL's is used again."""
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
