"""How Alembic reaches the app's database; only one process migrates at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from core.db import Base, Instant, db

MIGRATION_LOCK = 5_020_260_617  # any number of our own, the same in every process


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


def migrate() -> None:
    """Run the steps that are missing, in one transaction."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection, alone(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            **{"compare_type": True, **options},
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


migrate()
