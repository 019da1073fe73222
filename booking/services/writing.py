"""What every change of a booking does: take the host's row, judge the start, write, tell."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking import availability, queries, snapshots
from booking.domain import slots
from booking.domain.bookings import Status
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.refusals import SlotTaken
from booking.domain.slots import Availability
from booking.models import BookingRow
from booking.snapshots import BookingMail
from core import audit
from core.db.base import Base
from core.db.fast_sql import insert_all
from core.refusals import NotFound
from scheduler.domain.interval import Interval

NO_OVERLAP = "bookings_no_overlap"
GUEST = "guest"
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


@dataclass(frozen=True, slots=True)
class BookingEnd:
    """That `actor` cancels or declines a booking at an instant, and why."""

    status: Literal[Status.CANCELLED, Status.DECLINED]
    actor: str
    at: datetime
    reason: str | None


def lock_host(session: Session, slug: str) -> None:
    """Let nobody else change the bookings of the host of this slug until this transaction ends.

    PostgreSQL locks the host's row, SQLite let us in alone when the transaction began. What is to
    be judged is read afterwards: a wait may have made old what was read before.
    """
    session.execute(_HOST, {"slug": slug})


def lock_booking(session: Session, ref: str) -> tuple[Host, OfficeHours, BookingRow]:
    """Return a booking as it is now, its office hour, and its host, locked; raise NotFound."""
    host_id = session.scalar(_HOST_OF_BOOKING, {"ref": ref})
    if host_id is None:
        raise NotFound
    host = queries.host_by_id(session, host_id)
    row = session.execute(_FRESH_BOOKING, {"ref": ref}).scalar_one()
    return host, queries.office_hours_by_id(session, row.office_hours_id), row


def require_open(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Availability:
    """Return the situation in which the booking may lie at `start`; raise SlotTaken if it may not.

    It is the rule that the pages and the API list starts by, asked again on fresh rows.
    """
    found = availability.availability_of(session, host, office_hours, start, now, moving)
    if not slots.is_open(found, start.start, start.duration):
        raise slot_taken(session, host, office_hours, start, now, moving)
    return found


def slot_taken(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> SlotTaken:
    """Return the refusal that names the open starts nearest to `start` for a booking as long."""
    at = start.start
    nearest: list[datetime] = []
    for within in (
        Interval(at - _NEAR, at + _NEAR),
        Interval(at - _FAR, at + _FAR),
        Interval(now, now + _EVER),
    ):
        found = availability.availability_of(session, host, office_hours, within, now, moving)
        starts = slots.open_starts(found, within, start.duration)
        nearest = slots.nearest(starts, at, ALTERNATIVES)
        if len(nearest) == ALTERNATIVES:
            break
    return SlotTaken(nearest)


def insert(
    session: Session, values: Mapping[str, object], start: Interval, situation: Availability
) -> Row[*tuple[Any, ...]]:
    """Insert a booking of these columns, which lies at `start`; return its row with all columns.

    Columns that are left out get their defaults. The database's own refusal is SlotTaken too. The
    statement takes half as long as a flush, while others wait for the host's row.
    """
    with _overlap_refused(start, situation):
        return session.execute(_INSERT, values).one()


def update(session: Session, row: BookingRow, situation: Availability) -> None:
    """Write the changed row now, so that the database's own refusal is SlotTaken too."""
    with _overlap_refused(Interval(row.starts_at, row.ends_at), situation):
        session.flush()


def placement(host: Host, start: Interval, now: datetime) -> dict[str, object]:
    """Return the columns that put a booking at `start`, chosen at `now`.

    They hold the time as instants, and as the host's wall time.
    """
    zone = host.hours.zone_at(start.start)
    return {
        "starts_at": start.start,
        "ends_at": start.end,
        "starts": start.start.astimezone(zone).replace(tzinfo=None),
        "host_zone": zone.key,
        "placed_at": now,
        "displaced_to": None,
    }


def place(row: BookingRow, host: Host, start: Interval, now: datetime) -> None:
    """Put the booking of the row at `start`, chosen at `now`."""
    for name, value in placement(host, start, now).items():
        setattr(row, name, value)


@contextmanager
def _overlap_refused(start: Interval, situation: Availability) -> Iterator[None]:
    """Raise SlotTaken where the database refuses a booking at `start`."""
    try:
        yield
    except IntegrityError as refusal:
        if NO_OVERLAP not in str(refusal.orig):
            raise
        # The transaction is lost: the alternatives come from what was read before.
        day = Interval(start.start - _DAY, start.start + _DAY)
        starts = slots.open_starts(situation, day, start.duration)
        others = [at for at in starts if not start.overlaps(Interval(at, at + start.duration))]
        raise SlotTaken(slots.nearest(others, start.start, ALTERNATIVES)) from refusal


def end(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    row: BookingRow,
    ending: BookingEnd,
) -> Booking:
    """Cancel or decline the booking: its time is free at once. Return it as it is then."""
    row.status, row.blocks, row.reason = ending.status, False, ending.reason
    row.sequence += 1
    row.revised_at = ending.at
    ended = queries.booking_from_row(row, office_hours)
    declined = ending.status is Status.DECLINED
    kind = BookingMail.DECLINED if declined else BookingMail.CANCELLED
    by_guest = ending.actor == GUEST
    insert_all(
        session,
        audit.entry(ending.actor, f"booking {ending.status}", subject(ended), now=ending.at),
        *snapshots.messages(host, ended, kind, ending.at, by_guest=by_guest),
    )
    return ended


def subject(booking: Booking) -> str:
    """Return under what name the audit log tells of the booking."""
    return f"booking:{booking.id}"
