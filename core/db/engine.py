"""Engine options and connections: durable serial writes on SQLite, reconnects on PostgreSQL."""

from pathlib import Path
from select import POLLIN, poll
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

LOCK_TIMEOUT_SECONDS = 10

BUSY_TIMEOUT = f"PRAGMA busy_timeout={LOCK_TIMEOUT_SECONDS * 1000}"

WRITES = "convenor_writes"

WAITS = "convenor_waits"

# The log of a failed statement must not contain what people typed.
PRIVATE = {"hide_parameters": True}

TURNS = "convenor_turns"


def engine_options(url: str) -> dict[str, Any]:
    """Return the keyword arguments of create_engine for `url`."""
    if url.startswith("sqlite:"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        # isolation_level None: the driver does not begin transactions, `_begin` below does.
        return {
            **PRIVATE,
            "connect_args": {"isolation_level": None, "timeout": LOCK_TIMEOUT_SECONDS},
            "pool_size": 20,
            "max_overflow": 20,
        }
    return {
        **PRIVATE,
        "connect_args": {
            "options": f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c timezone=UTC",
        },
        "pool_size": 10,
        "max_overflow": 20,
    }


def prepare(engine: Engine) -> None:
    """Configure durable serial writes on SQLite, and reconnects after a restart on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        engine.update_execution_options(**{TURNS: Lock()})
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "checkout", _require_open)


def _require_open(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Reconnect if the server closed the connection.

    An idle socket is readable only if the server closed it. Unlike `pool_pre_ping` this costs no
    round trip.
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
    # A plain BEGIN takes the write lock at the first write, when earlier reads may be stale.
    if options.get(WAITS, True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(BUSY_TIMEOUT)
