"""The steps of every change of a booking: lock the host, check the start, write, queue mails."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Row, Table, bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking import snapshots
from booking.domain import policy, slots
from booking.domain.bookings import Booking, BookingStatus, blocks
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours
from booking.domain.refusals import SlotTaken
from booking.domain.slots import Availability
from booking.models import BookingRow, ProposalRow
from booking.queries import availability as availabilities
from booking.queries import bookings, hosts
from booking.queries import office_hours as office_hours_queries
from booking.snapshots import BookingMail
from core import audit, zones
from core.db.base import Base
from core.db.fast_sql import insert_all
from core.refusals import NotFound
from scheduler.domain import walltime
from scheduler.domain.interval import Interval

NO_OVERLAP = "bookings_no_overlap"
ALTERNATIVES = 5
_NEAR, _FAR = timedelta(days=14), timedelta(days=120)
_EVER = timedelta(days=731)
_DAY = timedelta(days=1)

HOSTS: Table = Base.metadata.tables["hosts"]
BOOKINGS: Table = Base.metadata.tables["bookings"]

_HOST = select(HOSTS.c.id).where(HOSTS.c.slug == bindparam("slug")).with_for_update()
_HOST_OF_BOOKING = (
    select(HOSTS.c.id)
    .where(HOSTS.c.id.in_(select(BOOKINGS.c.host_id).where(BOOKINGS.c.ref == bindparam("ref"))))
    .with_for_update()
)
_INSERT = sql.insert(BOOKINGS).returning(*BOOKINGS.c)
_FRESH_BOOKING = (
    select(BookingRow)
    .where(BookingRow.ref == bindparam("ref"))
    .execution_options(populate_existing=True)
)


def lock_host(session: Session, slug: str) -> None:
    """Lock the host of this slug, so that only this transaction can change its bookings.

    PostgreSQL locks the host's row; SQLite locked everything when the transaction began. Read what
    the change depends on afterward: others may have changed it during the wait.
    """
    session.execute(_HOST, {"slug": slug})


def lock_booking(session: Session, ref: str) -> tuple[Host, OfficeHours, BookingRow]:
    """Lock the host of a booking; return host, office hours and booking as they are now.

    Raises NotFound.
    """
    host_id = session.scalar(_HOST_OF_BOOKING, {"ref": ref})
    if host_id is None:
        raise NotFound
    host = hosts.by_id(session, host_id)
    row = session.execute(_FRESH_BOOKING, {"ref": ref}).scalar_one()
    return host, office_hours_queries.by_id(session, row.office_hours_id), row


def require_open(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Availability:
    """Return the availability by which `start` is open; raise SlotTaken if it is not.

    It is the rule by which the pages and the API list starts, applied to fresh rows.
    """
    found = availabilities.for_one(session, host, office_hours, start, now, moving)
    if not slots.is_open(found, start.start, start.duration):
        raise slot_taken(session, host, office_hours, start, now, moving)
    return found


def require_no_overlap(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking,
    instead: Sequence[datetime] = (),
) -> Availability:
    """Return the availability by which no other booking is at `start`; raise SlotTaken.

    No other rule binds the host. The refusal names the starts nearest to it: the free ones of
    `instead`, or if that is empty those that are open.
    """
    found = availabilities.for_one(session, host, office_hours, start, now, moving)
    if _is_free(found, start):
        return found
    if not instead:
        raise slot_taken(session, host, office_hours, start, now, moving)
    others = [Interval(at, at + start.duration) for at in instead]
    left = [
        other.start
        for other in others
        if _is_free(availabilities.for_one(session, host, office_hours, other, now, moving), other)
    ]
    raise SlotTaken(left)


def _is_free(availability: Availability, start: Interval) -> bool:
    return not any(
        other.blocks and other.interval.overlaps(start) for other in availability.bookings
    )


def slot_taken(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> SlotTaken:
    """Return the refusal that names the open starts nearest to `start` for a booking as long."""
    return SlotTaken(nearest_open(session, host, office_hours, start, now, moving))


def nearest_open(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> list[datetime]:
    """Return the open starts nearest to `start` for a booking as long, ALTERNATIVES at most."""
    at = start.start
    nearest: list[datetime] = []
    for within in (
        Interval(at - _NEAR, at + _NEAR),
        Interval(at - _FAR, at + _FAR),
        Interval(now, now + _EVER),
    ):
        found = availabilities.for_one(session, host, office_hours, within, now, moving)
        starts = slots.open_starts(found, within, start.duration)
        nearest = slots.nearest(starts, at, ALTERNATIVES)
        if len(nearest) == ALTERNATIVES:
            break
    return nearest


def insert(
    session: Session, values: Mapping[str, object], start: Interval, availability: Availability
) -> Row[*tuple[Any, ...]]:
    """Insert a booking of these columns at `start`; return its row with all columns.

    Columns that are left out get their defaults. Raises SlotTaken where the database refuses an
    overlap. The statement takes half as long as a flush, while others wait for the host's row.
    """
    with _overlap_refused(start, availability):
        return session.execute(_INSERT, values).one()


def update(session: Session, row: BookingRow, availability: Availability) -> None:
    """Write the changed row; raise SlotTaken where the database refuses an overlap."""
    with _overlap_refused(Interval(row.starts_at, row.ends_at), availability):
        session.flush()


def is_overlap(error: IntegrityError) -> bool:
    """Whether the database refused a booking that overlaps another one of its host."""
    return NO_OVERLAP in str(error.orig)


def placement(host: Host, start: Interval, now: datetime) -> dict[str, object]:
    """Return the columns that put a booking at `start`, as instants and as the host's wall time.

    The start was chosen at `now`.
    """
    zone = host.zone_at(start.start)
    wall = walltime.wall(start.start, zones.zone(zone))
    return {
        "starts_at": start.start,
        "ends_at": start.end,
        "starts": wall,
        "host_zone": zone,
        "placed_at": now,
        "displaced_to": None,
        "absent_at": None,
    }


def place(row: BookingRow, host: Host, start: Interval, now: datetime) -> None:
    """Put the booking of a row at `start`, which was chosen at `now`."""
    for name, value in placement(host, start, now).items():
        setattr(row, name, value)


def revise(
    row: BookingRow, host: Host, office_hours: OfficeHours, now: datetime, *, is_first: bool = False
) -> None:
    """Give what calendars say of a booking a new revision: what the host says at `now`.

    DTSTAMP never goes backwards (RFC 5546 2.1.5). SEQUENCE rises unless the revision `is_first`:
    then no calendar has an entry.
    """
    row.entry = asdict(host.entry_of(office_hours.title))
    row.revised_at = max(row.revised_at, now)
    row.sequence += not is_first


def move(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    row: BookingRow,
    start: Interval,
    availability: Availability,
    now: datetime,
    *,
    actor: Actor,
    status: BookingStatus | None = None,
) -> Booking:
    """Put the booking at `start`, with another status if one is given; tell both sides.

    What was proposed instead of the old start is over. Raises SlotTaken where the database refuses
    an overlap.
    """
    previous, before = row.starts_at, BookingStatus(row.status)
    session.execute(delete(ProposalRow).where(ProposalRow.booking_id == row.id))
    place(row, host, start, now)
    row.reason = None  # what the guest wrote of an absence is of the old time
    if status is not None:
        row.status = status
        row.blocks = blocks(status, pending_blocks=office_hours.pending_blocks)
    revise(row, host, office_hours, now)
    update(session, row, availability)
    moved = bookings.from_row(row, office_hours)
    entry = audit.entry(
        actor.name,
        "booking moved",
        moved.subject,
        now=now,
        status=moved.status,
        starts_at=moved.starts_at.isoformat(),
        previous=previous.isoformat(),
    )
    # The guest of a held one needs the link that confirms it, with the new time.
    kind = BookingMail.HELD if moved.status is BookingStatus.HELD else BookingMail.MOVED
    by_guest = policy.is_guest(actor, moved)
    told = snapshots.messages(host, moved, kind, now, before=before, by_guest=by_guest)
    insert_all(session, entry, *told)
    return moved


@contextmanager
def _overlap_refused(start: Interval, availability: Availability) -> Iterator[None]:
    """Raise SlotTaken where the database refuses a booking at `start`."""
    try:
        yield
    except IntegrityError as refusal:
        if not is_overlap(refusal):
            raise
        # The transaction has failed: the alternatives come from what was read before.
        day = Interval(start.start - _DAY, start.start + _DAY)
        starts = slots.open_starts(availability, day, start.duration)
        others = [at for at in starts if not start.overlaps(Interval(at, at + start.duration))]
        raise SlotTaken(slots.nearest(others, start.start, ALTERNATIVES)) from refusal
