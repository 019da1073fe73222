"""Write transactions: the only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.db.base import db
from core.db.engine import LOCK_TIMEOUT_SECONDS, TURNS, WAITS, WRITES


@contextmanager
def transaction(*, wait: bool = True) -> Iterator[Session]:
    """Run the block in one write transaction and commit it; any exception rolls it back.

    It begins with a fresh snapshot. It waits up to LOCK_TIMEOUT_SECONDS for another writer; with
    `wait=False` it raises OperationalError at once (see `core.db.errors.is_busy`).
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
                connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")  # 0 means no limit
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(WRITES)


@contextmanager
def _turn(bind: Engine | Connection, *, wait: bool) -> Iterator[None]:
    """Make the threads of a process write to SQLite one after the other.

    Without this, SQLite polls its lock with growing pauses, during which the lock is often free.
    """
    turns: Lock | None = bind.get_execution_options().get(TURNS)
    if turns is None:
        yield
        return
    if not turns.acquire(timeout=LOCK_TIMEOUT_SECONDS if wait else 0):
        raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
    try:
        yield
    finally:
        turns.release()


def lock_name(session: Session, name: str) -> None:
    """Lock a name until the end of the transaction; wait while another transaction holds it.

    Use it before looking for a row that may not exist yet and therefore cannot be locked. SQLite
    has one writer at a time and needs no such lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(key)))
