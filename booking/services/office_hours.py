"""Office hours: made, and changed in the fields that are named."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking.domain.bookings import BookingStatus
from booking.domain.office_hours import OfficeHoursSchema
from booking.domain.refusals import HasBookings
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.queries import columns
from booking.queries import office_hours as queries
from booking.services import entry_changes, merging, writing
from core import audit
from core.fields import is_slug
from core.refusals import Invalid, NotFound
from core.sections import Result

TAKEN = "This address is taken: please choose another."


def replace(
    session: Session, host: HostRow, listed: object, now: datetime, *, actor: Actor
) -> bool:
    """Make the host's office hours those that are listed; return whether anything changed.

    Raises Invalid, and HasBookings where a booking refers to those that are left out.
    """
    if listed is None:
        listed = []
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise Invalid({"office_hours": "must be a list of office hours"})
    results = []
    for number, body in enumerate(listed):
        try:
            results.append(save(session, host, body, now, actor=actor, replace=True))
        except Invalid as refusal:
            raise refusal.under(f"office_hours.{number}") from None
    named = {str(body.get("slug")) for body in listed}
    gone = _remove(session, host, OfficeHoursRow.slug.not_in(named), now, actor=actor)
    return gone or any(result is not Result.UNCHANGED for result in results)


def save(
    session: Session,
    host: HostRow,
    body: Mapping[str, object],
    now: datetime,
    *,
    actor: Actor,
    replace: bool = False,
) -> Result:
    """Write one kind of office hours of the host: what `body` leaves out stays.

    With `replace` it becomes the default. Raises Invalid.
    """
    slug = body.get("slug")
    row = find_row(session, host, slug) if is_slug(slug) else None
    known = None if row is None or replace else queries.from_row(row)
    after = merging.merged(OfficeHoursSchema, known, body)
    return _write(session, host, row, after, now, actor=actor, fields=body)


def add(
    session: Session, host: HostRow, office_hours: OfficeHoursSchema, now: datetime, *, actor: Actor
) -> None:
    """Add office hours to a locked host; raise Invalid where it has some of that slug."""
    if find_row(session, host, office_hours.slug) is not None:
        raise Invalid({"slug": TAKEN})
    fields = office_hours.model_fields_set
    _write(session, host, None, office_hours, now, actor=actor, fields=fields)


def change(
    session: Session, host: HostRow, office_hours: OfficeHoursSchema, now: datetime, *, actor: Actor
) -> None:
    """Change the office hours of this slug of a locked host; raise NotFound."""
    row = find_row(session, host, office_hours.slug)
    if row is None:
        raise NotFound
    fields = office_hours.model_fields_set
    _write(session, host, row, office_hours, now, actor=actor, fields=fields)


def remove(session: Session, host: HostRow, slug: str, now: datetime, *, actor: Actor) -> None:
    """Delete the office hours of this slug of a locked host; raise NotFound and HasBookings."""
    if not _remove(session, host, OfficeHoursRow.slug == slug, now, actor=actor):
        raise NotFound


def find_row(session: Session, host: HostRow, slug: str) -> OfficeHoursRow | None:
    """Return the row of the host's office hours of this slug, None if there is none."""
    query = select(OfficeHoursRow).where(
        OfficeHoursRow.host_id == host.id, OfficeHoursRow.slug == slug
    )
    return session.scalar(query)


def _write(
    session: Session,
    host: HostRow,
    row: OfficeHoursRow | None,
    after: OfficeHoursSchema,
    now: datetime,
    *,
    actor: Actor,
    fields: Iterable[str],
) -> Result:
    known = None if row is None else queries.from_row(row)
    if known is not None and known.model_dump() == after.model_dump():
        return Result.UNCHANGED
    result = Result.CREATED if row is None else Result.UPDATED
    row = row or OfficeHoursRow(host_id=host.id)
    for name, value in columns.written(after).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()  # bookings need the id
    if known is not None and known.pending_blocks != after.pending_blocks:
        _apply_pending_blocks(session, row)
    if known is not None and known.title != after.title:
        entry_changes.note(host, now)
    subject, named = f"host:{host.slug}/{row.slug}", sorted(set(fields) - {"slug"})
    audit.record(session, actor.name, f"office hours {result}", subject, now=now, fields=named)
    return result


def _remove(
    session: Session,
    host: HostRow,
    condition: ColumnElement[bool],
    now: datetime,
    *,
    actor: Actor,
) -> bool:
    """Delete the host's office hours that meet `condition`; return whether there were any.

    Raises HasBookings.
    """
    has_bookings = exists().where(BookingRow.office_hours_id == OfficeHoursRow.id)
    query = select(OfficeHoursRow, has_bookings).where(OfficeHoursRow.host_id == host.id, condition)
    removed = session.execute(query).all()
    for row, is_booked in removed:
        if is_booked:
            raise HasBookings(row.title)
        session.delete(row)
        subject = f"host:{host.slug}/{row.slug}"
        audit.record(session, actor.name, "office hours removed", subject, now=now)
    session.flush()
    return bool(removed)


def _apply_pending_blocks(session: Session, office_hours: OfficeHoursRow) -> None:
    """Let the bookings that await approval block or not, as the office hours say now.

    One that overlaps a booking that blocks already stays without.
    """
    pending = (
        select(BookingRow)
        .where(
            BookingRow.office_hours_id == office_hours.id,
            BookingRow.status == BookingStatus.PENDING,
        )
        .order_by(BookingRow.created_at, BookingRow.id)
    )
    for row in session.scalars(pending).all():
        try:
            with session.begin_nested():
                row.blocks = office_hours.pending_blocks
        except IntegrityError as refusal:
            if not writing.is_overlap(refusal):
                raise
