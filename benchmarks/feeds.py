"""CPU of calendar feeds beside a bare Flask "hello" under the same gunicorn, per answer.

Run from the root: `python -m benchmarks.feeds`, or with other numbers of events:
`python -m benchmarks.feeds 100 10000`. The last column is the cost in hellos.
"""

import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from http.client import HTTPResponse
from pathlib import Path
from statistics import median

import flask_migrate

from app import create_app
from core import clock
from core.config import Settings
from core.db import db, transaction
from scheduler.domain.recurrence import Period
from scheduler.feed_versions import touch
from scheduler.models import EventRow
from tests import processes
from tests.factories import add_event, add_organization, add_series
from tests.processes import Server

ROUNDS = 9
TIMES = 400
CHANGES = 6
SECRET_KEY = "a-secret-for-benchmarks-and-nothing-else"
DAYS = 780  # of the feed's window, less a little at both ends


def fill(url: str, events: int) -> None:
    """Make a database with one series and that many events in the feed's window."""
    first = clock.now().date() - timedelta(days=80)
    a_day = -(-events // DAYS)
    app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, worker="off"))
    with app.app_context():
        flask_migrate.upgrade()
        with transaction() as session:
            add_organization(session)
            daily = Period(datetime.fromisoformat("2018-01-05T10:00"), 60, "FREQ=DAILY")
            series = add_series(session, timetable=[daily])
            for number in range(events):
                day, place = first + timedelta(days=number // a_day), number % a_day
                add_event(
                    session,
                    series,
                    f"{day}-{place + 1}" if place else f"{day}",
                    starts=datetime.combine(day, time(10, place)),
                    title=f"Talk {number} on what everybody should know",
                    speakers=["Ada Lovelace, University of London"],
                    abstract="We study what happens when nothing does. " * 12,
                    extra=bool(place),
                )
        db.engine.dispose()


class Changes:
    """What an organiser does: one event changes, and the feed's version with it."""

    def __init__(self, url: str) -> None:
        self.app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, worker="off"))
        self.made = 0

    def make(self) -> None:
        with self.app.app_context(), transaction() as session:
            self.made += 1
            row = session.get_one(EventRow, self.made)
            row.sequence += 1
            row.revised_at = clock.now()
            touch(session, ["dlct"])


class Connection:
    """One connection to a server on loopback, kept open."""

    def __init__(self, server: Server) -> None:
        self.host = server.url.removeprefix("http://")
        host, port = self.host.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)

    def get(self, path: str, etag: str = "") -> HTTPResponse:
        """Return the answer, read to its end."""
        condition = f"If-None-Match: {etag}\r\n" if etag else ""
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{condition}\r\n"
        self.socket.sendall(request.encode())
        response = HTTPResponse(self.socket)
        response.begin()
        response.read()
        return response


def cpu_ms(process: int) -> float:
    """Return the CPU that a process and its descendants have used, by the scheduler's counter."""
    used = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        used += int((task / "schedstat").read_text().split()[0])
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return used / 1e6 + sum(cpu_ms(int(child)) for child in children)


def cost(server: Server, ask: Callable[[], object], times: int = TIMES) -> float:
    """Return the milliseconds of CPU that one answer costs the server."""
    ask()
    before = cpu_ms(server.process.pid)
    for _ in range(times):
        ask()
    return (cpu_ms(server.process.pid) - before) / times


@contextmanager
def served(url: str, folder: Path) -> Iterator[Server]:
    env = {
        "CONVENOR_DATABASE_URL": url,
        "CONVENOR_SECRET_KEY": SECRET_KEY,
        "CONVENOR_WORKER": "off",
    }
    server = processes.serve(env, folder / "convenor.log")
    try:
        yield server
    finally:
        processes.stop(server.process)


def measure(hello: Server, events: int, folder: Path) -> None:
    """Print the figures of a feed of that many events."""
    url = f"sqlite:///{folder / f'{events}.db'}"
    fill(url, events)
    changes = Changes(url)
    with served(url, folder) as server:
        plain, feed = Connection(hello), Connection(server)
        first = feed.get("/calendar.ics")
        etag = first.headers["ETag"]
        after_change = []
        for _ in range(CHANGES):
            changes.make()
            before = cpu_ms(server.process.pid)
            etag = feed.get("/calendar.ics").headers["ETag"]
            after_change.append(cpu_ms(server.process.pid) - before)
        rounds = [
            (
                cost(hello, lambda: plain.get("/")),
                cost(server, lambda: feed.get("/calendar.ics", etag)),
                cost(server, lambda: feed.get("/calendar.ics"), TIMES // 10),
            )
            for _ in range(ROUNDS)
        ]
    bare, unchanged, whole = (median(times) for times in zip(*rounds, strict=True))
    print(f"{events} events, {first.headers['Content-Length']} bytes; hello {bare:.3f} ms")
    for name, spent in (
        ("304", unchanged),
        ("200, warm", whole),
        ("200, after one change", median(after_change[1:])),
    ):
        print(f"  {name:22} {spent:7.3f} ms  {spent / bare:6.2f} x")


def main() -> None:
    """Print the figures for each number of events asked for."""
    numbers = [int(number) for number in sys.argv[1:]] or [1000]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hello = processes.serve({}, folder / "hello.log", application="benchmarks.hello:app")
        try:
            for events in numbers:
                measure(hello, events, folder)
        finally:
            processes.stop(hello.process)


if __name__ == "__main__":
    main()
