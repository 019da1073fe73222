"""Print all figures: python -m benchmarks; the exit status is 1 if a goal is missed."""

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
