"""CPU of a month of a weekly series begun in 2005 beside one begun last week.

Run as `python -m benchmarks.recurrence`; the ratio should stay under 1.5.
"""

from collections.abc import Callable
from datetime import date, datetime
from time import process_time

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


def timetable(starts: datetime, rule: str) -> Timetable:
    return Timetable("Europe/Berlin", (Period(starts, 60, rule),))


def cpu_ms(call: Callable[[], object]) -> float:
    begun = process_time()
    for _ in range(CALLS):
        call()
    return (process_time() - begun) * 1000 / CALLS


def main() -> None:
    for rule in RULES:
        old = timetable(datetime.fromisoformat("2005-01-07T10:00"), rule)
        young = timetable(datetime.fromisoformat("2026-11-20T10:00"), rule)
        occurrences(old, FIRST, LAST)
        # Interleaved rounds, the best of each: what else the machine does hits both alike.
        rounds = [
            (
                cpu_ms(lambda: occurrences(old, FIRST, LAST)),  # noqa: B023
                cpu_ms(lambda: occurrences(young, FIRST, LAST)),  # noqa: B023
            )
            for _ in range(ROUNDS)
        ]
        since_2005, last_week = (min(times) for times in zip(*rounds, strict=True))
        print(
            f"{rule:36} since 2005 {since_2005:.4f} ms, last week {last_week:.4f} ms,"
            f" ratio {since_2005 / last_week:.2f}"
        )


if __name__ == "__main__":
    main()
