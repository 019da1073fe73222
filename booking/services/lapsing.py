"""What becomes of bookings that nobody answers: they lapse, each once."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.actors import Actor, ActorKind
from booking.domain.bookings import Booking, BookingStatus
from booking.queries import bookings as queries
from booking.services import ending, writing
from booking.services.ending import BookingEnd

DEADLINE = Actor(ActorKind.ANYONE, "deadline")


def due(session: Session, now: datetime) -> list[Booking]:
    """Return the bookings that have waited for an answer for too long."""
    return [each for each in queries.waiting(session) if _is_due(each, now)]


def lapse_due(session: Session, now: datetime) -> int:
    """End the bookings that have waited for too long, and tell both sides; return how many."""
    return sum(lapse(session, each.id, now) for each in due(session, now))


def lapse(session: Session, ref: str, now: datetime) -> bool:
    """End a booking unless it was answered or moved in the meantime; return whether it ended."""
    host, office_hours, row = writing.lock_booking(session, ref)
    if not _is_due(queries.from_row(row, office_hours), now):
        return False
    how = BookingEnd(BookingStatus.LAPSED, DEADLINE, now, None)
    ending.end(session, host, office_hours, row, how)
    return True


def _is_due(booking: Booking, now: datetime) -> bool:
    return booking.lapses_at is not None and booking.lapses_at <= now
