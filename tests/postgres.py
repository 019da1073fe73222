"""A private PostgreSQL server for one test session: unix socket, temporary files."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests import processes

MIGRATED = "migrated"
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Settings of a fast server without durability and vacuum."""

OTHERS_OUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = """
    SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
USED_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass(frozen=True)
class Cluster:
    """A running server, reached through the socket in `folder`."""

    folder: Path

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of the database `name`."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database as a copy of `template`, which has no connections; return its URL."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database and close its connections."""
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def empty(self, name: str) -> None:
        """Delete every row of a database, close its connections, and restart the ids at 1.

        Far quicker than a new copy: a DROP DATABASE waits for a checkpoint, a TRUNCATE for files.
        """
        with self._connect(name) as connection:
            connection.execute(OTHERS_OUT)
            connection.execute("SET session_replication_role = replica")  # foreign keys rest
            for (table,) in connection.execute(TABLES).fetchall():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for (sequence,) in connection.execute(USED_SEQUENCES).fetchall():
                restart = sql.SQL("ALTER SEQUENCE {} RESTART")
                connection.execute(restart.format(sql.Identifier(sequence)))

    def ready(self) -> bool:
        """Whether the server accepts connections."""
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: str) -> None:
        with self._connect("postgres") as connection:
            connection.execute(statement.encode())

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a server in a temporary folder; as the user postgres when we are root.

    A `durable` one keeps what it commits whatever happens, as in production.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    try:
        _initialise(data, user)
        command = [_program("postgres"), "-D", str(data), "-k", str(folder)]
        settings = ("listen_addresses=", "max_connections=200", "timezone=UTC")
        for setting in settings if durable else (*settings, *FORGETFUL):
            command += ["-c", setting]
        log = folder / "log"
        process = processes.start(command, log, user=user)
        try:
            server = Cluster(folder)
            deadline = time.monotonic() + 60
            while not server.ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
                time.sleep(0.05)
            yield server
        finally:
            processes.stop(process, signal.SIGINT)
    finally:
        shutil.rmtree(folder)


def _initialise(data: Path, user: str | None) -> None:
    command = [_program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    made = subprocess.run(
        command, user=user, cwd=data.parent, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


def _program(name: str) -> str:
    """Return the path of a program of the newest installed server."""
    found = [str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    found.sort(key=lambda path: int(path.split("/")[4]), reverse=True)
    program = found[0] if found else shutil.which(name)
    if program is None:
        raise RuntimeError(f"PostgreSQL's {name} is missing; on Debian: apt-get install postgresql")
    return program
