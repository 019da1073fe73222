"""What the demo has of bookings besides its files: a host asks a guest to choose another time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from booking.domain.proposals import ProposalSchema
from booking.models import BookingRow
from booking.queries import bookings
from booking.services import proposals, writing

PROPOSED = "sample-proposal@example.org"
"""The UID of the booking in demo/samples.yaml for which other times are proposed."""

_REASON = "Sample: something came up at that hour. Does one of these suit you?"
_MOST = 3


def propose(session: Session, now: datetime) -> None:
    """Propose the nearest free starts for the sample booking, if it was loaded."""
    ref = session.scalar(select(BookingRow.ref).where(BookingRow.uid == PROPOSED))
    if ref is None:
        return
    host, office_hours, row = writing.lock_booking(session, ref)
    booking = bookings.from_row(row, office_hours)
    nearest = writing.nearest_open(session, host, office_hours, booking.interval, now, booking)
    others = [at for at in nearest if at != booking.starts_at][:_MOST]
    if others:
        proposed = ProposalSchema(starts=tuple(others), reason=_REASON)
        proposals.propose(session, host.slug, ref, proposed, COMMAND_LINE, now)
