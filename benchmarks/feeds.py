"""CPU of calendar feeds: unchanged feeds, whole feeds, and a feed after a change.

Run in the root directory: python -m benchmarks.feeds
"""

from collections.abc import Generator, Iterator
from datetime import datetime, time, timedelta
from statistics import median

from sqlalchemy.orm import Session

from benchmarks.filling import add_talks, app_on, filled
from benchmarks.report import Figure, run, scaled_ms, times_hello
from benchmarks.serving import TIMES, Asked, Bench, Connection, costs_with_hello, cpu_ms, product
from core import clock
from core.db.transaction import transaction
from scheduler.domain.recurrence import Period
from scheduler.models import EventRow
from scheduler.services.feed_versions import touch
from tests.factories import add_series
from tests.processes import Server

FEW, USUAL, MANY = 100, 1000, 10_000
PATHS = ("/calendar.ics", "/series/dlct.ics")
CHANGES = 7
FIRST = 1_000_000  # less than every id of an event row
DAYS = 780  # slightly less than the feed's window


def fill(url: str, events: int) -> None:
    """Create a database with one series and `events` events in the feed's window."""
    first = clock.now().date() - timedelta(days=80)
    a_day = -(-events // DAYS)

    def add(session: Session) -> None:
        daily = Period(datetime.fromisoformat("2018-01-05T10:00"), 60, "FREQ=DAILY")
        series = add_series(session, timetable=[daily])
        starts = (
            datetime.combine(first + timedelta(days=number // a_day), time(10, number % a_day))
            for number in range(events)
        )
        add_talks(session, series, starts)
        touch(session, ["dlct"])

    filled(url, add)


class Changes:
    """Changes one event and the feed's version, like an organizer."""

    def __init__(self, url: str) -> None:
        self.app = app_on(url)
        self.made = 0

    def make(self) -> None:
        with self.app.app_context(), transaction() as session:
            self.made += 1
            row = session.get_one(EventRow, FIRST + self.made)
            row.sequence += 1
            row.revised_at = clock.now()
            touch(session, ["dlct"])


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the cost of a poll with few and many events, and of a whole feed of 1,000."""
    polls = {}
    for events in (FEW, USUAL, MANY):
        url = f"sqlite:///{bench.folder / f'{events}.db'}"
        fill(url, events)
        with product(url, bench.folder) as server:
            if events == USUAL:
                yield from _whole(bench, server, url)
            else:
                polls[events] = yield from _polls(bench, server, events)
    few, many = polls[FEW], polls[MANY]
    # The two servers are measured separately, so there is some noise.
    yield Figure(f"unchanged /calendar.ics, {MANY} relative to {FEW} events", many / few, "x", 1.15)


def _polls(bench: Bench, server: Server, events: int) -> Generator[Figure, None, float]:
    """Yield the costs of unchanged feeds; return the cost of the whole calendar in hellos."""
    etags = _etags(server)
    hello, *costs = costs_with_hello(bench, server, *(Asked(path, etag) for path, etag in etags))
    for (path, _), spent in zip(etags, costs, strict=True):
        yield times_hello(f"unchanged {path} (304), {events} events", spent, hello, 2)
    return costs[0] / hello


def _whole(bench: Bench, server: Server, url: str) -> Iterator[Figure]:
    """Yield the cost of a whole feed, unchanged and after a change."""
    changes, feed, after_change = Changes(url), Connection(server), []
    for _ in range(CHANGES):
        changes.make()
        before = cpu_ms(server.process.pid)
        feed.get("/calendar.ics")
        after_change.append(cpu_ms(server.process.pid) - before)
    feed.close()
    hello, warm = costs_with_hello(bench, server, Asked("/calendar.ics", times=TIMES // 5))
    yield times_hello(f"whole /calendar.ics, warm, {USUAL} events", warm, hello, 3)
    spent = median(after_change[1:])
    yield scaled_ms(f"whole /calendar.ics after one change, {USUAL} events", spent, hello, 30)


def _etags(server: Server) -> list[tuple[str, str]]:
    feed = Connection(server)
    found = [(path, feed.get(path).headers["ETag"]) for path in PATHS]
    feed.close()
    return found


if __name__ == "__main__":
    run([("feeds", figures)])
