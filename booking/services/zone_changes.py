"""What new zone data does to bookings to come: the host's wall time stays, both sides are told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts import queries as accounts
from booking import snapshots
from booking.domain import shifts
from booking.domain.bookings import OPEN, Booking, BookingStatus
from booking.domain.hosts import Host
from booking.domain.shifts import Shift
from booking.models import BookingRow, HostRow
from booking.queries import bookings as queries
from booking.queries import hosts, office_hours
from booking.services import writing
from booking.snapshots import BookingMail
from core import audit, time_format, zones
from core.db.fast_sql import insert_all
from core.time_format import HourClock
from core.zone_updates import ACTOR, Changes, Derivation
from scheduler.domain import walltime
from scheduler.domain.interval import Interval


def zones_in_use(now: datetime) -> Select[str]:
    """Return the statement that selects the zones of the bookings to come."""
    return select(BookingRow.host_zone).where(
        BookingRow.status.in_(OPEN), BookingRow.starts_at > now
    )


def derive(session: Session, changes: Changes, now: datetime) -> int:
    """Derive the instants of bookings to come in the changed zones again; return how many moved.

    One that would overlap another booking of its host stays where it is, marked for the host to
    decide.
    """
    concerned = select(BookingRow.host_id).where(
        BookingRow.host_zone.in_(changes), BookingRow.status.in_(OPEN), BookingRow.starts_at > now
    )
    # In one order, so that two writers wait for each other and never lock crosswise.
    host_ids = session.scalars(
        select(HostRow.id).where(HostRow.id.in_(concerned)).order_by(HostRow.id).with_for_update()
    ).all()
    return sum(_derive_of(session, host_id, changes, now) for host_id in host_ids)


DERIVATION = Derivation(zones_in_use, derive)


def tell(
    session: Session, host: Host, booking: Booking, before: Booking, now: datetime, *, by: str
) -> None:
    """Note that new zone data moved the booking, or that it stays despite it; tell both sides."""
    action = "booking kept" if booking.starts_at == before.starts_at else "booking moved"
    entry = audit.entry(
        by,
        action,
        booking.subject,
        now=now,
        starts_at=booking.starts_at.isoformat(),
        previous=before.starts_at.isoformat(),
    )
    told = []
    if booking.status is not BookingStatus.HELD:  # its guest was not asked to come yet
        reason = _words(booking, before, accounts.organization(session).hour_clock)
        told = snapshots.messages(
            host,
            booking,
            BookingMail.CLOCKS,
            now,
            before=before.status,
            by_guest=False,
            reason=reason,
        )
    insert_all(session, entry, *told)


def _derive_of(session: Session, host_id: int, changes: Changes, now: datetime) -> int:
    host = hosts.by_id(session, host_id)
    rows = {row.id: row for row in _open_rows(session, host_id, now)}
    due = [
        Shift(row.id, Interval(row.starts_at, row.ends_at), _derived(row))
        for row in rows.values()
        if row.host_zone in changes and row.starts_at > now
    ]
    for shift in due:
        rows[shift.row_id].displaced_to = None
    due = [shift for shift in due if shift.after != shift.before]
    moving = {shift.row_id for shift in due}
    others = [
        Interval(row.starts_at, row.ends_at)
        for row in rows.values()
        if row.blocks and row.id not in moving
    ]
    made, stuck = shifts.arrange([each for each in due if rows[each.row_id].blocks], others)
    made += [each for each in due if not rows[each.row_id].blocks]
    offered = {each.id: each for each in office_hours.of_host(session, host)}
    for shift in made:
        row = rows[shift.row_id]
        before = queries.from_row(row, offered[row.office_hours_id])
        row.starts_at, row.ends_at = shift.after.start, shift.after.end
        row.placed_at = now
        writing.revise(row, host, offered[row.office_hours_id], now)
        session.flush()  # in this order: the database refuses an overlap at each row
        after = queries.from_row(row, offered[row.office_hours_id])
        tell(session, host, after, before, now, by=ACTOR)
    for shift in stuck:
        row = rows[shift.row_id]
        row.displaced_to = shift.after.start
        subject = queries.from_row(row, offered[row.office_hours_id]).subject
        to = shift.after.start.isoformat()
        audit.record(session, ACTOR, "booking displaced", subject, now=now, to=to)
    session.flush()  # so that what is read afterwards finds the marks
    return len(made)


def _open_rows(session: Session, host_id: int, now: datetime) -> Sequence[BookingRow]:
    return session.scalars(
        select(BookingRow)
        .where(BookingRow.host_id == host_id, BookingRow.status.in_(OPEN), BookingRow.ends_at > now)
        .order_by(BookingRow.starts_at, BookingRow.id)
        .execution_options(populate_existing=True)
    ).all()


def _derived(row: BookingRow) -> Interval:
    """Return when the booking is by its wall time; of an hour that occurs twice its own pass."""
    zone = zones.zone(row.host_zone)
    first, second = (walltime.instant(row.starts, zone, fold=fold) for fold in (0, 1))
    start = second if row.starts_at == second else first
    return Interval(start, start + (row.ends_at - row.starts_at))


def _words(booking: Booking, before: Booking, hours: HourClock) -> str:
    zone = booking.host_zone
    city, clock = zones.city(zone), time_format.clock(booking.starts_at, zone, hours)
    utc = time_format.clock(booking.starts_at, "UTC", hours)
    changed = f"The rules of the clocks in {city} changed."
    if booking.starts_at == before.starts_at:
        return f"{changed} The booking stays at {utc} UTC, which is now {clock} in {city}."
    was = time_format.clock(before.starts_at, "UTC", hours)
    return f"{changed} The booking stays at {clock} in {city}: {utc} UTC instead of {was} UTC."
