"""CPU of a month of a series that began in 2005, relative to one that began last week.

Run in the root directory: python -m benchmarks.recurrence
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from time import process_time

from benchmarks.report import Figure, run
from benchmarks.serving import Bench
from scheduler.domain.recurrence import Period, Timetable, occurrences

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)
RULES = (
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=WEEKLY;COUNT=5000",
    "FREQ=DAILY",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=YEARLY;BYMONTH=12;BYDAY=1MO",
)
ROUNDS, CALLS = 15, 200


def figures(_bench: Bench) -> Iterator[Figure]:
    """Yield for each rule how much more the old series costs."""
    for rule in RULES:
        old = timetable(datetime.fromisoformat("2005-01-07T10:00"), rule)
        young = timetable(datetime.fromisoformat("2026-11-20T10:00"), rule)
        occurrences(old, FIRST, LAST)
        # Interleaved rounds, the best of each, so that other load affects both equally.
        rounds = [
            (
                cpu_ms(lambda: occurrences(old, FIRST, LAST)),  # noqa: B023 - called at once
                cpu_ms(lambda: occurrences(young, FIRST, LAST)),  # noqa: B023 - called at once
            )
            for _ in range(ROUNDS)
        ]
        since_2005, last_week = (min(times) for times in zip(*rounds, strict=True))
        note = f"{since_2005:.4f} and {last_week:.4f} ms"
        what = f"a month since 2005 relative to last week, {rule.removeprefix('FREQ=')}"
        yield Figure(what, since_2005 / last_week, "x", 1.5, note=note)


def timetable(starts: datetime, rule: str) -> Timetable:
    return Timetable("Europe/Berlin", (Period(starts, 60, rule),))


def cpu_ms(call: Callable[[], object]) -> float:
    begun = process_time()
    for _ in range(CALLS):
        call()
    return (process_time() - begun) * 1000 / CALLS


if __name__ == "__main__":
    run([("recurrence", figures)])
