"""All figures in one table: python -m benchmarks; it ends with 1 if a goal is missed."""

from benchmarks import bookings, feeds, pages, recurrence, slots
from benchmarks.report import run

run(
    [
        ("feeds", feeds.figures),
        ("slots", slots.figures),
        ("recurrence", recurrence.figures),
        ("pages", pages.figures),
        ("bookings", bookings.figures),
    ]
)
