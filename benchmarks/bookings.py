"""Booking under load: 64 clients for one start, and different starts relative to a bare INSERT.

Run in the root directory: python -m benchmarks.bookings
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from queue import Empty, SimpleQueue
from statistics import median
from time import perf_counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.filling import app_on, filled
from benchmarks.report import Figure, run
from benchmarks.serving import Bench, Connection, product, served
from booking.availability import availability_of
from booking.domain import slots
from booking.models import BookingRow
from booking.queries import host, office_hours
from core import clock
from core.db.base import db
from core.messages.outbox import Message
from scheduler.domain.interval import Interval
from tests import postgres
from tests.factories_booking import add_host, add_offer
from tests.processes import Server

CLIENTS = 64
RACES = 20
ROUNDS = 5
BOOKINGS = 192
PATH = "/api/v1/hosts/host-a/office-hours/career-chat/bookings"
HOURS = {"weekly": [{"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "17:00"}]}

Ask = Callable[[Connection, datetime, int], int]


@dataclass(frozen=True, slots=True)
class Load:
    """The statuses of responses to concurrent clients, and the responses per second."""

    statuses: Counter[int]
    per_second: float


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the figures of booking on SQLite and on PostgreSQL."""
    yield from _on(bench, "SQLite", f"sqlite:///{bench.folder / 'bookings.db'}")
    with postgres.cluster(durable=True) as cluster:
        yield from _on(bench, "PostgreSQL", cluster.create("bookings"))


def _on(bench: Bench, database: str, url: str) -> Iterator[Figure]:
    starts = iter(_fill(url))
    with ExitStack() as stack:
        ours = stack.enter_context(product(url, bench.folder))
        bare_env = {"BENCH_DATABASE_URL": url.replace("bookings.db", "bare.db")}
        bare = stack.enter_context(
            served(bare_env, bench.folder / "bare.log", "benchmarks.guarded_insert:app")
        )
        yield from _races(database, ours, [next(starts) for _ in range(RACES)])
        for clients in (8, CLIENTS):
            taken = [[next(starts) for _ in range(BOOKINGS)] for _ in range(ROUNDS)]
            yield _throughput(f"{database}, {clients} clients", clients, (bare, ours), taken)
    yield _mails(database, url)


def _races(database: str, server: Server, starts: Sequence[datetime]) -> Iterator[Figure]:
    won, lost, others = 0, 0, Counter[int]()
    for start in starts:
        statuses = _load(server, [start] * CLIENTS, CLIENTS, _book).statuses
        won += statuses.pop(201, 0) == 1
        lost += statuses.pop(409, 0)
        others += statuses
    what = f"booking one start, {CLIENTS} clients, {RACES} rounds, {database}:"
    yield Figure(f"{what} one winner", won, "rounds", RACES, at_least=True)
    yield Figure(f"{what} 409", lost, "responses", RACES * (CLIENTS - 1), at_least=True)
    yield Figure(
        f"{what} others", others.total(), "responses", 0, note=str(dict(others)) if others else ""
    )


def _throughput(
    where: str, clients: int, servers: tuple[Server, Server], taken: Sequence[Sequence[datetime]]
) -> Figure:
    bare, ours = servers
    others = Counter[int]()
    rounds = []
    for starts in taken:
        base, own = _load(bare, starts, clients, _insert), _load(ours, starts, clients, _book)
        others += base.statuses + own.statuses
        rounds.append((base.per_second, own.per_second))
    base_rate, own_rate = (median(rates) for rates in zip(*rounds, strict=True))
    ratio = median(own / base for base, own in rounds)
    others.pop(201)
    note = f"{own_rate:.0f} compared to {base_rate:.0f} per second"
    if others:
        note += f", other statuses: {dict(others)}"
    worth = 0 if others else ratio
    return Figure(
        f"booking different starts, {where}", worth, "x insert", 0.2, at_least=True, note=note
    )


def _mails(database: str, url: str) -> Figure:
    with app_on(url).app_context():
        bookings = db.session.scalar(select(func.count(BookingRow.id))) or 0
        messages = db.session.scalar(select(func.count(Message.id))) or 0
        db.engine.dispose()
    return Figure(
        f"mails queued per booking, {database}", messages / bookings, "", 2, at_least=True
    )


def _fill(url: str) -> list[datetime]:
    """Create a database with one host; return the open starts."""

    def add(session: Session) -> None:
        add_offer(session, add_host(session, hours=HOURS), horizon={"days": 400})

    filled(url, add)
    with app_on(url).app_context():
        now = clock.now()
        within = Interval(now, now + timedelta(days=400))
        session = db.session()
        offered = host(session, "host-a")
        offer = office_hours(session, offered, "career-chat", None)
        starts = slots.open_starts(availability_of(session, offered, offer, within, now), within)
        db.session.remove()
        db.engine.dispose()
    return starts


def _load(server: Server, starts: Sequence[datetime], clients: int, ask: Ask) -> Load:
    """Book each start once, with `clients` concurrent connections."""
    waiting: SimpleQueue[datetime] = SimpleQueue()
    for start in starts:
        waiting.put(start)
    statuses: Counter[int] = Counter()
    ready = threading.Barrier(clients + 1)

    def client() -> None:
        connection = Connection(server)
        own: Counter[int] = Counter()
        ready.wait(60)
        while True:
            try:
                start = waiting.get_nowait()
            except Empty:
                break
            own[ask(connection, start, next(NUMBERS))] += 1
        connection.close()
        statuses.update(own)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait(60)
    begun = perf_counter()
    for thread in threads:
        thread.join()
    return Load(statuses, len(starts) / (perf_counter() - begun))


NUMBERS = count(1)


def _book(connection: Connection, start: datetime, number: int) -> int:
    body = {
        "starts_at": start.isoformat(),
        "name": f"Guest {number}",
        "email": f"guest-{number}@example.org",
        "zone": "Africa/Lagos",
    }
    return connection.post(PATH, json.dumps(body).encode(), f"key-{number}")[0]


def _insert(connection: Connection, start: datetime, number: int) -> int:
    body = json.dumps({"starts_at": start.isoformat()}).encode()
    return connection.post("/", body, f"key-{number}")[0]


if __name__ == "__main__":
    run([("bookings", figures)])
