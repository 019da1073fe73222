"""A guest who cannot come says so when it is too late to cancel."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking import snapshots
from booking.domain.bookings import OPEN, Booking, BookingStatus
from booking.domain.refusals import Settled, StillChangeable, TooLate
from booking.queries import bookings as queries
from booking.services import writing
from core import audit
from core.db.fast_sql import insert_all


def report(
    session: Session, token: str, now: datetime, *, secret_key: str, reason: str | None = None
) -> Booking:
    """Tell the host that the guest cannot come, too late to cancel; return the booking.

    Its time stays blocked unless the host cancels, and nobody is reminded of it. One whose guest
    said so before stays as it is. Raises NotFound, and Settled or TooLate where there is nothing to
    be told, StillChangeable before the deadline.
    """
    opened = queries.by_token(session, token, secret_key)
    host, office_hours, row = writing.lock_booking(session, opened.id)
    before = queries.from_row(row, office_hours)
    if before.absent_at is not None:
        return before
    _require_late(before, now)
    row.absent_at, row.reason = now, reason
    absent = queries.from_row(row, office_hours)
    insert_all(
        session,
        audit.entry(
            Actor.link("guest", opened.subject).name, "booking absence", absent.subject, now=now
        ),
        snapshots.absence(host, absent, now),
    )
    return absent


def _require_late(booking: Booking, now: datetime) -> None:
    """Raise Settled, TooLate or StillChangeable unless it is too late to cancel, and not over."""
    if booking.has_ended:
        raise Settled(f"This booking {booking.end_in_words}. You can book another time.")
    if booking.status is BookingStatus.HELD:
        raise Settled("Nobody waits for you yet. You can let this booking lapse, or cancel it.")
    if booking.status not in OPEN or now >= booking.ends_at:
        raise TooLate("This booking is over. You can book another time.")
    if booking.may_change(now):
        raise StillChangeable
