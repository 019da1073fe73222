"""What every change of a booking does: take the host's row, judge the start, write, tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking import invitations, queries, situations
from booking.domain import slots
from booking.domain.bookings import Status
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.refusals import SlotTaken
from booking.domain.slots import Situation
from booking.invitations import Change
from booking.models import BookingRow, HostRow, OfficeHoursRow
from core import audit
from core.refusals import NotFound
from scheduler.domain.interval import Interval

NO_OVERLAP = "bookings_no_overlap"
GUEST = "guest"
ALTERNATIVES = 5
_NEAR, _FAR = timedelta(days=14), timedelta(days=120)
_EVER = timedelta(days=731)
_DAY = timedelta(days=1)

# Both rows are locked so that, after a wait for the host's, both are read as they are then.
_LOCKED = queries.HOST_AND_OFFER.where(
    OfficeHoursRow.id == bindparam("office_hours_id")
).with_for_update(of=(HostRow, OfficeHoursRow))
_HOST_OF_BOOKING = queries.HOSTS.where(
    HostRow.id
    == select(BookingRow.host_id).where(BookingRow.ref == bindparam("ref")).scalar_subquery()
).with_for_update(of=HostRow)
_FRESH_BOOKING = (
    select(BookingRow)
    .where(BookingRow.ref == bindparam("ref"))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Ending:
    """That `actor` cancels or declines a booking at an instant, and why."""

    status: Literal[Status.CANCELLED, Status.DECLINED]
    actor: str
    at: datetime
    reason: str | None


def lock_host_of_offer(session: Session, office_hours_id: int) -> tuple[Host, OfficeHours]:
    """Return an office hour as it is now, and its host; raise NotFound.

    Nobody else can change the host's bookings until this transaction ends: PostgreSQL locks the
    host's row, SQLite let us in alone when the transaction began.
    """
    row = session.execute(_LOCKED, {"office_hours_id": office_hours_id}).one_or_none()
    if row is None:
        raise NotFound
    return queries.host_of(row.host), queries.offer_of(row.offer)


def lock_booking(session: Session, ref: str) -> tuple[Host, OfficeHours, BookingRow]:
    """Return a booking as it is now, its office hour, and its host, locked; raise NotFound."""
    found = session.execute(_HOST_OF_BOOKING, {"ref": ref}).one_or_none()
    if found is None:
        raise NotFound
    host = queries.host_of(found)
    row = session.execute(_FRESH_BOOKING, {"ref": ref}).scalar_one()
    return host, queries.office_hours_by_id(session, row.office_hours_id), row


def require_open(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    start: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Situation:
    """Return the situation in which the booking may lie at `start`; raise SlotTaken if it may not.

    It is the rule that the pages and the API list starts by, asked again on fresh rows.
    """
    found = situations.situation(session, host, office_hours, start, now, moving)
    if not slots.is_open(found, start.start, start.lasts):
        raise taken(session, host, office_hours, start, now, moving)
    return found


def taken(
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
        found = situations.situation(session, host, office_hours, within, now, moving)
        starts = slots.open_starts(found, within, start.lasts)
        nearest = slots.nearest(starts, at, ALTERNATIVES)
        if len(nearest) == ALTERNATIVES:
            break
    return SlotTaken(nearest)


def write(session: Session, row: BookingRow, situation: Situation) -> None:
    """Write the row now, so that the database's own refusal of an overlap is SlotTaken too."""
    start = Interval(row.starts_at, row.ends_at)
    try:
        session.add(row)
        session.flush()
    except IntegrityError as refusal:
        if NO_OVERLAP not in str(refusal.orig):
            raise
        # The transaction is lost: no more can be read than what is known already.
        day = Interval(start.start - _DAY, start.start + _DAY)
        starts = slots.open_starts(situation, day, start.lasts)
        others = [at for at in starts if not start.overlaps(Interval(at, at + start.lasts))]
        raise SlotTaken(slots.nearest(others, start.start, ALTERNATIVES)) from refusal


def place(row: BookingRow, host: Host, start: Interval, now: datetime) -> None:
    """Put the booking at `start`, chosen at `now`: as instants, and as the host's wall time."""
    zone = host.hours.zone_at(start.start)
    row.starts_at, row.ends_at = start.start, start.end
    row.starts, row.host_zone = start.start.astimezone(zone).replace(tzinfo=None), zone.key
    row.placed_at = now


def end(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    row: BookingRow,
    ending: Ending,
) -> Booking:
    """Cancel or decline the booking: its time is free at once. Return it as it is then."""
    before = queries.booking_of_row(row, office_hours)
    row.status, row.blocks, row.reason = ending.status, False, ending.reason
    row.sequence += 1
    row.revised_at = ending.at
    ended = queries.booking_of_row(row, office_hours)
    action = f"booking {ending.status}"
    audit.record(session, ending.actor, action, subject(ended), now=ending.at)
    change = Change.DECLINED if ending.status is Status.DECLINED else Change.CANCELLED
    by_guest = ending.actor == GUEST
    invitations.announce(session, host, ended, change, ending.at, before=before, by_guest=by_guest)
    return ended


def subject(booking: Booking) -> str:
    """Return under what name the audit log tells of the booking."""
    return f"booking:{booking.id}"
