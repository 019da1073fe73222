"""Worker liveness: a lock that a worker holds exactly as long as its process lives.

A free lock shows at once that its owner is gone, without waiting for a lease; a held lock shows
that the owner is only slow. PostgreSQL: an advisory lock on a separate connection. SQLite: a
locked file beside the database.
"""

import fcntl
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

# The first half of our advisory locks' keys; the second half is the owner.
ADVISORY_CLASS = 0x436F6E76
HELD_LOCKS = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :class"
    " AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class WorkerLock(Protocol):
    """The lock of one worker; `owner` names the worker in rows that it has claimed."""

    owner: str

    def acquire(self) -> None:
        """Take the lock unless it is held; after a loss it has a new `owner`."""

    def alive(self, session: Session, owners: Iterable[str]) -> set[str]:
        """Return those of `owners` whose process is alive."""

    def release(self) -> None:
        """Release the lock."""


def of_this_process(engine: Engine) -> WorkerLock:
    """Return a lock for this process, not yet taken: `acquire` takes it."""
    if engine.dialect.name == "sqlite":
        return FileLock(Path(str(engine.url.database)))
    return AdvisoryLock(engine)


class FileLock:
    """A locked file `<database>-worker-<owner>`; the kernel frees it at process end."""

    def __init__(self, database: Path) -> None:
        self.owner = ""
        self._database = database
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Create and lock the file; remove the files of workers that were killed."""
        while self._descriptor is None:
            self._remove_stale()
            self.owner = secrets.token_hex(8)
            file = self._file(self.owner)
            descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if file.exists():
                self._descriptor = descriptor
            else:  # another worker removed it before it was locked
                os.close(descriptor)

    def alive(self, session: Session, owners: Iterable[str]) -> set[str]:
        """Return the owners whose file is still locked; the others' files are removed."""
        return {owner for owner in owners if owner == self.owner or self._locked(owner)}

    def release(self) -> None:
        """Remove the file and its lock."""
        if self._descriptor is not None:
            self._file(self.owner).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def _remove_stale(self) -> None:
        start = self._file("").name
        for file in self._database.parent.glob(f"{start}*"):
            self._locked(file.name.removeprefix(start))

    def _locked(self, owner: str) -> bool:
        file = self._file(owner)
        try:
            descriptor = os.open(file, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            file.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def _file(self, owner: str) -> Path:
        return self._database.with_name(f"{self._database.name}-worker-{owner}")


class AdvisoryLock:
    """An advisory lock on a connection outside of the pool; the server frees it on disconnect."""

    def __init__(self, engine: Engine) -> None:
        self.owner = ""
        self._engine = engine
        self._connection: Connection | None = None

    def acquire(self) -> None:
        """Check the connection, and take a new lock on a new one if it was lost."""
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self.release()
            else:
                return
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        # Without keepalives a machine that lost its network would hold the lock for hours.
        for setting in ("idle = 20", "interval = 5", "count = 3"):
            connection.execute(text(f"SET tcp_keepalives_{setting}"))
        number = secrets.randbelow(2**31)
        connection.execute(
            text("SELECT pg_advisory_lock(:class, :number)"),
            {"class": ADVISORY_CLASS, "number": number},
        )
        self._connection = connection
        self.owner = str(number)

    def alive(self, session: Session, owners: Iterable[str]) -> set[str]:
        """Return the owners whose advisory lock is held."""
        held = {str(number) for number in session.scalars(HELD_LOCKS, {"class": ADVISORY_CLASS})}
        return held.intersection(owners)

    def release(self) -> None:
        """Close the connection and with it the lock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
