"""Alembic's environment: runs the migrations; only one process migrates at a time.

On SQLite a batch migration replaces the whole table: it copies the rows to a new table, drops the
old one and renames the new one. With foreign keys on, that drop would delete the rows of every
child table, and it always drops the table's triggers. Therefore migrations run with foreign keys
off, the keys are checked before the commit, and lost triggers are created again after each step. A
step that deletes rows must delete their children itself, because nothing cascades.
"""

import fcntl
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, Row, text

from core.db.base import Base, db
from core.db.engine import WRITES
from core.db.types import Instant

MIGRATION_LOCK = 5_020_260_617  # an arbitrary number, the same in every process

# A table has a new rowid in sqlite_master after it was rebuilt.
TRIGGERS = """
    SELECT item.name, item.sql, item.tbl_name, owner.rowid AS table_id
    FROM sqlite_master AS item JOIN sqlite_master AS owner
      ON owner.type = 'table' AND owner.name = item.tbl_name
    WHERE item.type = 'trigger'
"""
TABLE_ID = "SELECT rowid FROM sqlite_master WHERE type = 'table' AND name = :name"


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Render our column types as SQLAlchemy's, so that old migrations do not import the app."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Hold the migration lock; Alembic itself takes none."""
    database = connection.engine.url.database
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
            connection.commit()
        return
    with Path(f"{database}.migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def switch_foreign_keys_off(connection: Connection) -> None:
    """Turn foreign keys off on this SQLite connection, which is not returned to the pool."""
    connection.detach()
    # Not through SQLAlchemy, which begins a transaction: inside one the PRAGMA has no effect.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def require_parents(connection: Connection) -> None:
    """Raise CommandError if a row refers to a missing parent."""
    violations = connection.execute(text("PRAGMA foreign_key_check")).all()
    if violations:
        counts = Counter(f"{row.table} -> {row.parent}" for row in violations)
        found = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
        raise CommandError(f"rows refer to missing parents, nothing was changed: {found}")


class Triggers:
    """The triggers of a SQLite database; they are created again after a table was rebuilt."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.known: Sequence[Row[tuple[str, str, str, int]]] = ()

    def remember(self) -> None:
        """Read the current triggers."""
        self.known = self.connection.execute(text(TRIGGERS)).all()

    def restore(self, **_step: object) -> None:
        """Create the triggers of rebuilt tables again, but not those that a step dropped."""
        present = {row.name for row in self.connection.execute(text(TRIGGERS))}
        for trigger in self.known:
            table_id = self.connection.scalar(text(TABLE_ID), {"name": trigger.tbl_name})
            rebuilt = table_id is not None and table_id != trigger.table_id
            if rebuilt and trigger.name not in present:
                self.connection.exec_driver_sql(trigger.sql)
        self.remember()


def migrate() -> None:
    """Run the pending migrations in one transaction."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection, alone(connection):
        sqlite = connection.dialect.name == "sqlite"
        triggers = Triggers(connection)
        if sqlite:
            switch_foreign_keys_off(connection)
            connection.execution_options(**{WRITES: True})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            transactional_ddl=True,  # on SQLite core/db/engine.py begins the transaction
            on_version_apply=triggers.restore if sqlite else None,
            **{"compare_type": True, **options},
        )
        with context.begin_transaction():
            if sqlite:
                triggers.remember()
            context.run_migrations()
            if sqlite:
                require_parents(connection)
        connection.commit()


migrate()
