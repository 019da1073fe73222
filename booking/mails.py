"""The composers of mails about bookings: which mail a message is now, or that it is none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from booking import change_mails, mail_contents, mail_facts
from booking.change_mails import CalendarEntry
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.entries import EntryDetails
from booking.mail_facts import MailContext
from booking.queries import bookings, proposals
from booking.snapshots import ABSENT, PROPOSED, BookingMail, Role, Snapshot
from core.messages import outbox
from core.messages.mail import Composer, Mail, MailSettings
from core.messages.outbox import Message

REMINDER = "booking-reminder"
REQUEST_REMINDER = "booking-request-reminder"


def composers(settings: MailSettings) -> Mapping[str, Composer]:
    """Return what composes each kind of mail about a booking."""

    def compose_change(session: Session, message: Message, now: datetime) -> Mail | None:
        snapshot = Snapshot.of(message.payload)
        booking = bookings.by_ref(session, snapshot.ref)
        if booking is None:
            return None
        if message.claimed_at is None and booking.sequence != snapshot.sequence:
            return None  # a later change replaced it
        if message.kind == BookingMail.HELD and booking.status is not BookingStatus.HELD:
            return None
        earlier = [Snapshot.of(each.payload) for each in outbox.claimed_before(session, message)]
        chosen = change_mails.choose(BookingMail(message.kind), snapshot, earlier)
        if chosen is None:
            return None
        context = replace(
            _context(snapshot, now),
            previous=chosen.previous,
            changes=chosen.changes,
            entry=chosen.entry,
        )
        facts = mail_facts.read(session, settings, booking, context)
        return mail_contents.render(chosen.template, facts, message.recipient)

    def compose_absence(session: Session, message: Message, now: datetime) -> Mail | None:
        snapshot = Snapshot.of(message.payload)
        booking = bookings.by_ref(session, snapshot.ref)
        if booking is None or booking.absent_at is None:
            return None
        facts = mail_facts.read(session, settings, booking, _context(snapshot, now))
        return mail_contents.render(ABSENT, facts, message.recipient)

    def compose_reminder(session: Session, message: Message, now: datetime) -> Mail | None:
        booking = bookings.by_ref(session, str(message.payload["ref"]))
        starts_at = datetime.fromisoformat(str(message.payload["starts_at"]))
        if booking is None or booking.status is not BookingStatus.CONFIRMED:
            return None
        if booking.starts_at != starts_at:
            return None  # it was moved, and the new start has reminders of its own
        if booking.absent_at is not None:
            return None
        role = Role(str(message.payload["role"]))
        context = _present(booking, role, now, with_link=True)
        facts = mail_facts.read(session, settings, booking, context)
        return mail_contents.render(REMINDER, facts, message.recipient)

    def compose_request_reminder(session: Session, message: Message, now: datetime) -> Mail | None:
        booking = bookings.by_ref(session, str(message.payload["ref"]))
        asked_at = datetime.fromisoformat(str(message.payload["asked_at"]))
        if booking is None or booking.status is not BookingStatus.PENDING:
            return None
        if booking.placed_at != asked_at:
            return None  # it was moved, and the new request has reminders of its own
        if booking.absent_at is not None or proposals.open_for(session, booking, now) is not None:
            return None
        context = _present(booking, Role.HOST, now)
        facts = mail_facts.read(session, settings, booking, context)
        return mail_contents.render(REQUEST_REMINDER, facts, message.recipient)

    def compose_proposal(session: Session, message: Message, now: datetime) -> Mail | None:
        booking = bookings.by_ref(session, str(message.payload["ref"]))
        proposal = None if booking is None else proposals.open_for(session, booking, now)
        if booking is None or proposal is None:
            return None
        if proposal.proposed_at.isoformat() != message.payload["proposed_at"]:
            return None  # a later one replaced it
        context = replace(
            _present(booking, Role.GUEST, now), reason=proposal.reason, by_guest=False
        )
        facts = mail_facts.read(session, settings, booking, context)
        more = mail_contents.proposal(facts, proposal)
        return mail_contents.render(PROPOSED, facts, message.recipient, more)

    return {
        **{kind.value: compose_change for kind in BookingMail},
        ABSENT: compose_absence,
        REMINDER: compose_reminder,
        REQUEST_REMINDER: compose_request_reminder,
        PROPOSED: compose_proposal,
    }


def download(
    session: Session, settings: MailSettings, booking: Booking, now: datetime, *, with_link: bool
) -> bytes:
    """Return the guest's calendar entry of a booking at `now` as a file to open.

    It has the meeting link only `with_link`, and if the booking is confirmed.
    """
    context = _present(
        booking,
        Role.GUEST,
        now,
        details=booking.entry,
        with_link=with_link and booking.status is BookingStatus.CONFIRMED,
        is_mailed=False,
    )
    status = change_mails.entry_status(booking.status)
    entry = CalendarEntry(None, booking.sequence, booking.revised_at, status)
    facts = mail_facts.read(session, settings, booking, context)
    return mail_contents.calendar(facts, entry, booking.guest_email)


def _context(
    snapshot: Snapshot,
    now: datetime,
) -> MailContext:
    """Return what a mail about a change says: the booking as the change left it."""
    return MailContext(
        role=snapshot.role,
        status=snapshot.status,
        starts_at=snapshot.starts_at,
        ends_at=snapshot.ends_at,
        now=now,
        before=snapshot.before,
        reason=snapshot.reason,
        by_guest=snapshot.by_guest,
        details=snapshot.entry,
        with_link=snapshot.status is BookingStatus.CONFIRMED,
    )


def _present(
    booking: Booking,
    role: Role,
    now: datetime,
    *,
    details: EntryDetails | None = None,
    with_link: bool = False,
    is_mailed: bool = True,
) -> MailContext:
    """Return what a mail says about a booking as it is."""
    return MailContext(
        role=role,
        status=booking.status,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        now=now,
        details=details,
        with_link=with_link,
        is_mailed=is_mailed,
    )
