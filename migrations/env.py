"""How Alembic reaches the app's database; only one process migrates at a time.

On SQLite a batch migration replaces the whole table: it copies the rows to a new table, drops the
old one and renames the new one. With foreign keys on, that drop would delete the rows of every
child table, and it always drops the table's triggers. So steps run with foreign keys off, which
are checked before the commit, and lost triggers are created again after each step. A step that
deletes rows deletes their children itself: nothing cascades.
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

MIGRATION_LOCK = 5_020_260_617  # any number of our own, the same in every process

# A table has a new rowid in sqlite_master after it was rebuilt.
TRIGGERS = """
    SELECT item.name, item.sql, item.tbl_name, owner.rowid AS table_id
    FROM sqlite_master AS item JOIN sqlite_master AS owner
      ON owner.type = 'table' AND owner.name = item.tbl_name
    WHERE item.type = 'trigger'
"""
TABLE_ID = "SELECT rowid FROM sqlite_master WHERE type = 'table' AND name = :name"


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our column types as plain SQLAlchemy ones, so that old steps never import the app."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Wait until no other process migrates: Alembic itself takes no lock."""
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
    """Make this SQLite connection ignore foreign keys; it is closed after use, not pooled."""
    connection.detach()
    # Past SQLAlchemy, which would begin a transaction: inside one the PRAGMA does nothing.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def require_parents(connection: Connection) -> None:
    """Raise CommandError if a row's foreign key leads nowhere."""
    violations = connection.execute(text("PRAGMA foreign_key_check")).all()
    if violations:
        counts = Counter(f"{row.table} -> {row.parent}" for row in violations)
        found = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
        raise CommandError(f"rows have lost their parents, nothing was changed: {found}")


class Triggers:
    """The triggers of a SQLite database, created again where a step rebuilt their table."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.known: Sequence[Row[tuple[str, str, str, int]]] = ()

    def remember(self) -> None:
        """Read the triggers that there are now."""
        self.known = self.connection.execute(text(TRIGGERS)).all()

    def restore(self, **_step: object) -> None:
        """Create the triggers that went with their old table; what a step dropped stays away."""
        present = {row.name for row in self.connection.execute(text(TRIGGERS))}
        for trigger in self.known:
            table_id = self.connection.scalar(text(TABLE_ID), {"name": trigger.tbl_name})
            rebuilt = table_id is not None and table_id != trigger.table_id
            if rebuilt and trigger.name not in present:
                self.connection.exec_driver_sql(trigger.sql)
        self.remember()


def migrate() -> None:
    """Run the steps that are missing, in one transaction."""
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
            transactional_ddl=True,  # core/db/engine.py begins those of SQLite
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
