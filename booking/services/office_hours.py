"""Office hours: made, and changed in the fields that a document names."""

from collections.abc import Mapping

from sqlalchemy import exists, null, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking import hours_json
from booking.domain.bookings import Status
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.schemas import OfficeHoursSchema
from booking.services import merging
from booking.services.merging import Change, merged, without_defaults, without_nulls
from booking.services.writing import NO_OVERLAP
from core import audit
from core.fields import validate
from core.refusals import Invalid
from core.sections import Result

PLAIN = (
    *("title", "description", "interval", "buffer_before", "buffer_after", "notice"),
    *("change_until", "approval", "verify_guest", "pending_blocks", "visibility"),
)


def replace(session: Session, host: HostRow, listed: object, change: Change) -> bool:
    """Make the host's office hours those that are listed; return whether anything changed."""
    if listed is None:
        listed = []
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise Invalid({"office_hours": "must be a list of office hours"})
    results = []
    for number, body in enumerate(listed):
        try:
            results.append(save(session, host, body, change))
        except Invalid as refusal:
            errors = {
                f"office_hours.{number}.{name}": refusal.errors[name] for name in refusal.errors
            }
            raise Invalid(errors) from None
    named = {str(body.get("slug")) for body in listed}
    gone = _drop(session, host, named, change)
    return gone or any(result is not Result.UNCHANGED for result in results)


def save(session: Session, host: HostRow, body: Mapping[str, object], change: Change) -> Result:
    """Write one office hour of the host; unless `whole`, what `body` leaves out stays.

    Raises Invalid.
    """
    query = select(OfficeHoursRow).where(
        OfficeHoursRow.host_id == host.id, OfficeHoursRow.slug == str(body.get("slug"))
    )
    row = session.scalar(query)
    known = {} if row is None else written(row)
    needed: dict[str, object] = {
        name: known[name] for name in ("title",) if name in known and not change.whole
    }
    said = validate(OfficeHoursSchema, {**needed, **without_nulls(OfficeHoursSchema, body)})
    left = {} if change.whole else known
    after = validate(OfficeHoursSchema, merged(left, said, body, change))
    before = None if row is None else OfficeHoursSchema.model_validate(known)
    if after == before:
        return Result.UNCHANGED
    result = Result.CREATED if row is None else Result.UPDATED
    row = row or OfficeHoursRow(host_id=host.id, slug=after.slug)
    for name in PLAIN:
        setattr(row, name, getattr(after, name))
    row.minutes = list(after.minutes)
    row.horizon = hours_json.stored_horizon(after.horizon)
    row.per_day, row.per_week = after.limits.per_day, after.limits.per_week
    # A plain None would get the column's default when the row is made.
    row.per_guest_open = after.limits.per_guest_open or null()
    row.questions = hours_json.stored_questions(after.questions)
    session.add(row)
    session.flush()  # bookings need the id
    if before is not None and before.pending_blocks != after.pending_blocks:
        _block_anew(session, row)
    merging.record(session, f"office hours {result}", f"host:{host.slug}/{row.slug}", body, change)
    return result


def written(row: OfficeHoursRow) -> dict[str, object]:
    """Return an office hour as a document writes it, defaults left out."""
    fields = {
        "slug": row.slug,
        **{name: getattr(row, name) for name in PLAIN},
        "minutes": row.minutes,
        "horizon": row.horizon,
        "limits": {
            "per_day": row.per_day,
            "per_week": row.per_week,
            "per_guest_open": row.per_guest_open,
        },
        "questions": row.questions,
    }
    return without_defaults(
        OfficeHoursSchema.model_validate(without_nulls(OfficeHoursSchema, fields))
    )


def _drop(session: Session, host: HostRow, kept: set[str], change: Change) -> bool:
    """Delete the office hours that are not kept; raise Invalid for one with bookings."""
    has_bookings = exists().where(BookingRow.office_hours_id == OfficeHoursRow.id)
    query = select(OfficeHoursRow, has_bookings).where(
        OfficeHoursRow.host_id == host.id, OfficeHoursRow.slug.not_in(kept)
    )
    dropped = session.execute(query).all()
    booked = [row.slug for row, is_booked in dropped if is_booked]
    if booked:
        words = f"{booked[0]} has bookings and cannot be left out; make it unlisted instead"
        raise Invalid({"office_hours": words})
    for row, _ in dropped:
        session.delete(row)
        subject = f"host:{host.slug}/{row.slug}"
        audit.record(session, change.by, "office hours removed", subject, now=change.now)
    session.flush()
    return bool(dropped)


def _block_anew(session: Session, offer: OfficeHoursRow) -> None:
    """Let the bookings that await approval block or not, as the office hour says by now.

    One that lies where another blocks already goes on without.
    """
    pending = (
        select(BookingRow)
        .where(BookingRow.office_hours_id == offer.id, BookingRow.status == Status.PENDING)
        .order_by(BookingRow.created_at, BookingRow.id)
    )
    for row in session.scalars(pending).all():
        try:
            with session.begin_nested():
                row.blocks = offer.pending_blocks
        except IntegrityError as refusal:
            if NO_OVERLAP not in str(refusal.orig):
                raise
