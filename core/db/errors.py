"""Database errors that a retry can cure: the database is busy, unreachable or full."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError

DRIVERS = (sqlite3.OperationalError, psycopg.OperationalError)
"""The errors of the drivers, raised where SQLAlchemy does not wrap them."""
# Connection (08), insufficient resources (53), operator intervention (57P), system error (58).
POSTGRESQL_CLASSES = ("08", "53", "57P", "58")
SQLITE_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
PRIMARY_CODE = 0xFF


def is_outage(error: Exception) -> bool:
    """Whether the same request can succeed once the database is reachable or has free space."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (
            isinstance(error.orig, Exception) and is_outage(error.orig)
        )
    if isinstance(error, sqlite3.OperationalError):
        # Errors of the driver itself have no SQLite code.
        return getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in SQLITE_CODES
    if isinstance(error, psycopg.OperationalError):
        # There is no SQLSTATE if the connection failed.
        return error.sqlstate is None or error.sqlstate.startswith(POSTGRESQL_CLASSES)
    return False


def is_busy(error: DBAPIError) -> bool:
    """Whether the database gave up waiting for another writer; the request may be retried."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state in ("55P03", "40P01", "40001") or "database is locked" in str(error.orig)


def is_unmigrated(error: DBAPIError) -> bool:
    """Whether a table is missing, as before `flask db upgrade`."""
    return getattr(error.orig, "sqlstate", None) == "42P01" or "no such table" in str(error.orig)
