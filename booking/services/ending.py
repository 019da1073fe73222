"""How bookings end: cancelled, declined, or lapsed; their time is free at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking import snapshots
from booking.domain import policy
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours
from booking.models import BookingRow
from booking.queries import bookings
from booking.services import writing
from booking.snapshots import BookingMail, Role
from core import audit
from core.db.fast_sql import insert_all

_MAILS = {
    BookingStatus.CANCELLED: BookingMail.CANCELLED,
    BookingStatus.DECLINED: BookingMail.DECLINED,
    BookingStatus.LAPSED: BookingMail.LAPSED,
}


@dataclass(frozen=True, slots=True)
class BookingEnd:
    """How, when and why a booking ends, by whom; `mails_guest` if the guest may be mailed."""

    status: Literal[BookingStatus.CANCELLED, BookingStatus.DECLINED, BookingStatus.LAPSED]
    actor: Actor
    at: datetime
    reason: str | None
    mails_guest: bool = True


def end(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    row: BookingRow,
    ending: BookingEnd,
) -> Booking:
    """End the booking and return it; its time is free at once."""
    before = BookingStatus(row.status)
    row.status, row.blocks, row.reason = ending.status, False, ending.reason
    writing.revise(row, host, office_hours, ending.at)
    ended = bookings.from_row(row, office_hours)
    by_guest = policy.is_guest(ending.actor, ended)
    insert_all(
        session,
        audit.entry(ending.actor.name, f"booking {ending.status}", ended.subject, now=ending.at),
        *snapshots.messages(
            host,
            ended,
            _MAILS[ending.status],
            ending.at,
            before=before,
            by_guest=by_guest,
            roles=_concerned(ending, before, by_guest=by_guest),
        ),
    )
    return ended


def _concerned(ending: BookingEnd, before: BookingStatus, *, by_guest: bool) -> tuple[Role, ...]:
    """Return who is told of the end: the host was never told of a held booking.

    Nobody is told that one lapsed: its guest may know nothing of it.
    """
    if before is BookingStatus.HELD:
        return () if by_guest or ending.status is BookingStatus.LAPSED else (Role.GUEST,)
    return tuple(Role) if ending.mails_guest else (Role.HOST,)
