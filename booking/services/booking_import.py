"""Bookings that a file tells of as facts: off the grid is fine, an overlap is refused."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking import queries
from booking.domain import bookings
from booking.domain.bookings import Status
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.schemas import BookingSchema
from booking.services import writing
from booking.services.merging import Change
from booking.services.writing import NO_OVERLAP
from core import audit, tokens
from core.refusals import Invalid
from core.sections import Result
from scheduler.domain.interval import Interval

MINUTE = timedelta(minutes=1)
PLAIN = ("guest_name", "guest_email", "guest_zone", "answers", "reason", "status")
# What calendars show of a booking, or what ends it.
SEEN = ("starts_at", "ends_at", "status", "office_hours_id")


def put(
    session: Session, host: HostRow, document: BookingSchema, change: Change, domain: str
) -> Result:
    """Write a booking of the host; nobody is told. A new one gets its UID under `domain`.

    What the document leaves out stays as it is. One with a lower sequence than the row's is old
    news. Raises Invalid for an unknown office hour and for an overlap.
    """
    offer = _offer(session, host, document.office_hours)
    row = _known(session, host, offer, document)
    if row is None:
        row = _new(host, document, change.now, domain)
        result = Result.CREATED
    elif document.sequence is not None and document.sequence < row.sequence:
        return Result.UNCHANGED
    else:
        result = Result.UPDATED
    try:
        with session.begin_nested(), session.no_autoflush:
            if not _apply(session, row, offer, document, change.now):
                return Result.UNCHANGED
            session.add(row)
            session.flush()
    except IntegrityError as refusal:
        if NO_OVERLAP not in str(refusal.orig):
            raise
        raise Invalid({"starts_at": "overlaps another booking of this host"}) from None
    audit.record(session, change.by, f"booking {result}", f"booking:{row.ref}", now=change.now)
    return result


def written(session: Session) -> dict[int, list[dict[str, object]]]:
    """Return all bookings as a file writes them, by host and start."""
    found: dict[int, list[dict[str, object]]] = defaultdict(list)
    query = (
        select(BookingRow, OfficeHoursRow.slug)
        .join(OfficeHoursRow, OfficeHoursRow.id == BookingRow.office_hours_id)
        .order_by(BookingRow.starts_at, BookingRow.uid)
    )
    for row, slug in session.execute(query):
        fields = {
            "office_hours": slug,
            "starts_at": _text(row.starts_at),
            "minutes": (row.ends_at - row.starts_at) // MINUTE,
            "name": row.guest_name,
            "email": row.guest_email,
            "zone": row.guest_zone,
            "status": row.status,
            "answers": row.answers or None,
            "reason": row.reason,
            "uid": row.uid,
            "sequence": row.sequence,
            "changed_at": _text(row.revised_at),
        }
        found[row.host_id].append({name: each for name, each in fields.items() if each is not None})
    return found


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _offer(session: Session, host: HostRow, slug: str) -> OfficeHoursRow:
    query = select(OfficeHoursRow).where(
        OfficeHoursRow.host_id == host.id, OfficeHoursRow.slug == slug
    )
    found = session.scalar(query)
    if found is None:
        raise Invalid({"office_hours": f"{host.slug} has no office hours {slug!r}"})
    return found


def _known(
    session: Session, host: HostRow, offer: OfficeHoursRow, document: BookingSchema
) -> BookingRow | None:
    """Return the row that the document speaks of, by its UID or by office hours, start, guest."""
    if document.uid is not None:
        row = session.scalar(select(BookingRow).where(BookingRow.uid == document.uid))
        if row is not None and row.host_id != host.id:
            raise Invalid({"uid": "belongs to a booking of another host"})
        return row
    query = select(BookingRow).where(
        BookingRow.host_id == host.id,
        BookingRow.starts_at == document.starts_at,
        BookingRow.office_hours_id == offer.id,
        func.lower(BookingRow.guest_email) == document.email.lower(),
    )
    # Somebody may have cancelled and booked the same again: the one that stands is meant.
    return session.scalars(query.order_by(BookingRow.blocks.desc(), BookingRow.id.desc())).first()


def _new(host: HostRow, document: BookingSchema, now: datetime, domain: str) -> BookingRow:
    return BookingRow(
        ref=tokens.new_ref(),
        uid=document.uid or f"{uuid4()}@{domain}",
        host_id=host.id,
        status=document.status,
        answers={},
        sequence=document.sequence or 0,
        generation=1,
        created_at=now,
        revised_at=document.changed_at or now,
    )


def _apply(
    session: Session,
    row: BookingRow,
    offer: OfficeHoursRow,
    document: BookingSchema,
    now: datetime,
) -> bool:
    """Put what the document names into the row; return whether anything is new."""
    is_new = row.id is None
    before = {name: getattr(row, name) for name in (*PLAIN, *SEEN)}
    start = Interval(document.starts_at, document.starts_at + document.minutes * MINUTE)
    if (row.starts_at, row.ends_at) != (start.start, start.end):
        writing.place(row, queries.host_by_id(session, row.host_id), start, now)
    row.office_hours_id = offer.id
    row.guest_name, row.guest_email = document.name, document.email
    row.guest_zone = document.zone
    for name in ("status", "answers", "reason"):
        if name in document.model_fields_set:
            setattr(row, name, getattr(document, name))
    row.blocks = bookings.blocks(Status(row.status), pending_blocks=offer.pending_blocks)
    if is_new:
        return True
    changed = {name for name in before if before[name] != getattr(row, name)}
    sequence = max(row.sequence + (not changed.isdisjoint(SEEN)), document.sequence or 0)
    if sequence > row.sequence:
        row.sequence = sequence
        row.revised_at = document.changed_at or now
    elif not changed:
        return False
    return True
