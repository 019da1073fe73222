"""CPU of open starts: the pure function, and the API with its statements.

A month of Monday to Friday 9 to 17 with 200 bookings, buffers and notice; twelve months with 2,400.
Run in the root directory: python -m benchmarks.slots
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import process_time_ns

from sqlalchemy import event
from sqlalchemy.orm import Session

from benchmarks.filling import app_on, filled
from benchmarks.report import Figure, run, scaled_ms
from benchmarks.serving import TIMES, Asked, Bench, Connection, cost, costs_with_hello, product
from booking.domain.bookings import Booked
from booking.domain.horizon import Days
from booking.domain.hours import Hours, WeeklyHours
from booking.domain.slots import Availability, Limits, StartRules, open_starts
from booking.domain.timeofday import TimeOfDay
from core import clock
from core.config import DEFAULT_BASE_URL
from core.db.base import db
from core.zones import zone
from scheduler.domain.interval import Interval
from scheduler.domain.walltime import midnight
from tests.factories_booking import add_booking, add_host, add_offer

BERLIN = zone("Europe/Berlin")
NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)  # a Monday
HALF_HOUR = timedelta(minutes=30)
BUFFER = timedelta(minutes=10)
HOURS = Hours(
    BERLIN,
    weekly=(WeeklyHours((1, 2, 3, 4, 5), TimeOfDay.parse("09:00"), TimeOfDay.parse("17:00")),),
)
OFFER = StartRules("chat", (HALF_HOUR,), HALF_HOUR, BUFFER, BUFFER, horizon=Days(400))
LIMITS = (("no limits", Limits()), ("limits a day and week", Limits(20, 90)))
A_MONTH = 200
ROUNDS = 15
PATH = "/api/v1/hosts/host-a/office-hours/chat/slots"


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the cost of the pure function, then that of the API."""
    for name, limits in LIMITS:
        yield from _pure(bench, name, limits)
    yield from _api(bench)


def _pure(bench: Bench, name: str, limits: Limits) -> Iterator[Figure]:
    month, year = situation(1, limits), situation(12, limits)
    plain = Connection(bench.hello)
    rounds = [
        (
            cost(bench.hello, lambda: plain.get("/"), TIMES // 3),
            _ms(lambda: open_starts(*month)),
            _ms(lambda: open_starts(*year)),
        )
        for _ in range(ROUNDS)
    ]
    plain.close()
    hello, one, _ = (median(costs) for costs in zip(*rounds, strict=True))
    what = f"open starts of a month, {A_MONTH} bookings, {name}"
    yield scaled_ms(f"{what}: pure", one, hello, 2.5)
    ratio = median(year_ms / month_ms for _, month_ms, year_ms in rounds)
    yield Figure(f"12 months with {12 * A_MONTH} relative to one, {name}", ratio, "x", 14)


def _api(bench: Bench) -> Iterator[Figure]:
    today = clock.now().date()
    first = date(today.year + (today.month == 12), today.month % 12 + 1, 1)
    last = first + timedelta(days=30)
    for count in (0, A_MONTH):
        url = f"sqlite:///{bench.folder / f'slots-{count}.db'}"
        filled(url, _adding(first, last, count))
        path = f"{PATH}?from={first}&to={last}"
        what = f"GET slots of a month, {count} bookings"
        if count:
            with product(url, bench.folder) as server:
                hello, spent = costs_with_hello(bench, server, Asked(path, times=60))
            yield scaled_ms(what, spent, hello, 6)
        yield Figure(f"{what}: SQL", _statements(url, path), "statements", 8)


def _adding(first: date, last: date, count: int) -> Callable[[Session], None]:
    def add(session: Session) -> None:
        host = add_host(session)
        offer = add_offer(
            session, host, "chat", buffer_before=10, buffer_after=10, horizon={"days": 90}
        )
        within = Interval(midnight(first, BERLIN), midnight(last, BERLIN))
        free = Availability(HOURS, OFFER, within.start - timedelta(days=2))
        for start in random.Random(1).sample(open_starts(free, within), count):
            add_booking(session, offer, start)

    return add


def _statements(url: str, path: str) -> int:
    """Return how many statements one response needs."""
    app = app_on(url)
    sent = []
    with app.app_context():
        event.listen(
            db.engine, "before_cursor_execute", lambda *statement: sent.append(statement[2])
        )
        response = app.test_client().get(path, base_url=DEFAULT_BASE_URL)
        db.engine.dispose()
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return len([text for text in sent if not text.startswith("BEGIN")])


def situation(months: int, limits: Limits) -> tuple[Availability, Interval]:
    """Return `months` from NOW with 200 bookings per month on the grid, and their span."""
    last = date(2026, 6, 1) + timedelta(days=round(months * 30.4))
    within = Interval(midnight(date(2026, 6, 1), BERLIN), midnight(last, BERLIN))
    free = Availability(HOURS, OFFER, NOW - timedelta(days=2))
    starts = random.Random(1).sample(open_starts(free, within), A_MONTH * months)
    bookings = [
        Booked(Interval(start, start + HALF_HOUR), "chat", buffer_after=BUFFER) for start in starts
    ]
    return Availability(HOURS, OFFER, NOW, bookings, host_limits=limits), within


def _ms(call: Callable[[], object]) -> float:
    """Return the CPU time of one call, the mean of three."""
    before = process_time_ns()
    for _ in range(3):
        call()
    return (process_time_ns() - before) / 3e6


if __name__ == "__main__":
    run([("slots", figures)])
