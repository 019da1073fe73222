"""Bookings: their states, and what the rules for open starts need of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain import waiting
from booking.domain.entries import EntryDetails
from scheduler.domain.interval import Interval


class BookingStatus(StrEnum):
    """The life of a booking.

    A `held` one waits for its guest to open the mailed link, a `pending` one for the host's answer;
    it is `lapsed` if that did not come in time.
    """

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    DONE = "done"
    NO_SHOW = "no_show"


COUNTED = (
    BookingStatus.HELD,
    BookingStatus.PENDING,
    BookingStatus.CONFIRMED,
    BookingStatus.DONE,
    BookingStatus.NO_SHOW,
)
"""The states that count toward the limits per day and week."""

OPEN = (BookingStatus.HELD, BookingStatus.PENDING, BookingStatus.CONFIRMED)
"""The states of a booking that is still to take place."""

WAITING = (BookingStatus.HELD, BookingStatus.PENDING)
"""The states of a booking that lapses if nobody answers."""

ENDED = (BookingStatus.DECLINED, BookingStatus.CANCELLED, BookingStatus.LAPSED)
"""The states of a booking that was given up: it blocks nothing and counts nowhere."""

_ENDS = {
    BookingStatus.DECLINED: "was declined",
    BookingStatus.CANCELLED: "was cancelled",
    BookingStatus.LAPSED: "was not confirmed in time",
    BookingStatus.DONE: "has taken place",
    BookingStatus.NO_SHOW: "is over",
}

HELD_FOR = timedelta(minutes=30)
"""How long a start is kept for a guest who has not confirmed it by the mailed link."""


def first_status(*, is_verified: bool, approval: bool) -> BookingStatus:
    """Return the state of a booking when it is made, and when its guest is verified.

    `is_verified` says that the office hours need no proof of the guest's address, or have it.
    """
    if not is_verified:
        return BookingStatus.HELD
    return BookingStatus.PENDING if approval else BookingStatus.CONFIRMED


def blocks(status: BookingStatus, *, pending_blocks: bool) -> bool:
    """Whether a booking in this state keeps others out of its time.

    `pending_blocks` is the setting of its office hours for bookings that await approval.
    """
    if status is BookingStatus.PENDING:
        return pending_blocks
    return status in (BookingStatus.HELD, BookingStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking of the host, with the slug, buffers and `pending_blocks` of its office hours."""

    interval: Interval
    office_hours: str
    status: BookingStatus = BookingStatus.CONFIRMED
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    pending_blocks: bool = True

    @property
    def blocks(self) -> bool:
        """Whether it keeps others out of its time."""
        return blocks(self.status, pending_blocks=self.pending_blocks)

    @property
    def counts(self) -> bool:
        """Whether it counts toward the limits per day and week."""
        return self.status in COUNTED


@dataclass(frozen=True, slots=True)
class Booking:
    """A guest's booking. `id` is public, `row_id` is not; `change_until` is the guest's deadline.

    `sequence` and `revised_at` describe the last change that calendars show, `entry` is what they
    say besides the time; None if it is what the host says now. `host_zone` is the
    zone in which the host chose the wall time. `displaced_to` is where new zone data would put the
    start, if another booking is there. `absent_at` is when the guest said that they cannot come.
    A request lapses `answer_lead` before its start.
    """

    row_id: int
    id: str
    uid: str
    host_id: int
    office_hours_id: int
    office_hours: str
    title: str
    starts_at: datetime
    ends_at: datetime
    host_zone: str
    status: BookingStatus
    guest_name: str
    guest_email: str
    guest_zone: str
    answers: Mapping[str, str] = field(hash=False)
    reason: str | None
    change_until: datetime
    sequence: int
    generation: int
    placed_at: datetime
    revised_at: datetime
    entry: EntryDetails | None
    displaced_to: datetime | None
    absent_at: datetime | None
    answer_lead: timedelta

    @property
    def subject(self) -> str:
        """The name of the booking in the audit log and of what its private link opens."""
        return f"booking:{self.id}"

    @property
    def request_subject(self) -> str:
        """The name of what the link in the host's mail opens: the request alone."""
        return f"request:{self.id}"

    @property
    def interval(self) -> Interval:
        """The time that it takes."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def duration(self) -> timedelta:
        """How long it lasts, in real elapsed time."""
        return self.ends_at - self.starts_at

    @property
    def has_ended(self) -> bool:
        """Whether it was given up before it took place: its time is free."""
        return self.status in ENDED

    @property
    def end_in_words(self) -> str:
        """What became of it, behind "This booking": "was cancelled"; "" while it is open."""
        return _ENDS.get(self.status, "")

    @property
    def held_until(self) -> datetime:
        """When a held booking lapses: HELD_FOR after it was made, at its start at the latest."""
        return min(self.placed_at + HELD_FOR, self.starts_at)

    @property
    def lapses_at(self) -> datetime | None:
        """When it lapses unless somebody answers; None if it waits for no answer."""
        match self.status:
            case BookingStatus.HELD:
                return self.held_until
            case BookingStatus.PENDING:
                return waiting.lapses_at(self.placed_at, self.starts_at, self.answer_lead)
        return None

    def is_open(self, now: datetime) -> bool:
        """Whether it is still to take place, or taking place."""
        return self.status in OPEN and now < self.ends_at

    def may_change(self, now: datetime) -> bool:
        """Whether the guest may still move or cancel it."""
        return self.status in OPEN and now <= self.change_until and now < self.starts_at
