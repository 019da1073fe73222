"""Statements that bypass the ORM where it costs more than the database; see decisions/0005."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from sqlalchemy import Dialect, Insert, Select, Table, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.db.base import db


@dataclass(frozen=True, slots=True)
class PendingInsert:
    """A row to be inserted; with `or_ignore` a row that violates a unique constraint is skipped."""

    table: Table
    values: Mapping[str, object]
    or_ignore: bool = False

    @property
    def kind(self) -> "_Kind":
        """The statement that inserts the row: rows of one kind share it."""
        return self.table, self.or_ignore, tuple(self.values)


_Kind = tuple[Table, bool, tuple[str, ...]]


def insert_all(session: Session, *rows: PendingInsert) -> None:
    """Insert a few rows of several tables, on PostgreSQL in one statement.

    The rows must not refer to each other, because PostgreSQL inserts them in no particular order.
    """
    if _dialect(session) == "postgresql":
        values = {
            f"{name}_{number}": value
            for number, row in enumerate(rows)
            for name, value in row.values.items()
        }
        session.execute(_combined_insert(tuple(row.kind for row in rows)), values)
        return
    for (table, or_ignore, _), alike in groupby(rows, key=lambda row: row.kind):
        statement = _insert_or_ignore(table, _dialect(session)) if or_ignore else _insert(table)
        session.execute(statement, [dict(row.values) for row in alike])


@lru_cache(maxsize=64)
def _insert(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=64)
def _combined_insert(kinds: tuple[_Kind, ...]) -> Insert:
    """Return the statement that inserts rows of these kinds; row 1 has parameters like `key_1`."""
    inserts = []
    for number, (table, or_ignore, names) in enumerate(kinds):
        columns = [table.c[name] for name in names]
        values = {each: bindparam(f"{each.name}_{number}", type_=each.type) for each in columns}
        one = postgresql.insert(table).values(values)
        inserts.append(one.on_conflict_do_nothing() if or_ignore else one)
    *others, last = inserts
    return last.add_cte(*(each.cte(f"insert_{number}") for number, each in enumerate(others)))


def insert_or_ignore(session: Session, table: Table, *rows: Mapping[str, object]) -> int:
    """Insert rows, skip those that violate a unique constraint; return how many were inserted."""
    # psycopg reports the row count of an INSERT only with this option.
    result = session.execute(
        _insert_or_ignore(table, _dialect(session)),
        [dict(row) for row in rows],
        execution_options={"preserve_rowcount": True},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


@lru_cache(maxsize=64)
def _insert_or_ignore(table: Table, dialect: str) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def peek(statement: Select[int], **values: object) -> int | None:
    """Return the number that a query for one row selects, None if there is no row.

    It uses the driver directly, at a fifth of the cost of SQLAlchemy, for queries that every feed
    reader causes at every poll. It runs in its own transaction and sees committed rows only.
    """
    text, positional = _as_driver_text(statement, db.engine.dialect)
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(text, tuple(values.values()) if positional else values)
        found = cursor.fetchone()
        cursor.close()
    finally:
        connection.close()
    return found[0] if found else None


@lru_cache(maxsize=16)
def _as_driver_text(statement: Select[int], dialect: Dialect) -> tuple[str, bool]:
    compiled = statement.compile(dialect=dialect)
    return str(compiled), dialect.positional


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
