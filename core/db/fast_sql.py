"""Statements that bypass the ORM where it costs more than the database (docs/decisions/0005)."""

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
    """A row to be inserted: `unless_there` if a unique constraint may hold its like already."""

    table: Table
    values: Mapping[str, object]
    or_ignore: bool = False

    @property
    def kind(self) -> "_Kind":
        """What rows have in common that one statement can insert."""
        return self.table, self.or_ignore, tuple(self.values)


_Kind = tuple[Table, bool, tuple[str, ...]]


def insert_all(session: Session, *rows: PendingInsert) -> None:
    """Insert a few rows of several tables; on PostgreSQL it is one statement, one roundtrip.

    None may refer to another: PostgreSQL gives no order.
    """
    if _dialect(session) == "postgresql":
        values = {
            f"{name}_{number}": value
            for number, row in enumerate(rows)
            for name, value in row.values.items()
        }
        session.execute(_joined(tuple(row.kind for row in rows)), values)
        return
    for (table, unless_there, _), alike in groupby(rows, key=lambda row: row.kind):
        statement = _insert_if_new(table, _dialect(session)) if unless_there else _insert(table)
        session.execute(statement, [dict(row.values) for row in alike])


@lru_cache(maxsize=64)
def _insert(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=64)
def _joined(kinds: tuple[_Kind, ...]) -> Insert:
    """Return the statement that inserts rows of these kinds; the second's `key` is `key_1`."""
    inserts = []
    for number, (table, unless_there, names) in enumerate(kinds):
        columns = [table.c[name] for name in names]
        values = {each: bindparam(f"{each.name}_{number}", type_=each.type) for each in columns}
        one = postgresql.insert(table).values(values)
        inserts.append(one.on_conflict_do_nothing() if unless_there else one)
    *others, last = inserts
    return last.add_cte(*(each.cte(f"insert_{number}") for number, each in enumerate(others)))


def insert_or_ignore(session: Session, table: Table, *rows: Mapping[str, object]) -> int:
    """Insert each row unless a unique constraint holds its like; return how many were new."""
    # Without the option PostgreSQL's driver leaves the count of an INSERT unknown.
    result = session.execute(
        _insert_if_new(table, _dialect(session)),
        [dict(row) for row in rows],
        execution_options={"preserve_rowcount": True},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


@lru_cache(maxsize=64)
def _insert_if_new(table: Table, dialect: str) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def peek(statement: Select[int], **values: object) -> int | None:
    """Return the number that a read of one row gives, at the price of the driver alone.

    For what is asked at every poll of every subscriber: SQLAlchemy's own execution costs five times
    as much. The read is its own transaction and sees what is committed.
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
