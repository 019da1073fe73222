"""Which errors of the database pass by themselves: it is busy, not to be had, or has no room."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError

DRIVERS = (sqlite3.OperationalError, psycopg.OperationalError)
"""What a driver raises where nothing of SQLAlchemy stands in between."""
# Connections (08), resources (53), an operator's or a crash's doing (57P), the disk (58).
POSTGRESQL_CLASSES = ("08", "53", "57P", "58")
SQLITE_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
PRIMARY_CODE = 0xFF


def is_outage(error: Exception) -> bool:
    """Whether the same request may well succeed when the database is back or has room again."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (
            isinstance(error.orig, Exception) and is_outage(error.orig)
        )
    if isinstance(error, sqlite3.OperationalError):
        # The driver's own complaints, without SQLite, have no code.
        return getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in SQLITE_CODES
    if isinstance(error, psycopg.OperationalError):
        # There is no state where it could not even connect.
        return error.sqlstate is None or error.sqlstate.startswith(POSTGRESQL_CLASSES)
    return False


def is_busy(error: DBAPIError) -> bool:
    """Whether the database gave up waiting for another writer (the request may be tried again)."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state in ("55P03", "40P01", "40001") or "database is locked" in str(error.orig)


def is_unmigrated(error: DBAPIError) -> bool:
    """Whether a table is missing, as before `flask db upgrade`."""
    return getattr(error.orig, "sqlstate", None) == "42P01" or "no such table" in str(error.orig)
