"""Changes of what calendars say of a host's bookings: each one gets one new revision for all."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor, ActorKind
from booking import snapshots
from booking.domain.bookings import BookingStatus
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours
from booking.models import BookingRow, HostRow
from booking.queries import bookings, hosts, office_hours
from booking.services import writing
from booking.snapshots import BookingMail
from core import audit
from core.db.fast_sql import insert_all
from scheduler.domain import notices

NOTICE = Actor(ActorKind.ANYONE, "notice")

_CHANGED = select(HostRow.id).where(HostRow.entries_changed_at.is_not(None)).order_by(HostRow.id)


def note(host: HostRow, now: datetime) -> None:
    """Note on a locked host that what calendars say of its bookings has changed."""
    host.entries_changed_since = host.entries_changed_since or now
    host.entries_changed_at = now


def has_changed(session: Session) -> bool:
    """Whether any host's change has not been sent yet."""
    return session.scalar(_CHANGED.limit(1)) is not None


def send_due(session: Session, now: datetime, wait: timedelta) -> int:
    """Revise the bookings whose changes are due, and tell both sides; return how many.

    `wait` is how long a change waits for the next one. A change that was undone is not sent.
    """
    return sum(_send_of(session, host_id, now, wait) for host_id in session.scalars(_CHANGED).all())


def _send_of(session: Session, host_id: int, now: datetime, wait: timedelta) -> int:
    row = session.get(HostRow, host_id, with_for_update=True, populate_existing=True)
    if row is None or row.entries_changed_since is None or row.entries_changed_at is None:
        return 0
    since, last = row.entries_changed_since, row.entries_changed_at
    host = hosts.by_id(session, host_id)
    offered = {each.id: each for each in office_hours.of_host(session, host)}
    outdated = [
        booking
        for booking in _with_entry(session, host_id, now)
        if bookings.entry(booking) != host.entry_of(offered[booking.office_hours_id].title)
    ]
    due = [each for each in outdated if notices.due_at(since, last, each.starts_at, wait) <= now]
    for booking in due:
        _send(session, host, offered[booking.office_hours_id], booking, now)
    if len(due) == len(outdated):
        row.entries_changed_since = row.entries_changed_at = None
    return len(due)


def _with_entry(session: Session, host_id: int, now: datetime) -> list[BookingRow]:
    """Return the bookings of which calendars have entries, without those nobody comes to."""
    query = select(BookingRow).where(
        BookingRow.host_id == host_id,
        BookingRow.status == BookingStatus.CONFIRMED,
        BookingRow.ends_at > now,
        BookingRow.absent_at.is_(None),
    )
    query = query.order_by(BookingRow.starts_at, BookingRow.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _send(
    session: Session, host: Host, offered: OfficeHours, row: BookingRow, now: datetime
) -> None:
    writing.revise(row, host, offered, now)
    revised = bookings.from_row(row, offered)
    entry = audit.entry(NOTICE.name, "booking revised", revised.subject, now=now)
    told = snapshots.messages(
        host, revised, BookingMail.DETAILS, now, before=revised.status, by_guest=False, reason=""
    )
    insert_all(session, entry, *told)
