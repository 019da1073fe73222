"""A guest who asks for a start: what is known then, read in one statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Bundle, Session, aliased

from booking import queries
from booking.booking_requests import BookingRequest
from booking.domain.hosts import OPEN, Host, OfficeHours, OfficeHoursPath
from booking.models import BookingRow, HostRow, IdempotencyKey, OfficeHoursRow
from booking.queries import HOST_AND_OFFER
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
_VISIT = (
    HOST_AND_OFFER.add_columns(
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
    """An office hour, its host, and what the guest who asks did there before.

    `earlier` is what a request with the same key made; `open_bookings` counts the guest's bookings
    that are not over.
    """

    host: Host
    office_hours: OfficeHours
    earlier: EarlierBooking | None
    open_bookings: int


def read(
    session: Session,
    address: OfficeHoursPath,
    request: BookingRequest,
    key: str | None,
    now: datetime,
) -> BookingContext:
    """Return what is known of a request, sent with or without an idempotency key.

    Raises NotFound where nothing is booked at the address.
    """
    values = {
        "host": address.host,
        "office_hours": address.office_hours,
        "key": key or "",
        "email": request.email,
        "now": now,
    }
    row = session.execute(_VISIT, values).one_or_none()
    if row is None:
        raise NotFound
    return BookingContext(
        host=queries.host_from_row(row.host),
        office_hours=queries.office_hours_from_row(row.offer),
        earlier=None if row.earlier.ref is None else EarlierBooking(*row.earlier),
        open_bookings=row.open_bookings,
    )
