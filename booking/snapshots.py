"""Snapshots: a booking as a change left it, queued as a message to the guest and to the host."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from booking.domain.bookings import Booking, BookingStatus
from booking.domain.hosts import Host
from core.db.fast_sql import PendingInsert
from core.messages import outbox
from core.messages.outbox import Draft
from scheduler.ical import Method


class Role(StrEnum):
    """The recipient of a mail about a booking."""

    GUEST = "guest"
    HOST = "host"


class BookingMail(StrEnum):
    """The kinds of messages about a change of a booking; each has templates of its name."""

    CONFIRMED = "booking-confirmed"
    PENDING = "booking-pending"
    MOVED = "booking-moved"
    CANCELLED = "booking-cancelled"
    DECLINED = "booking-declined"
    CLOCKS = "booking-clocks"


class Snapshot(BaseModel):
    """A booking as a change left it; `method` is REQUEST if it was confirmed then."""

    model_config = ConfigDict(frozen=True)

    ref: str
    role: Role
    sequence: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    method: Method | None = None
    reason: str | None = None
    by_guest: bool = True

    def payload(self) -> dict[str, object]:
        """Return the snapshot as a message stores it."""
        return self.model_dump(mode="json")

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> Self:
        """Return the snapshot that a message stores."""
        return cls.model_validate(payload)


def subject(ref: str, role: Role) -> str:
    """Return the outbox subject of messages about a booking to its guest or to its host."""
    return outbox.key("booking", ref, role)


def messages(
    host: Host,
    booking: Booking,
    kind: BookingMail,
    now: datetime,
    *,
    by_guest: bool = True,
    reason: str | None = None,
) -> list[PendingInsert]:
    """Return the messages that report a change of `booking`, as it is after the change.

    `reason` is by default the one that the guest or the host gave.

    A host who declines gets no message about it.
    """
    recipients = {Role.GUEST: booking.guest_email, Role.HOST: host.email}
    if kind is BookingMail.DECLINED:
        del recipients[Role.HOST]
    queued = []
    for role, recipient in recipients.items():
        snapshot = Snapshot(
            ref=booking.id,
            role=role,
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            changed_at=now,
            method=Method.REQUEST if booking.status is BookingStatus.CONFIRMED else None,
            reason=booking.reason if reason is None else reason,
            by_guest=by_guest,
        )
        draft = Draft(
            key=outbox.key(kind, booking.id, booking.sequence, role),
            kind=kind,
            subject=subject(booking.id, role),
            recipient=recipient,
            due_at=now,
            useful_until=booking.ends_at,
            payload=snapshot.payload(),
        )
        queued.append(outbox.message(draft, now))
    return queued
