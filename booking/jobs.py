"""The jobs that queue due reminders of bookings and requests, and that let bookings lapse."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import PersonRow
from booking import snapshots
from booking.domain import waiting
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.minutes import in_minutes
from booking.mails import REMINDER, REQUEST_REMINDER
from booking.models import BookingRow, HostRow
from booking.queries import bookings, hosts, proposals
from booking.services import entry_changes, lapsing
from booking.snapshots import Role
from core import parts
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


def has_lapsed(session: Session, now: datetime) -> bool:
    """Whether any booking has waited for an answer for too long."""
    return bool(lapsing.due(session, now))


def has_changed_entries(session: Session, _: datetime) -> bool:
    """Whether what calendars say of a host's bookings has changed."""
    return entry_changes.has_changed(session)


def send_changed_entries(session: Session, now: datetime) -> int:
    """Send what calendars say of bookings now, NOTICE_DELAY after the last change."""
    return entry_changes.send_due(session, now, parts.current().settings.notice_wait)


REMINDERS = Job("booking reminders", timedelta(seconds=5), enqueue_due, has_work=has_due)
LAPSES = Job("lapsed bookings", timedelta(seconds=15), lapsing.lapse_due, has_work=has_lapsed)

ENTRIES = Job(
    "changed calendar entries",
    timedelta(seconds=15),
    send_changed_entries,
    has_work=has_changed_entries,
)


def _due(session: Session, now: datetime) -> list[Draft]:
    """Return the reminders that are due at `now` and were not queued before.

    They are derived from the bookings as they are now.
    """
    drafts = [*_of_bookings(session, now), *_of_requests(session, now)]
    queued = _queued(session, now) if drafts else set()
    return [each for each in drafts if each.key not in queued]


def _of_bookings(session: Session, now: datetime) -> list[Draft]:
    """Return the due reminders of bookings that start within the longest lead."""
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
            BookingRow.absent_at.is_(None),
        )
        .order_by(BookingRow.starts_at, BookingRow.id)
    )
    return [
        _draft(ref, role, recipient, starts_at, found)
        for ref, starts_at, placed_at, guest, host in session.execute(query)
        if (found := reminders.due(starts_at, LEADS, placed_at, now)) is not None
        for role, recipient in ((Role.GUEST, guest), (Role.HOST, host))
    ]


def _of_requests(session: Session, now: datetime) -> list[Draft]:
    """Return the latest due reminder of each request, to the host who has not answered.

    None of one whose guest cannot come, or can choose another start meanwhile.
    """
    found = [
        (request, due_at, request.lapses_at)
        for request in bookings.waiting(session)
        if request.status is BookingStatus.PENDING and request.lapses_at is not None
        if now < request.lapses_at and request.absent_at is None
        for due_at in _last_due(request.placed_at, request.lapses_at, now)
    ]
    if not found:
        return []
    awaited = proposals.awaited(session, now)
    emails = {host.id: host.email for host in hosts.every(session)}
    return [
        _request_draft(request, emails[request.host_id], due_at, lapses_at)
        for request, due_at, lapses_at in found
        if (request.row_id, request.starts_at) not in awaited
    ]


def _last_due(asked_at: datetime, lapses_at: datetime, now: datetime) -> list[datetime]:
    return [each for each in waiting.reminders(asked_at, lapses_at) if each <= now][-1:]


def _queued(session: Session, now: datetime) -> set[str]:
    """Return the keys of the reminders that were queued before and are still useful."""
    query = select(Message.key).where(
        Message.useful_until > now,
        Message.kind.in_((REMINDER, REQUEST_REMINDER)),
        Message.state != State.WITHDRAWN,
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


def _request_draft(
    request: Booking, recipient: str, due_at: datetime, lapses_at: datetime
) -> Draft:
    return Draft(
        key=outbox.key("reminder", "request", request.id, due_at),
        kind=REQUEST_REMINDER,
        subject=snapshots.subject(request.id, Role.HOST),
        recipient=recipient,
        due_at=due_at,
        useful_until=lapses_at,
        payload={"ref": request.id, "asked_at": request.placed_at.isoformat()},
        reminder=True,
    )
