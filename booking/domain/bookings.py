"""What the rules for open starts need to know of a booking."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scheduler.domain.interval import Interval


class Status(StrEnum):
    """The life of a booking."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    DONE = "done"
    NO_SHOW = "no_show"


COUNTED = (Status.HELD, Status.PENDING, Status.CONFIRMED, Status.DONE, Status.NO_SHOW)
"""The states that count towards the limits per day and week."""


def blocks(status: Status, *, pending_blocks: bool) -> bool:
    """Whether a booking in this state keeps others out of its time.

    `pending_blocks` is what its own office hour says of bookings that await approval.
    """
    if status is Status.PENDING:
        return pending_blocks
    return status in (Status.HELD, Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking of the host, with its own office hour's slug, buffers and `pending_blocks`."""

    interval: Interval
    office_hours: str
    status: Status = Status.CONFIRMED
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    pending_blocks: bool = True

    @property
    def blocks(self) -> bool:
        """Whether it keeps others out of its time."""
        return blocks(self.status, pending_blocks=self.pending_blocks)

    @property
    def counts(self) -> bool:
        """Whether it counts towards the limits per day and week."""
        return self.status in COUNTED
