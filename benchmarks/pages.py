"""CPU of the main pages with 5 series and 10 years of events, and the memory of a web process.

Run in the root directory: python -m benchmarks.pages
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.filling import add_talks, filled
from benchmarks.report import Figure, run, scaled_ms
from benchmarks.serving import Asked, Bench, costs_with_hello, descendants, product
from core import clock
from scheduler.domain.recurrence import Period
from scheduler.services.feed_versions import touch
from tests.factories import add_series
from tests.processes import Server

SERIES, YEARS = 5, 10
PAGES = ("/", "/events/", "/series/series-1/")
AT_REST_MB = 120
TIMES = 25


def fill(session: Session) -> None:
    """Add weekly series that began ten years ago, with an event and a talk in each week."""
    today = clock.now().date()
    for number in range(1, SERIES + 1):
        first = today - timedelta(weeks=52 * YEARS, days=number)
        begins = datetime.combine(first, time(10))
        series = add_series(
            session,
            f"series-{number}",
            name=f"Series {number}",
            timetable=[Period(begins, 60, "FREQ=WEEKLY")],
        )
        weeks = range(52 * YEARS + 4)
        add_talks(session, series, [begins + timedelta(weeks=week) for week in weeks])
        touch(session, [series.slug])


def figures(bench: Bench) -> Iterator[Figure]:
    """Yield the cost of each page, and the memory of the process before and after."""
    url = f"sqlite:///{bench.folder / 'pages.db'}"
    filled(url, fill)
    with product(url, bench.folder) as server:
        yield Figure("memory of one web process after the start", _memory(server), "MB", AT_REST_MB)
        for path in PAGES:
            hello, spent = costs_with_hello(bench, server, Asked(path, times=TIMES))
            what = f"{path}, {SERIES} series, {YEARS} years"
            yield scaled_ms(what, spent, hello, 60)
        yield Figure("memory of one web process after all pages", _memory(server), "MB", AT_REST_MB)


def _memory(server: Server) -> float:
    """Return the resident memory of the largest web process in MB."""
    sizes = []
    for process in descendants(server.process.pid):
        status = Path(f"/proc/{process}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        sizes.append(int(resident.split()[1]) / 1024)
    return max(sizes)


if __name__ == "__main__":
    run([("pages", figures)])
