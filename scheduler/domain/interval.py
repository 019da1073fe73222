"""Half-open intervals of instants, and the arithmetic on sorted lists of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The time from `start` (included) to `end` (excluded), both aware UTC, start < end."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"an interval must end after it starts: {self.start} .. {self.end}")

    @property
    def duration(self) -> timedelta:
        """The real elapsed time."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two share an instant; touching intervals do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        """Whether every instant of `other` lies in this interval."""
        return self.start <= other.start and other.end <= self.end


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as sorted intervals that neither overlap nor touch."""
    merged: list[Interval] = []
    for interval in sorted(intervals, key=lambda each: each.start):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def subtract(interval: Interval, taken: Iterable[Interval]) -> list[Interval]:
    """Return the parts of `interval` outside all of `taken`, sorted."""
    left = []
    start = interval.start
    for other in merge(taken):
        if not interval.overlaps(other):
            continue
        if start < other.start:
            left.append(Interval(start, other.start))
        start = other.end
    if start < interval.end:
        left.append(Interval(start, interval.end))
    return left
