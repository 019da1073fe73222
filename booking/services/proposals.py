"""A host proposes other starts for a booking, and its guest chooses one."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking import snapshots
from booking.domain import proposals
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.proposals import Proposal, ProposalSchema
from booking.domain.refusals import ProposalOver
from booking.models import ProposalRow
from booking.queries import bookings as booking_queries
from booking.queries import proposals as queries
from booking.services import host_bookings, writing
from core import audit
from core.db.fast_sql import insert_all
from core.refusals import Invalid
from scheduler.domain.interval import Interval


def propose(
    session: Session,
    host_slug: str,
    ref: str,
    proposed: ProposalSchema,
    actor: Actor,
    now: datetime,
) -> Booking:
    """Let the guest choose another start; until then the booking stays as it is.

    Raises NotFound, Settled and TooLate like `host_bookings.approve`, Invalid, and SlotTaken where
    one of the starts overlaps another booking.
    """
    host, office_hours, row = host_bookings.managed(session, host_slug, ref, actor)
    booking = booking_queries.from_row(row, office_hours)
    host_bookings.require_open(booking, now)
    host_bookings.require_verified(booking)
    found = proposals.propose(booking, proposed, office_hours.notice, now)
    for at in found.starts:
        start = Interval(at, at + booking.duration)
        writing.require_no_overlap(session, host, office_hours, start, now, moving=booking)
    session.merge(_row(booking, found))
    session.flush()
    insert_all(
        session,
        audit.entry(
            actor.name,
            "other times proposed",
            booking.subject,
            now=now,
            starts=[at.isoformat() for at in found.starts],
        ),
        snapshots.proposal_message(booking, found),
    )
    return booking


def choose(
    session: Session, token: str, starts_at: datetime, now: datetime, *, secret_key: str
) -> Booking:
    """Move the booking that the private link opens to a proposed start: it is confirmed there.

    Choosing the same start twice is fine. Raises NotFound, ProposalOver, Invalid for a start that
    was not proposed, and SlotTaken with the proposed starts that are left.
    """
    opened = booking_queries.by_token(session, token, secret_key)
    host, office_hours, row = writing.lock_booking(session, opened.id)
    before = booking_queries.from_row(row, office_hours)
    if before.starts_at == starts_at and before.status is BookingStatus.CONFIRMED:
        return before
    found = queries.open_for(session, before, now)
    if found is None:
        raise _over(before, now)
    if starts_at not in found.starts:
        raise Invalid({"starts_at": "is not one of the proposed times"})
    start = Interval(starts_at, starts_at + before.duration)
    availability = writing.require_no_overlap(
        session, host, office_hours, start, now, moving=before, instead=found.starts
    )
    return writing.move(
        session,
        host,
        office_hours,
        row,
        start,
        availability,
        now,
        actor=Actor.link("guest", before.subject),
        status=BookingStatus.CONFIRMED,
    )


def _over(booking: Booking, now: datetime) -> ProposalOver:
    """Return the refusal that says what the guest can still do."""
    if not booking.is_open(now):
        return ProposalOver(
            "These times can no longer be chosen, and the booking is over. You can book another "
            "time."
        )
    if booking.may_change(now):
        return ProposalOver(
            "These times can no longer be chosen. Your booking stays as it is, and you can move it "
            "by its link."
        )
    return ProposalOver(
        "These times can no longer be chosen. Your booking stays as it is. If you cannot come, you "
        "can tell the host by its link."
    )


def _row(booking: Booking, proposal: Proposal) -> ProposalRow:
    return ProposalRow(
        booking_id=booking.row_id,
        starts=[at.isoformat() for at in proposal.starts],
        instead_of=proposal.instead_of,
        reason=proposal.reason,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
    )
