"""Snapshots: a booking as a change left it, queued as a message to the guest and to the host."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from booking.domain.bookings import Booking, BookingStatus
from booking.domain.entries import EntryDetails
from booking.domain.hosts import Host
from booking.domain.proposals import Proposal
from core.db.fast_sql import PendingInsert
from core.messages import outbox
from core.messages.outbox import Draft


class Role(StrEnum):
    """The recipient of a mail about a booking."""

    GUEST = "guest"
    HOST = "host"


class BookingMail(StrEnum):
    """The kinds of messages about a change of a booking; each has templates of its name."""

    HELD = "booking-held"
    CONFIRMED = "booking-confirmed"
    PENDING = "booking-pending"
    MOVED = "booking-moved"
    CANCELLED = "booking-cancelled"
    DECLINED = "booking-declined"
    LAPSED = "booking-lapsed"
    CLOCKS = "booking-clocks"
    DETAILS = "booking-details"


PROPOSED = "booking-proposed"
"""The kind of the message by which a guest chooses another start."""

ABSENT = "booking-absent"
"""The kind of the message that a guest cannot come, to the host."""


class Snapshot(BaseModel):
    """A booking as a change left it; `before` is its status before the change, None if it is new.

    `entry` is what calendars say of it then.

    A message under the subject of its booking carries the calendar entry as the booking is then
    (booking/change_mails.py); one without an entry has no subject.
    """

    model_config = ConfigDict(frozen=True)

    ref: str
    role: Role
    sequence: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    status: BookingStatus
    before: BookingStatus | None = None
    entry: EntryDetails | None = None
    reason: str | None = None
    by_guest: bool = True

    @model_validator(mode="before")
    @classmethod
    def _with_status(cls, payload: Mapping[str, object]) -> Mapping[str, object]:
        """Give the payload of an older release a status: it has a `method` if confirmed."""
        if "status" in payload:
            return payload
        confirmed = payload.get("method") is not None
        status = BookingStatus.CONFIRMED if confirmed else BookingStatus.PENDING
        return {**payload, "status": status}

    def payload(self) -> dict[str, object]:
        """Return the snapshot as a message stores it."""
        return self.model_dump(mode="json")

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> Self:
        """Return the snapshot that a message stores."""
        return cls.model_validate(payload)


KIND_OF_STATUS = {
    BookingStatus.HELD: BookingMail.HELD,
    BookingStatus.PENDING: BookingMail.PENDING,
    BookingStatus.CONFIRMED: BookingMail.CONFIRMED,
}
"""The mail about a booking that has come into a state."""


def subject(ref: str, role: Role) -> str:
    """Return the outbox subject of messages about a booking to its guest or to its host."""
    return outbox.key("booking", ref, role)


def proposal_message(booking: Booking, proposal: Proposal) -> PendingInsert:
    """Return the message that lets the guest choose another start."""
    now = proposal.proposed_at
    draft = Draft(
        key=outbox.key(PROPOSED, booking.id, now),
        kind=PROPOSED,
        subject=outbox.key("proposal", booking.id),
        recipient=booking.guest_email,
        due_at=now,
        useful_until=proposal.expires_at,
        payload={"ref": booking.id, "proposed_at": now.isoformat()},
    )
    return outbox.message(draft, now)


def messages(
    host: Host,
    booking: Booking,
    kind: BookingMail,
    now: datetime,
    *,
    before: BookingStatus | None = None,
    by_guest: bool = True,
    reason: str | None = None,
    roles: Collection[Role] = tuple(Role),
) -> list[PendingInsert]:
    """Return the messages that report a change of `booking` to `roles`, as it is after the change.

    `before` is its status before the change. `reason` is by default the one that the guest or the
    host gave. A host's own decision is mailed to the host as well, because a link in a mail may
    have made it. A held booking is the guest's matter alone.
    """
    if kind is BookingMail.HELD:
        roles = [role for role in roles if role is not Role.HOST]
    recipients = {Role.GUEST: booking.guest_email, Role.HOST: host.email}
    useful_until = booking.held_until if kind is BookingMail.HELD else booking.ends_at
    queued = []
    for role in roles:
        snapshot = Snapshot(
            ref=booking.id,
            role=role,
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            changed_at=now,
            status=booking.status,
            before=before,
            entry=booking.entry,
            reason=booking.reason if reason is None else reason,
            by_guest=by_guest,
        )
        draft = Draft(
            key=outbox.key(kind, booking.id, booking.sequence, role),
            kind=kind,
            subject=subject(booking.id, role),
            recipient=recipients[role],
            due_at=now,
            useful_until=useful_until,
            payload=snapshot.payload(),
        )
        queued.append(outbox.message(draft, now))
    return queued


def absence(host: Host, booking: Booking, now: datetime) -> PendingInsert:
    """Return the message to the host that the guest cannot come, with the guest's words."""
    snapshot = Snapshot(
        ref=booking.id,
        role=Role.HOST,
        sequence=booking.sequence,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        changed_at=now,
        status=booking.status,
        before=booking.status,
        entry=booking.entry,
        reason=booking.reason,
    )
    draft = Draft(
        key=outbox.key(ABSENT, booking.id, booking.sequence),
        kind=ABSENT,
        recipient=host.email,
        due_at=now,
        useful_until=booking.ends_at,
        payload=snapshot.payload(),
    )
    return outbox.message(draft, now)
