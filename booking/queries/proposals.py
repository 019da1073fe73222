"""Proposals, read for the pages and mails that show them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.bookings import Booking
from booking.domain.proposals import Proposal
from booking.models import ProposalRow


def awaited(session: Session, now: datetime) -> set[tuple[int, datetime]]:
    """Return the bookings whose guests can choose another start, by row id and present start."""
    query = select(ProposalRow.booking_id, ProposalRow.instead_of)
    return {
        (row.booking_id, row.instead_of)
        for row in session.execute(query.where(ProposalRow.expires_at > now))
    }


def open_for(session: Session, booking: Booking, now: datetime) -> Proposal | None:
    """Return the proposal that the guest of a booking can still choose from, None without one."""
    row = session.scalar(select(ProposalRow).where(ProposalRow.booking_id == booking.row_id))
    if row is None:
        return None
    found = Proposal(
        tuple(datetime.fromisoformat(each) for each in row.starts),
        row.instead_of,
        row.reason,
        row.proposed_at,
        row.expires_at,
    )
    return found if found.is_open(booking, now) else None
