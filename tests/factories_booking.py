"""Rows of booking for tests: functions with defaults. The caller opens the transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import null, select
from sqlalchemy.orm import Session

from accounts.models import PersonRow
from booking import queries
from booking.booking_requests import BookingRequest
from booking.domain import bookings
from booking.domain.bookings import Status
from booking.domain.hosts import Host, OfficeHours, OfficeHoursPath
from booking.models import BookingRow, HostRow, OfficeHoursRow
from core import tokens
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
    return queries.host_by_id(session, row.id)


def add_offer(
    session: Session, host: Host, slug: str = "career-chat", **fields: object
) -> OfficeHours:
    """Add office hours: 30 minutes, no buffers, a day of notice, 60 days ahead."""
    values = {
        "title": "Career chat",
        "minutes": [30],
        "horizon": {"days": 60},
        "questions": [],
        **fields,
    }
    # A plain None would get the column's default.
    plain = {name: null() if value is None else value for name, value in values.items()}
    row = OfficeHoursRow(host_id=host.id, slug=slug, **plain)
    session.add(row)
    session.flush()
    return queries.office_hours_by_id(session, row.id)


def add_booking(
    session: Session,
    offer: OfficeHours,
    starts_at: datetime,
    *,
    minutes: int = 30,
    status: Status = Status.CONFIRMED,
    email: str = "guest@example.org",
    **fields: object,
) -> BookingRow:
    """Add a booking without messages about it."""
    host = queries.host_by_id(session, offer.host_id)
    zone = host.hours.zone_at(starts_at)
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
        starts=starts_at.astimezone(zone).replace(tzinfo=None),
        host_zone=zone.key,
        status=status.value,
        blocks=bookings.blocks(status, pending_blocks=offer.pending_blocks),
        guest_email=email,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def address(session: Session, offer: OfficeHours) -> OfficeHoursPath:
    """Return the path of the office hours' page."""
    return OfficeHoursPath(queries.host_by_id(session, offer.host_id).slug, offer.slug)


def wanted(starts_at: datetime, **fields: object) -> BookingRequest:
    """Return a guest's request for the default length."""
    values = {
        "duration": None,
        "name": "Ann Guest",
        "email": "ann@example.org",
        "zone": "America/New_York",
        **fields,
    }
    return BookingRequest(starts_at=starts_at, **values)
