"""The job that queues due reminders of bookings."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import PersonRow
from booking import snapshots
from booking.domain.bookings import BookingStatus
from booking.domain.minutes import in_minutes
from booking.mails import REMINDER
from booking.models import BookingRow, HostRow
from booking.snapshots import Role
from core.jobs import Job
from core.messages import outbox
from core.messages.outbox import Draft, Message, State
from scheduler.domain import reminders
from scheduler.domain.reminders import LEADS, Reminder


def enqueue_due(session: Session, now: datetime) -> int:
    """Queue the reminders that are due at `now` and were not queued before; return how many."""
    return sum(outbox.enqueue(session, each, now) for each in _due(session, now))


def has_due(session: Session, now: datetime) -> bool:
    """Whether there is any reminder to queue."""
    return bool(_due(session, now))


REMINDERS = Job("booking reminders", timedelta(seconds=5), enqueue_due, has_work=has_due)


def _due(session: Session, now: datetime) -> list[Draft]:
    """Return the reminders that are due at `now` and were not queued before.

    They are derived from the bookings as they are now: those that start within the longest lead.
    """
    query = (
        select(
            BookingRow.ref,
            BookingRow.starts_at,
            BookingRow.placed_at,
            BookingRow.guest_email,
            PersonRow.email,
        )
        .join(HostRow, HostRow.id == BookingRow.host_id)
        .join(PersonRow, PersonRow.id == HostRow.person_id)
        .where(
            BookingRow.starts_at > now,
            BookingRow.starts_at < reminders.horizon(LEADS, now),
            BookingRow.status == BookingStatus.CONFIRMED,
        )
        .order_by(BookingRow.starts_at, BookingRow.id)
    )
    drafts = [
        _draft(ref, role, recipient, starts_at, found)
        for ref, starts_at, placed_at, guest, host in session.execute(query)
        if (found := reminders.due(starts_at, LEADS, placed_at, now)) is not None
        for role, recipient in ((Role.GUEST, guest), (Role.HOST, host))
    ]
    queued = _queued(session, now) if drafts else set()
    return [each for each in drafts if each.key not in queued]


def _queued(session: Session, now: datetime) -> set[str]:
    """Return the keys of the reminders that were queued before and are still useful."""
    query = select(Message.key).where(
        Message.useful_until > now, Message.kind == REMINDER, Message.state != State.WITHDRAWN
    )
    return set(session.scalars(query))


def _draft(ref: str, role: Role, recipient: str, starts_at: datetime, found: Reminder) -> Draft:
    lead = in_minutes(found.lead)
    return Draft(
        key=outbox.key("reminder", "booking", ref, starts_at, lead, role),
        kind=REMINDER,
        subject=snapshots.subject(ref, role),
        recipient=recipient,
        due_at=found.due_at,
        useful_until=found.useful_until,
        payload={"ref": ref, "role": role, "starts_at": starts_at.isoformat()},
        reminder=True,
    )
