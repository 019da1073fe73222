"""The migrations lead to the schema of the models, even if several processes run them.

Each step keeps the rows, and what guards them: see tests/migrating.py.
"""

import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Index, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from core.config import PREFIX
from core.db.base import Base, db
from tests import migrating
from tests.conftest import SECRET_KEY, make_settings, running
from tests.processes import ROOT

NO_OVERLAP = "bookings_no_overlap"
REBUILD_EVERY_TABLE = """
connection = op.get_bind()
recreate = "always" if connection.dialect.name == "sqlite" else "auto"
for table in sa.inspect(connection).get_table_names():
    if table != "alembic_version":
        with op.batch_alter_table(table, recreate=recreate) as batch:
            batch.add_column(sa.Column("extra", sa.Integer(), server_default="1"))
"""
WIDEN_PARENTS = """
for table, column in (("events", "reason"), ("series", "description"), ("bookings", "reason")):
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column, existing_type=sa.String(), type_=sa.Text())
"""
FAIL_HALFWAY = """
op.create_table("extra", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("DELETE FROM speakers")
raise ValueError("halfway")
"""


@pytest.fixture
def blank_app(blank_database_url: str, tmp_path: Path):
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        yield app


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    return folder


def assert_overlap_is_refused() -> None:
    bookings = Base.metadata.tables["bookings"]
    with db.engine.connect() as connection:
        query = select(bookings).where(bookings.c.blocks, bookings.c.host_id == 1)
        first, second = connection.execute(query.limit(2)).mappings()
        copied = {**first, "id": 1000, "ref": "other", "uid": "other"}
        with pytest.raises(IntegrityError, match=NO_OVERLAP):
            connection.execute(insert(bookings).values(copied))
        connection.rollback()
        times = {name: first[name] for name in ("starts_at", "ends_at")}
        with pytest.raises(IntegrityError, match=NO_OVERLAP):
            connection.execute(update(bookings).where(bookings.c.id == second["id"]).values(times))


def test_upgrade_of_an_empty_database_gives_the_models(blank_app: Flask):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_step_keeps_rows_and_triggers_and_the_last_gives_the_models(blank_app: Flask):
    before = None
    for revision in migrating.revisions():
        flask_migrate.upgrade(revision=revision)
        if before is not None:
            after = migrating.take()
            assert after.shared_with(before) == before.shared_with(after)
            assert after.triggers >= before.triggers
        migrating.fill(revision)
        before = migrating.take()
        assert [name for name, rows in before.rows.items() if not rows] == []

    assert_overlap_is_refused()
    tables = Base.metadata.tables.values()
    named = {(table.name, str(each.name)) for table in tables for each in table.constraints}
    indexes = {
        (table.name, str(index.name), is_partial(index))
        for table in tables
        for index in table.indexes
    }
    assert (before.constraints, before.indexes) == (named, indexes)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def is_partial(index: Index) -> bool:
    return index.dialect_options["sqlite"]["where"] is not None


@pytest.mark.parametrize("body", [REBUILD_EVERY_TABLE, WIDEN_PARENTS], ids=["every", "parents"])
def test_rebuilt_table_keeps_its_children_and_its_guards(
    blank_app: Flask, versions: Path, body: str
):
    migrating.upgrade_filled()
    before = migrating.take()
    migrating.add_step(blank_app, versions, body)

    flask_migrate.upgrade()

    after = migrating.take()
    assert after.shared_with(before) == before.shared_with(after)
    assert (after.constraints, after.indexes) == (before.constraints, before.indexes)
    assert after.triggers == before.triggers
    assert_overlap_is_refused()


def test_step_that_fails_halfway_changes_nothing(blank_app: Flask, versions: Path):
    migrating.upgrade_filled()
    before = migrating.take()
    migrating.add_step(blank_app, versions, FAIL_HALFWAY)

    with pytest.raises(ValueError, match="halfway"):
        flask_migrate.upgrade()

    assert migrating.take() == before


def test_upgrade_that_fails_takes_back_its_earlier_steps(blank_app: Flask, versions: Path):
    migrating.add_step(blank_app, versions, FAIL_HALFWAY)

    with pytest.raises(ValueError, match="halfway"):
        flask_migrate.upgrade()

    assert migrating.take().rows == {}


