"""What guest and host are told of a booking by mail, with the calendar entry that goes with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from sqlalchemy.orm import Session

from booking import mails, queries
from booking.domain.bookings import Status
from booking.domain.hosts import Booking, Host
from booking.mails import CalendarEntry, Office, Role, Told
from core import outbox
from core.config import Settings
from core.db import New
from core.mail import Letter
from core.outbox import Composer, Draft, Message
from scheduler.ical import Method


class Change(StrEnum):
    """What happened to a booking: the kind of the messages about it, and their template."""

    CONFIRMED = "booking-confirmed"
    PENDING = "booking-pending"
    MOVED = "booking-moved"
    CANCELLED = "booking-cancelled"
    DECLINED = "booking-declined"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a change made of a booking, so that its mail tells this change whatever came after.

    `previous` is the start before a move. `method` is that of the calendar entry, if one goes out.
    """

    ref: str
    role: Role
    sequence: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    previous: datetime | None = None
    method: Method | None = None
    reason: str | None = None
    by_guest: bool = True

    def payload(self) -> dict[str, object]:
        """Return what a message keeps of it."""
        return {
            "ref": self.ref,
            "role": self.role.value,
            "sequence": self.sequence,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "previous": None if self.previous is None else self.previous.isoformat(),
            "method": None if self.method is None else self.method.value,
            "reason": self.reason,
            "by_guest": self.by_guest,
        }

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> Self:
        """Return what a message kept."""
        previous, method, reason = payload["previous"], payload["method"], payload["reason"]
        return cls(
            ref=str(payload["ref"]),
            role=Role(str(payload["role"])),
            sequence=int(str(payload["sequence"])),
            starts_at=datetime.fromisoformat(str(payload["starts_at"])),
            ends_at=datetime.fromisoformat(str(payload["ends_at"])),
            changed_at=datetime.fromisoformat(str(payload["changed_at"])),
            previous=None if previous is None else datetime.fromisoformat(str(previous)),
            method=None if method is None else Method(str(method)),
            reason=None if reason is None else str(reason),
            by_guest=bool(payload["by_guest"]),
        )


def messages(
    host: Host,
    booking: Booking,
    change: Change,
    now: datetime,
    *,
    before: Booking | None = None,
    by_guest: bool = True,
) -> list[New]:
    """Return the messages by which guest and host are to be told of a change.

    `before` is the booking before a move or an end. A host who declines is not told of it.
    """
    told = []
    recipients = {Role.GUEST: booking.guest_email, Role.HOST: host.email}
    if change is Change.DECLINED:
        del recipients[Role.HOST]
    for role, recipient in recipients.items():
        snapshot = Snapshot(
            ref=booking.id,
            role=role,
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            changed_at=now,
            previous=before.starts_at if before and change is Change.MOVED else None,
            method=_method(change, before or booking),
            reason=booking.reason,
            by_guest=by_guest,
        )
        draft = Draft(
            key=outbox.key(change, booking.id, booking.sequence, role),
            kind=change,
            recipient=recipient,
            due_at=now,
            useful_until=booking.ends_at,
            payload=snapshot.payload(),
        )
        told.append(outbox.message(draft, now))
    return told


def composers(settings: Settings) -> Mapping[str, Composer]:
    """Return who writes the mails about changes, by kind."""
    office = Office.of(settings)

    def compose(session: Session, message: Message, _now: datetime) -> Letter | None:
        snapshot = Snapshot.of(message.payload)
        booking = queries.booking_by_ref(session, snapshot.ref)
        if booking is None:
            return None
        told = Told(
            role=snapshot.role,
            starts_at=snapshot.starts_at,
            ends_at=snapshot.ends_at,
            previous=snapshot.previous,
            reason=snapshot.reason,
            by_guest=snapshot.by_guest,
            entry=_entry(snapshot),
            with_link=snapshot.method is Method.REQUEST,
        )
        return mails.letter(session, office, message, booking, told)

    return {change.value: compose for change in Change}


def download(session: Session, office: Office, booking: Booking) -> bytes:
    """Return the guest's calendar entry of a booking as a file to open."""
    told = Told(
        role=Role.GUEST,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        entry=CalendarEntry(None, booking.sequence, booking.revised_at),
        with_link=booking.status is Status.CONFIRMED,
    )
    return mails.calendar(session, office, booking, told)


def _method(change: Change, before: Booking) -> Method | None:
    """Return how the calendar entry goes out: none for what is not confirmed."""
    if before.status is not Status.CONFIRMED:
        return None
    return Method.CANCEL if change is Change.CANCELLED else Method.REQUEST


def _entry(snapshot: Snapshot) -> CalendarEntry | None:
    if snapshot.method is None:
        return None
    return CalendarEntry(snapshot.method, snapshot.sequence, snapshot.changed_at)
