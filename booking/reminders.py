"""Reminders of bookings: the job that queues what is due, and who writes the letters."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Person
from booking import mails, queries
from booking.domain.bookings import Status
from booking.mails import Office, Role, Told
from booking.models import BookingRow, HostRow
from core import outbox
from core.config import Settings
from core.mail import Letter
from core.outbox import Composer, Draft, Message
from scheduler.domain import reminding
from scheduler.domain.reminding import LEADS, Reminder

KIND = "booking-reminder"
MINUTE = timedelta(minutes=1)


def enqueue_due(session: Session, now: datetime) -> int:
    """Queue the reminders that are due at `now` and were not queued before; return how many.

    They are derived from the bookings as they are now: those that start within the longest lead.
    """
    query = (
        select(
            BookingRow.ref,
            BookingRow.starts_at,
            BookingRow.placed_at,
            BookingRow.guest_email,
            Person.email,
        )
        .join(HostRow, HostRow.id == BookingRow.host_id)
        .join(Person, Person.id == HostRow.person_id)
        .where(
            BookingRow.starts_at > now,
            BookingRow.starts_at < reminding.horizon(LEADS, now),
            BookingRow.status == Status.CONFIRMED,
        )
        .order_by(BookingRow.starts_at, BookingRow.id)
    )
    drafts = [
        _draft(ref, role, recipient, starts_at, found)
        for ref, starts_at, placed_at, guest, host in session.execute(query)
        if (found := reminding.due(starts_at, LEADS, placed_at, now)) is not None
        for role, recipient in ((Role.GUEST, guest), (Role.HOST, host))
    ]
    queued = _queued(session, now) if drafts else set()
    return sum(outbox.enqueue(session, each, now) for each in drafts if each.key not in queued)


def composers(settings: Settings) -> Mapping[str, Composer]:
    """Return who writes the reminders."""
    office = Office.of(settings)

    def compose(session: Session, message: Message, _now: datetime) -> Letter | None:
        booking = queries.booking_by_ref(session, str(message.payload["ref"]))
        starts_at = datetime.fromisoformat(str(message.payload["starts_at"]))
        if booking is None or booking.status is not Status.CONFIRMED:
            return None
        if booking.starts_at != starts_at:
            return None  # it was moved, and the new start has reminders of its own
        told = Told(
            Role(str(message.payload["role"])), booking.starts_at, booking.ends_at, with_link=True
        )
        return mails.letter(session, office, message, booking, told)

    return {KIND: compose}


def _queued(session: Session, now: datetime) -> set[str]:
    """Return the keys of the reminders that were queued before and still help."""
    query = select(Message.key).where(Message.useful_until > now, Message.kind == KIND)
    return set(session.scalars(query))


def _draft(ref: str, role: Role, recipient: str, starts_at: datetime, found: Reminder) -> Draft:
    lead = found.lead // MINUTE
    return Draft(
        key=outbox.key("reminder", "booking", ref, starts_at, lead, role),
        kind=KIND,
        recipient=recipient,
        due_at=found.due_at,
        useful_until=found.useful_until,
        payload={"ref": ref, "role": role, "starts_at": starts_at.isoformat()},
        reminder=True,
    )
