"""Rows of hosts and bookings for tests. The caller opens the transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import PersonRow
from booking.domain import bookings
from booking.domain.booking_requests import BookingRequest
from booking.domain.bookings import BookingStatus
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours, OfficeHoursPath, OfficeHoursSchema
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.queries import columns
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from core import tokens, zones
from tests.factories import add_person

MADE_AT = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday, 08:00 in Berlin
WEEKDAYS = {"weekly": [{"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "17:00"}]}


def at(text: str) -> datetime:
    """Return the instant for a text in UTC: "2026-06-03 08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def add_host(
    session: Session,
    slug: str = "host-a",
    *,
    email: str | None = None,
    zone: str = "Europe/Berlin",
    hours: Mapping[str, object] = WEEKDAYS,
    **fields: object,
) -> Host:
    """Add a host, by default with hours Monday to Friday from nine to five in Berlin."""
    address = email or f"{slug}@example.org"
    person = session.scalar(select(PersonRow).where(PersonRow.email == address))
    values = {
        "name": slug.replace("-", " ").title(),
        "meeting_url": f"https://meet.example.org/{slug}",
        "topics": [],
        "languages": [],
        **fields,
    }
    row = HostRow(
        slug=slug,
        person_id=(person or add_person(session, address)).id,
        zone=zone,
        hours=dict(hours),
        **values,
    )
    session.add(row)
    session.flush()
    return host_queries.by_id(session, row.id)


def add_offer(
    session: Session, host: Host, slug: str = "career-chat", **fields: object
) -> OfficeHours:
    """Add an office hour: half an hour, no buffers, a day of notice, 60 days ahead."""
    defaults = columns.written(OfficeHoursSchema(slug=slug, title="Career chat"))
    row = OfficeHoursRow(host_id=host.id, **{**defaults, **fields})
    session.add(row)
    session.flush()
    return office_hours_queries.by_id(session, row.id)


def add_booking(
    session: Session,
    offer: OfficeHours,
    starts_at: datetime,
    *,
    minutes: int = 30,
    status: BookingStatus = BookingStatus.CONFIRMED,
    email: str = "guest@example.org",
    **fields: object,
) -> BookingRow:
    """Add a booking as a fact, with no message about it."""
    host = host_queries.by_id(session, offer.host_id)
    zone = host.zone_at(starts_at)
    ref = tokens.new_ref()
    values = {
        "guest_name": "Guest",
        "guest_zone": "Africa/Lagos",
        "answers": {},
        "sequence": 0,
        "generation": 1,
        "created_at": MADE_AT,
        "placed_at": MADE_AT,
        "revised_at": MADE_AT,
        **fields,
    }
    row = BookingRow(
        ref=ref,
        uid=f"{ref}@example.org",
        host_id=host.id,
        office_hours_id=offer.id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        starts=starts_at.astimezone(zones.zone(zone)).replace(tzinfo=None),
        host_zone=zone,
        status=status.value,
        blocks=bookings.blocks(status, pending_blocks=offer.pending_blocks),
        guest_email=email,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def address(session: Session, offer: OfficeHours) -> OfficeHoursPath:
    """Return where the office hour is booked."""
    return OfficeHoursPath(host_queries.by_id(session, offer.host_id).slug, offer.slug)


def wanted(starts_at: datetime, **fields: object) -> BookingRequest:
    """Return a guest's request for the default length."""
    values = {
        "minutes": None,
        "name": "Ann Guest",
        "email": "ann@example.org",
        "zone": "America/New_York",
        **fields,
    }
    return BookingRequest(starts_at=starts_at, **values)
