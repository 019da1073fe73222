"""The database: base, column types, the only commit, and where SQLite and PostgreSQL differ."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from select import POLLIN, poll
from threading import Lock
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Insert,
    MetaData,
    Select,
    Table,
    bindparam,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

LOCK_WAIT_SECONDS = 10
BUSY_TIMEOUT = f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}"
WRITES = "convenor_writes"
WAITS = "convenor_waits"
# What people wrote stays out of the log of a statement that failed.
PRIVATE = {"hide_parameters": True}
TURNS = "convenor_turns"


class Base(DeclarativeBase):
    """Every table's parent; the names of constraints are fixed so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Instant(TypeDecorator[datetime]):
    """An instant: aware UTC in Python whatever the database gives back; naive is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the value in UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """Return what reads a stored value; of SQLite's text in one step, for lists have many."""
        if dialect.name == "sqlite":
            return _instant_of_text
        return super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored value as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _instant_of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


def engine_options(url: str) -> dict[str, Any]:
    """Return the keyword arguments of create_engine for `url`."""
    if url.startswith("sqlite:"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        # isolation_level None: the driver begins nothing by itself, `_begin` below does.
        return {
            **PRIVATE,
            "connect_args": {"isolation_level": None, "timeout": LOCK_WAIT_SECONDS},
            "pool_size": 20,
            "max_overflow": 20,
        }
    return {
        **PRIVATE,
        "connect_args": {
            "options": f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC",
        },
        "pool_size": 10,
        "max_overflow": 20,
    }


def prepare(engine: Engine) -> None:
    """Teach SQLite durable, serial writes, and the pool of PostgreSQL to notice a restart."""
    if engine.dialect.name == "sqlite":
        engine.update_execution_options(**{TURNS: Lock()})
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "checkout", _require_open)


def _require_open(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Let the pool connect anew if the server has hung up: only then has an idle socket news.

    Unlike `pool_pre_ping` this asks nobody, so it costs no roundtrip.
    """
    socket = poll()
    socket.register(connection.fileno(), POLLIN)
    if socket.poll(0):
        raise InvalidatePoolError


def _pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(BUSY_TIMEOUT)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite takes its write lock at the first write: what was read before may be stale by then.
    if options.get(WAITS, True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(BUSY_TIMEOUT)


@contextmanager
def transaction(*, wait: bool = True) -> Iterator[Session]:
    """Run the block in one write transaction and commit it; any exception rolls it back.

    What the session read before is left behind, so that nothing is decided on an old snapshot.
    Another writer's lock is waited for up to `LOCK_WAIT_SECONDS`; without `wait` it raises
    OperationalError at once (see `outages.is_busy`).
    """
    session = db.session()
    if session.info.get(WRITES):
        raise RuntimeError("a transaction is already open")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside of a transaction")
    session.rollback()
    with _turn(session.get_bind(), wait=wait):
        session.info[WRITES] = True
        try:
            connection = session.connection(execution_options={WRITES: True, WAITS: wait})
            if not wait and connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")  # 0 is no limit
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(WRITES)


@contextmanager
def _turn(bind: Engine | Connection, *, wait: bool) -> Iterator[None]:
    """Let the threads of a process write to SQLite one after the other.

    By itself SQLite asks for its lock again and again with ever longer pauses, in which it is free
    and nobody has it.
    """
    turns: Lock | None = bind.get_execution_options().get(TURNS)
    if turns is None:
        yield
        return
    if not turns.acquire(timeout=LOCK_WAIT_SECONDS if wait else 0):
        raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
    try:
        yield
    finally:
        turns.release()


@dataclass(frozen=True, slots=True)
class New:
    """A row to be inserted: `unless_there` if a unique constraint may hold its like already."""

    table: Table
    values: Mapping[str, object]
    unless_there: bool = False

    @property
    def kind(self) -> "_Kind":
        """What rows have in common that one statement can insert."""
        return self.table, self.unless_there, tuple(self.values)


_Kind = tuple[Table, bool, tuple[str, ...]]


def insert_together(session: Session, *rows: New) -> None:
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


def insert_unless_there(session: Session, table: Table, *rows: Mapping[str, object]) -> int:
    """Insert each row unless a unique constraint holds its like; return how many were new."""
    # Without the option PostgreSQL's driver leaves the count of an INSERT unknown.
    result = session.execute(
        _insert_if_new(table, _dialect(session)),
        [dict(row) for row in rows],
        execution_options={"preserve_rowcount": True},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


def lock_name(session: Session, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it to the end of this one.

    For what has no row yet: who takes the name before looking for the row sees what others made.
    SQLite has one writer at a time and needs no such lock.
    """
    if _dialect(session) == "postgresql":
        key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(key)))


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
