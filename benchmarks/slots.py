"""CPU of the pure slot function: a month with 200 bookings, and twelve months with 2,400.

Run from the root: python -m benchmarks.slots
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from booking.domain.bookings import Booked
from booking.domain.horizon import Days
from booking.domain.hours import Hours, WeeklyHours
from booking.domain.slots import Limits, Offer, Situation, open_starts
from booking.domain.timeofday import TimeOfDay
from core.zones import zone
from scheduler.domain.interval import Interval
from scheduler.domain.walltime import midnight

BERLIN = zone("Europe/Berlin")
NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)  # a Monday
HALF_HOUR = timedelta(minutes=30)
HOURS = Hours(
    BERLIN,
    weekly=(WeeklyHours((1, 2, 3, 4, 5), TimeOfDay.parse("09:00"), TimeOfDay.parse("17:00")),),
)
OFFER = Offer(
    "chat", (HALF_HOUR,), HALF_HOUR, timedelta(minutes=10), timedelta(minutes=10), horizon=Days(400)
)
ROUNDS = 40


def situation(months: int, limits: Limits) -> tuple[Situation, Interval]:
    """Return `months` from NOW with 200 bookings on the grid a month, and the span they fill."""
    last = date(2026, 6, 1) + timedelta(days=round(months * 30.4))
    within = Interval(midnight(date(2026, 6, 1), BERLIN), midnight(last, BERLIN))
    free = Situation(HOURS, OFFER, NOW - timedelta(days=2))
    starts = random.Random(1).sample(open_starts(free, within), 200 * months)
    bookings = [
        Booked(Interval(start, start + HALF_HOUR), "chat", buffer_after=timedelta(minutes=10))
        for start in starts
    ]
    return Situation(HOURS, OFFER, NOW, bookings, host_limits=limits), within


def milliseconds(run: Callable[[], object]) -> float:
    """Return the median CPU time of one call."""
    taken = []
    for _ in range(ROUNDS):
        before = time.process_time_ns()
        run()
        taken.append(time.process_time_ns() - before)
    return sorted(taken)[ROUNDS // 2] / 1e6


def main() -> None:
    """Print the figures, without and with limits."""
    for name, limits in (("no limits", Limits()), ("day and week limits", Limits(20, 90))):
        month, year = situation(1, limits), situation(12, limits)
        one = milliseconds(lambda month=month: open_starts(*month))
        twelve = milliseconds(lambda year=year: open_starts(*year))
        print(
            f"{name}: month, 200 bookings, {len(open_starts(*month))} starts: {one:.2f} ms CPU; "
            f"12 months, 2400 bookings: {twelve:.2f} ms, {twelve / one:.1f} times"
        )


if __name__ == "__main__":
    main()
