"""Office hours, read as values."""

from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking.domain import policy
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours, OfficeHoursLimits, OfficeHoursSchema
from booking.models import BookingRow, OfficeHoursRow
from booking.queries import columns
from core.refusals import NotFound

COLUMNS = tuple(OfficeHoursRow.__table__.columns)
"""The columns that `from_row` reads."""

_OFFICE_HOURS: Select[*tuple[Any, ...]] = select(*COLUMNS).order_by(OfficeHoursRow.id)
_BY_ID = _OFFICE_HOURS.where(OfficeHoursRow.id == bindparam("office_hours_id"))
_BY_HOST = _OFFICE_HOURS.where(OfficeHoursRow.host_id == bindparam("host_id"))
_BY_SLUG = _BY_HOST.where(OfficeHoursRow.slug == bindparam("slug"))
_FIELDS = columns.readers(OfficeHoursSchema, without=("limits",))
_LIMITS = columns.readers(OfficeHoursLimits)


def every(session: Session) -> list[OfficeHours]:
    """Return all office hours, in the order in which they were made."""
    return [from_row(row) for row in session.execute(_OFFICE_HOURS)]


def of_host(session: Session, host: Host) -> list[OfficeHours]:
    """Return all office hours of a host, in the order in which they were made."""
    return [from_row(row) for row in session.execute(_BY_HOST, {"host_id": host.id})]


def visible(session: Session, host: Host, slug: str, actor: Actor) -> OfficeHours:
    """Return the office hours of this slug if `actor` may see them; raise NotFound."""
    row = session.execute(_BY_SLUG, {"host_id": host.id, "slug": slug}).one_or_none()
    found = None if row is None else from_row(row)
    if found is None or not (
        policy.may_see(found.visibility, actor) or policy.may_manage(actor, host)
    ):
        raise NotFound
    return found


def by_id(session: Session, office_hours_id: int) -> OfficeHours:
    """Return the office hours of this row; raise NotFound."""
    row = session.execute(_BY_ID, {"office_hours_id": office_hours_id}).first()
    if row is None:
        raise NotFound
    return from_row(row)


def is_booked(session: Session, office_hours: OfficeHours) -> bool:
    """Whether any booking refers to these office hours, open or not."""
    query = select(BookingRow.id).where(BookingRow.office_hours_id == office_hours.id)
    return session.scalar(query.limit(1)) is not None


def from_row(row: Row[*tuple[Any, ...]] | OfficeHoursRow) -> OfficeHours:
    """Return the office hours of a row."""
    return OfficeHours.model_construct(
        id=row.id,
        host_id=row.host_id,
        limits=OfficeHoursLimits.model_construct(**columns.read(row, _LIMITS)),
        **columns.read(row, _FIELDS),
    )
