"""What hosts do with bookings: approve, decline, cancel, record attendance."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking import snapshots
from booking.domain import policy
from booking.domain.bookings import OPEN, Booking, BookingStatus
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours
from booking.domain.refusals import Settled, TooLate
from booking.models import BookingRow
from booking.queries import bookings as queries
from booking.services import ending, writing, zone_changes
from booking.services.ending import BookingEnd
from booking.snapshots import BookingMail
from core import audit, zones
from core.db.fast_sql import insert_all
from core.refusals import Invalid, NotFound
from scheduler.domain import walltime
from scheduler.domain.interval import Interval

Attendance = Literal[BookingStatus.DONE, BookingStatus.NO_SHOW]


def approve(session: Session, host_slug: str, ref: str, actor: Actor, now: datetime) -> Booking:
    """Confirm a booking that awaits approval; a confirmed one stays as it is.

    Reminders whose time has passed are not sent: the confirmation says the same. One that moved may
    have a tentative entry in calendars, so its sequence rises with its STATUS (RFC 5546 2.1.4).
    Raises NotFound for what `actor` may not answer, Settled and TooLate, and SlotTaken if it
    overlaps another booking by now: no other rule binds the host.
    """
    host, office_hours, row = _answered(session, host_slug, ref, actor)
    before = queries.from_row(row, office_hours)
    if before.status is BookingStatus.CONFIRMED:
        return before
    require_open(before, now)
    require_verified(before)
    start = Interval(before.starts_at, before.ends_at)
    found = writing.require_no_overlap(session, host, office_hours, start, now, moving=before)
    row.status, row.blocks = BookingStatus.CONFIRMED, True
    row.placed_at = now
    writing.revise(row, host, office_hours, now, is_first=not row.sequence)
    writing.update(session, row, found)
    approved = queries.from_row(row, office_hours)
    insert_all(
        session,
        audit.entry(actor.name, "booking approved", approved.subject, now=now),
        *snapshots.messages(host, approved, BookingMail.CONFIRMED, now, before=before.status),
    )
    return approved


def decline(
    session: Session,
    host_slug: str,
    ref: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
) -> Booking:
    """Decline a booking that awaits approval; one that is declined stays as it is.

    Raises NotFound, Settled and TooLate like `approve`.
    """
    how = BookingEnd(BookingStatus.DECLINED, actor, now, reason)
    return _end(session, host_slug, ref, how)


def cancel(
    session: Session,
    host_slug: str,
    ref: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
) -> Booking:
    """Cancel a booking, up to its end; one that is cancelled stays as it is.

    Raises NotFound, Settled and TooLate like `approve`.
    """
    how = BookingEnd(BookingStatus.CANCELLED, actor, now, reason)
    return _end(session, host_slug, ref, how)


def move(
    session: Session, host_slug: str, ref: str, starts_at: datetime, actor: Actor, now: datetime
) -> Booking:
    """Move a booking to a start that is still to come; it keeps its length and its state.

    Raises NotFound, Settled and TooLate like `approve`, Invalid, and SlotTaken if it would overlap
    another booking: no other rule binds the host.
    """
    host, office_hours, row = managed(session, host_slug, ref, actor)
    before = queries.from_row(row, office_hours)
    require_open(before, now)
    if starts_at == before.starts_at:
        return before
    if starts_at <= now:
        raise Invalid({"starts_at": "has passed: please choose another start"})
    start = Interval(starts_at, starts_at + before.duration)
    found = writing.require_no_overlap(session, host, office_hours, start, now, moving=before)
    return writing.move(session, host, office_hours, row, start, found, now, actor=actor)


def keep(session: Session, host_slug: str, ref: str, actor: Actor, now: datetime) -> Booking:
    """Let a booking stay at its instant that new zone data would put where another one is.

    The host's wall time becomes what the clock shows at that instant now. One that is not to be
    decided on stays as it is. Raises NotFound like `approve`, Settled and TooLate.
    """
    host, office_hours, row = managed(session, host_slug, ref, actor)
    before = queries.from_row(row, office_hours)
    require_open(before, now)
    if before.displaced_to is None:
        return before
    row.starts = walltime.wall(row.starts_at, zones.zone(row.host_zone))
    row.displaced_to = None
    writing.revise(row, host, office_hours, now)
    kept = queries.from_row(row, office_hours)
    zone_changes.tell(session, host, kept, before, now, by=actor.name)
    return kept


def mark(
    session: Session, host_slug: str, ref: str, outcome: Attendance, actor: Actor, now: datetime
) -> Booking:
    """Record that a booking that has begun took place, or that the guest did not come.

    Raises NotFound like `approve`, and Settled for one that was not confirmed or is yet to come.
    """
    _, office_hours, row = managed(session, host_slug, ref, actor)
    before = queries.from_row(row, office_hours)
    if before.status is outcome:
        return before
    if before.status not in (BookingStatus.CONFIRMED, BookingStatus.DONE, BookingStatus.NO_SHOW):
        raise Settled(
            "You can record attendance of bookings that were confirmed: this one was not."
        )
    if now < before.starts_at:
        raise Settled("This booking is still to come. You can record attendance once it has begun.")
    row.status, row.blocks = outcome, False
    action = f"booking marked {outcome}"
    audit.record(session, actor.name, action, before.subject, now=now)
    return queries.from_row(row, office_hours)


def _end(session: Session, host_slug: str, ref: str, how: BookingEnd) -> Booking:
    declines = how.status is BookingStatus.DECLINED
    lock = _answered if declines else managed
    host, office_hours, row = lock(session, host_slug, ref, how.actor)
    before = queries.from_row(row, office_hours)
    if before.status is how.status:
        return before
    require_open(before, how.at)
    if declines and before.status is BookingStatus.CONFIRMED:
        raise Settled("This booking is confirmed. You can cancel it instead.")
    return ending.end(session, host, office_hours, row, how)


def managed(
    session: Session, host_slug: str, ref: str, actor: Actor
) -> tuple[Host, OfficeHours, BookingRow]:
    """Return the locked booking, if it is of this host and `actor` may manage it."""
    host, office_hours, row = writing.lock_booking(session, ref)
    if host.slug != host_slug or not policy.may_manage(actor, host):
        raise NotFound
    return host, office_hours, row


def _answered(
    session: Session, host_slug: str, ref: str, actor: Actor
) -> tuple[Host, OfficeHours, BookingRow]:
    """Return the locked booking like `managed`, also for the link in the host's mail."""
    host, office_hours, row = writing.lock_booking(session, ref)
    booking = queries.from_row(row, office_hours)
    if host.slug != host_slug or not policy.may_answer(actor, host, booking):
        raise NotFound
    return host, office_hours, row


def require_open(booking: Booking, now: datetime) -> None:
    """Raise Settled or TooLate unless the booking is still to take place."""
    if booking.status not in OPEN:
        raise Settled(f"This booking {booking.end_in_words}. Your guest can book another time.")
    if now >= booking.ends_at:
        raise TooLate("This booking is over. Your guest can book another time.")


def require_verified(booking: Booking) -> None:
    """Raise Settled while the booking waits for its guest to use the mailed link."""
    if booking.status is BookingStatus.HELD:
        raise Settled(
            "The guest has not confirmed this booking yet. You can answer once they have used the "
            "link in the mail to them."
        )
