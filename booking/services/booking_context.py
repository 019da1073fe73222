"""Everything that `book` needs to know, in one SELECT."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Bundle, Session, aliased

from accounts.models import PersonRow
from booking.domain.booking_requests import BookingRequest
from booking.domain.bookings import OPEN
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours, OfficeHoursPath
from booking.models import BookingRow, HostRow, IdempotencyKey, OfficeHoursRow
from booking.queries import hosts, office_hours
from booking.services.idempotency import EarlierBooking
from core.refusals import NotFound

_EARLIER = aliased(BookingRow)
_OPEN_OF_GUEST = (
    select(func.count())
    .where(
        BookingRow.office_hours_id == OfficeHoursRow.id,
        BookingRow.ends_at > bindparam("now"),
        BookingRow.status.in_(OPEN),
        BookingRow.guest_email == bindparam("email"),
    )
    .correlate(OfficeHoursRow)
    .scalar_subquery()
)
_CONTEXT = (
    select(
        Bundle("host", *hosts.COLUMNS),
        Bundle("office_hours", *office_hours.COLUMNS),
        Bundle(
            "earlier",
            _EARLIER.ref,
            IdempotencyKey.body_hash,
            IdempotencyKey.created_at,
            IdempotencyKey.status,
            IdempotencyKey.starts_at,
            IdempotencyKey.ends_at,
        ),
        _OPEN_OF_GUEST.label("open_bookings"),
    )
    .select_from(HostRow)
    .join(PersonRow, PersonRow.id == HostRow.person_id)
    .join(OfficeHoursRow, OfficeHoursRow.host_id == HostRow.id)
    .outerjoin(
        IdempotencyKey,
        and_(
            IdempotencyKey.office_hours_id == OfficeHoursRow.id,
            IdempotencyKey.key == bindparam("key"),
        ),
    )
    .outerjoin(_EARLIER, _EARLIER.id == IdempotencyKey.booking_id)
    .where(HostRow.slug == bindparam("host"), OfficeHoursRow.slug == bindparam("office_hours"))
)


@dataclass(frozen=True, slots=True)
class BookingContext:
    """Office hours, their host, and the earlier bookings of the guest.

    `earlier` was made by a request with the same key; `open_bookings` counts the guest's bookings
    of these office hours that are not over.
    """

    host: Host
    office_hours: OfficeHours
    earlier: EarlierBooking | None
    open_bookings: int


def read(
    session: Session,
    path: OfficeHoursPath,
    request: BookingRequest,
    key: str | None,
    now: datetime,
) -> BookingContext:
    """Return the context of a request, sent with or without an idempotency key; raise NotFound."""
    values = {
        "host": path.host,
        "office_hours": path.office_hours,
        "key": key or "",
        "email": request.email,
        "now": now,
    }
    row = session.execute(_CONTEXT, values).one_or_none()
    if row is None:
        raise NotFound
    return BookingContext(
        host=hosts.from_row(row.host),
        office_hours=office_hours.from_row(row.office_hours),
        earlier=None if row.earlier.ref is None else EarlierBooking(*row.earlier),
        open_bookings=row.open_bookings,
    )
