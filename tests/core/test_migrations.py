"""The steps in migrations/ lead to what the models say, also when several processes take them."""

import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.config import PREFIX
from core.db import Base, db
from tests.conftest import SECRET_KEY, make_settings, running
from tests.processes import ROOT


def test_upgrade_of_an_empty_database_gives_the_models(blank_database_url: str, tmp_path: Path):
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []


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
