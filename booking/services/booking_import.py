"""Import and export of bookings: grid, notice and limits are not applied; overlaps are refused."""

from collections import defaultdict
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking.domain import bookings
from booking.domain.bookings import BookingStatus
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.queries import hosts
from booking.schemas import BookingSchema
from booking.services import office_hours, writing
from core import audit, tokens
from core.refusals import Invalid
from core.sections import Result
from scheduler.domain.interval import Interval

PLAIN = ("guest_name", "guest_email", "guest_zone", "answers", "reason", "status")
# What calendars show of a booking, or what ends it.
SHOWN = ("starts_at", "ends_at", "status", "office_hours_id")


def put(
    session: Session,
    host: HostRow,
    booking: BookingSchema,
    now: datetime,
    *,
    actor: Actor,
    domain: str,
) -> Result:
    """Write a booking of the host without any message. A new one gets a UID under `domain`.

    Fields that the file leaves out stay as they are. A booking with a lower sequence than the
    stored one is outdated and changes nothing. Raises Invalid for unknown office hours and for an
    overlap.
    """
    offered = office_hours.find_row(session, host, booking.office_hours)
    if offered is None:
        words = f"{host.slug} has no office hours {booking.office_hours!r}"
        raise Invalid({"office_hours": words})
    row = _known(session, host, offered, booking)
    if row is None:
        row = _new(host, booking, now, domain)
        result = Result.CREATED
    elif booking.sequence is not None and booking.sequence < row.sequence:
        return Result.UNCHANGED
    else:
        result = Result.UPDATED
    try:
        with session.begin_nested(), session.no_autoflush:
            if not _apply(session, row, offered, booking, now):
                return Result.UNCHANGED
            session.add(row)
            session.flush()
    except IntegrityError as refusal:
        if not writing.is_overlap(refusal):
            raise
        raise Invalid({"starts_at": "overlaps another booking of this host"}) from None
    audit.record(session, actor.name, f"booking {result}", f"booking:{row.ref}", now=now)
    return result


def exported(session: Session) -> dict[int, list[BookingSchema]]:
    """Return all bookings as a file writes them, by host and start."""
    found: dict[int, list[BookingSchema]] = defaultdict(list)
    query = (
        select(BookingRow, OfficeHoursRow.slug)
        .join(OfficeHoursRow, OfficeHoursRow.id == BookingRow.office_hours_id)
        .order_by(BookingRow.starts_at, BookingRow.uid)
    )
    for row, slug in session.execute(query):
        booking = BookingSchema.model_construct(
            office_hours=slug,
            starts_at=row.starts_at,
            minutes=row.ends_at - row.starts_at,
            name=row.guest_name,
            email=row.guest_email,
            zone=row.guest_zone,
            status=BookingStatus(row.status),
            answers=row.answers,
            reason=row.reason,
            uid=row.uid,
            sequence=row.sequence,
            changed_at=row.revised_at,
        )
        found[row.host_id].append(booking)
    return found


def _known(
    session: Session, host: HostRow, offered: OfficeHoursRow, booking: BookingSchema
) -> BookingRow | None:
    """Return the stored row of a booking, by its UID or by office hours, start and guest."""
    if booking.uid is not None:
        row = session.scalar(select(BookingRow).where(BookingRow.uid == booking.uid))
        if row is not None and row.host_id != host.id:
            raise Invalid({"uid": "belongs to a booking of another host"})
        return row
    query = select(BookingRow).where(
        BookingRow.host_id == host.id,
        BookingRow.starts_at == booking.starts_at,
        BookingRow.office_hours_id == offered.id,
        func.lower(BookingRow.guest_email) == booking.email.lower(),
    )
    # A guest may cancel and book the same again: the booking that is still open is meant.
    return session.scalars(query.order_by(BookingRow.blocks.desc(), BookingRow.id.desc())).first()


def _new(host: HostRow, booking: BookingSchema, now: datetime, domain: str) -> BookingRow:
    return BookingRow(
        ref=tokens.new_ref(),
        uid=booking.uid or f"{uuid4()}@{domain}",
        host_id=host.id,
        status=booking.status,
        answers={},
        sequence=booking.sequence or 0,
        generation=1,
        created_at=now,
        revised_at=booking.changed_at or now,
    )


def _apply(
    session: Session,
    row: BookingRow,
    offered: OfficeHoursRow,
    booking: BookingSchema,
    now: datetime,
) -> bool:
    """Write the fields that the file names to the row; return whether anything changed."""
    is_new = row.id is None
    before = {name: getattr(row, name) for name in (*PLAIN, *SHOWN)}
    start = Interval(booking.starts_at, booking.starts_at + booking.minutes)
    if (row.starts_at, row.ends_at) != (start.start, start.end):
        writing.place(row, hosts.by_id(session, row.host_id), start, now)
    row.office_hours_id = offered.id
    row.guest_name, row.guest_email = booking.name, booking.email
    row.guest_zone = booking.zone
    for name in ("status", "answers", "reason"):
        if name in booking.model_fields_set:
            setattr(row, name, getattr(booking, name))
    row.blocks = bookings.blocks(BookingStatus(row.status), pending_blocks=offered.pending_blocks)
    if is_new:
        return True
    changed = {name for name in before if before[name] != getattr(row, name)}
    sequence = max(row.sequence + (not changed.isdisjoint(SHOWN)), booking.sequence or 0)
    if sequence > row.sequence:
        row.sequence = sequence
        row.revised_at = booking.changed_at or now
    elif not changed:
        return False
    return True
