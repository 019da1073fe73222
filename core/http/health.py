"""Health checks: whether the process is alive, and whether it is ready to serve."""

from datetime import timedelta
from functools import lru_cache

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from core import config, worker
from core.db.base import db
from core.http import current

TICK_AGE = timedelta(minutes=2)


def init_app(app: Flask) -> None:
    """Add `/healthz` (the process) and `/readyz` (database, migrations, age of the last tick)."""
    app.add_url_rule("/healthz", "healthz", lambda: jsonify(status="ok"))
    app.add_url_rule("/readyz", "readyz", readyz)


def readyz() -> Response:
    """Return 200 if every check passes, otherwise 503; the body has the result of each check."""
    checks: dict[str, object]
    try:
        checks = {"database": "ok", "migrations": _migrations(), "worker": _worker()}
    except SQLAlchemyError:
        checks = {"database": "not reachable"}
    ready = all(state == "ok" for state in checks.values())
    response = jsonify(status="ok" if ready else "not ready", **checks)
    response.status_code = 200 if ready else 503
    return response


def _migrations() -> str:
    with db.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return "ok" if set(applied) == newest_revisions() else "run `flask db upgrade`"


@lru_cache(maxsize=1)
def newest_revisions() -> frozenset[str]:
    """Return the newest revisions; cached, because reading them executes every migration file."""
    chosen = Config()
    chosen.set_main_option("script_location", str(config.ROOT / "migrations"))
    return frozenset(ScriptDirectory.from_config(chosen).get_heads())


def _worker() -> str:
    last = max(worker.last_ticks(db.session()).values(), default=None)
    if last is None:
        return "no background job has run yet: start `flask worker`"
    age = current.now() - last
    return "ok" if age <= TICK_AGE else f"the last tick is {int(age.total_seconds())} s old"