@pytest.mark.parametrize("blank_database_url", ["sqlite"], indirect=True)  # PostgreSQL cascades
def test_step_that_leaves_children_without_parents_changes_nothing(
    blank_app: Flask, versions: Path, caplog: pytest.LogCaptureFixture
):
    migrating.upgrade_filled()
    before = migrating.take()
    migrating.add_step(blank_app, versions, 'op.execute("DELETE FROM talks WHERE id = 1")')

    with pytest.raises(SystemExit):
        flask_migrate.upgrade()

    reason = "rows refer to missing parents, nothing was changed: speakers -> talks (2)"
    assert caplog.messages[-1] == f"Error: {reason}"
    assert migrating.take() == before


@pytest.mark.parametrize("blank_database_url", ["sqlite"], indirect=True)
def test_trigger_that_a_step_drops_stays_away(blank_app: Flask, versions: Path):
    migrating.upgrade_filled()
    before = migrating.take()
    migrating.add_step(blank_app, versions, f'op.execute("DROP TRIGGER {NO_OVERLAP}_insert")')

    flask_migrate.upgrade()

    assert before.triggers - migrating.take().triggers == {f"{NO_OVERLAP}_insert"}


@pytest.mark.parametrize("blank_database_url", ["sqlite"], indirect=True)
def test_foreign_keys_hold_after_the_upgrade_in_the_same_process(blank_app: Flask):
    flask_migrate.upgrade()

    with db.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_upgrade_of_the_newest_database_changes_nothing(session, settings):
    with db.engine.connect() as connection:
        before = MigrationContext.configure(connection).get_current_heads()
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == before


@pytest.mark.timeout(180)
def test_upgrade_by_four_processes_at_once_succeeds_in_each(blank_database_url: str):
    env = {f"{PREFIX}DATABASE_URL": blank_database_url, f"{PREFIX}SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "-m", "flask", "db", "upgrade"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], told


TALKS_WITHOUT_KEYS = (
    "INSERT INTO series (id, uid, ref, slug, name, short_name, kind, zone, description,"
    " join_access, status, revision, revised_at) VALUES (1, 'u', 'r', 's', 'S', 'S', 'talks',"
    " 'UTC', '', 'public', 'active', 0, '2026-01-02 09:00:00')",
    "INSERT INTO events (id, series_id, key, uid, all_day, days, status, sequence, revised_at)"
    " VALUES (1, 1, '2021', 'a', false, 1, 'scheduled', 1, '2026-01-02 09:00:00'),"
    " (2, 1, '2022', 'b', false, 1, 'scheduled', 1, '2026-01-02 09:00:00')",
    "INSERT INTO talks (id, event_id, position, topics)"
    " VALUES (1, 1, 1, '[]'), (2, 1, 0, '[]'), (3, 2, 0, '[]')",
    "INSERT INTO speakers (id, talk_id, position, name) VALUES (1, 1, 0, 'Ada')",
)


def test_talks_get_keys_in_their_order(blank_database_url: str, tmp_path: Path):
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        flask_migrate.upgrade(revision="0002")
        with db.engine.begin() as connection:
            for statement in TALKS_WITHOUT_KEYS:
                connection.execute(text(statement))
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            talks = connection.execute(text("SELECT id, key FROM talks ORDER BY id")).all()
            speakers = connection.execute(text("SELECT talk_id, name FROM speakers")).all()

    assert [tuple(each) for each in talks] == [(1, "t2"), (2, "t1"), (3, "t1")]
    assert [tuple(each) for each in speakers] == [(1, "Ada")]


def test_series_get_colors_in_turn(blank_database_url: str, tmp_path: Path):
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        flask_migrate.upgrade(revision="0008")
        insert = TALKS_WITHOUT_KEYS[0]
        with db.engine.begin() as connection:
            for number in (1, 3, 4):
                values = insert.replace(
                    "(1, 'u', 'r', 's'", f"({number}, 'u{number}', 'r{number}', 's{number}'"
                )
                connection.execute(text(values))
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            colors = connection.execute(text("SELECT id, color FROM series ORDER BY id")).all()

    assert [tuple(each) for each in colors] == [(1, 0), (3, 1), (4, 2)]
