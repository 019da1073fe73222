"""What decides which starts of office hours are open, read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.domain import slots
from booking.domain.bookings import COUNTED, Booked, Booking, BookingStatus
from booking.domain.hosts import Host
from booking.domain.minutes import MINUTE
from booking.domain.office_hours import OfficeHours
from booking.domain.slots import Availability
from booking.queries.bookings import LONGEST
from core.db.base import Base
from scheduler.domain.interval import Interval
from scheduler.queries.busy import Attendant, busy_times

# Tables instead of mapped classes: the session does half the work for each statement.
_BOOKINGS, _OFFICE_HOURS = (Base.metadata.tables[name].c for name in ("bookings", "office_hours"))
_BOOKED = select(
    _BOOKINGS.host_id,
    _BOOKINGS.starts_at,
    _BOOKINGS.ends_at,
    _BOOKINGS.status,
    _BOOKINGS.blocks,
    _OFFICE_HOURS.slug,
    _OFFICE_HOURS.buffer_before,
    _OFFICE_HOURS.buffer_after,
).where(
    _OFFICE_HOURS.id == _BOOKINGS.office_hours_id,
    _BOOKINGS.host_id.in_(bindparam("host_ids", expanding=True)),
    _BOOKINGS.starts_at > bindparam("longest_ago"),
    _BOOKINGS.starts_at < bindparam("until"),
    _BOOKINGS.ends_at > bindparam("from"),
    _BOOKINGS.status.in_(COUNTED),
    _BOOKINGS.id != bindparam("moving"),
)


def for_one(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Availability:
    """Return what decides on starts in `within` at `now`; `moving` is left out."""
    return for_each(session, [(host, office_hours)], within, now, moving)[0]


def for_each(
    session: Session,
    pairs: Sequence[tuple[Host, OfficeHours]],
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> list[Availability]:
    """Return what decides on the starts of each of these, in as many statements as for one."""
    if not pairs:
        return []
    reaches = [
        slots.relevant_interval(each, host.limits, within, now, longest_buffer=host.longest_buffer)
        for host, each in pairs
    ]
    reach = Interval(min(each.start for each in reaches), max(each.end for each in reaches))
    hosts = {host.id: host for host, _ in pairs}
    booked = _booked(session, hosts, reach, moving)
    attendants = [
        Attendant(host.person_id, host.email) for host in hosts.values() if host.has_own_events
    ]
    attending = busy_times(session, set(attendants), reach, now)
    return [
        Availability(
            hours=host,
            office_hours=office_hours,
            now=now,
            bookings=booked[host.id],
            busy=attending.get(host.person_id, ()),
            host_limits=host.limits,
            paused=host.paused,
        )
        for host, office_hours in pairs
    ]


def _booked(
    session: Session, host_ids: Collection[int], within: Interval, moving: Booking | None
) -> Mapping[int, list[Booked]]:
    """Return the bookings of all office hours that block or count in `within`, by host."""
    values = {
        "host_ids": list(host_ids),
        "longest_ago": within.start - LONGEST,
        "from": within.start,
        "until": within.end,
        "moving": 0 if moving is None else moving.row_id,
    }
    found: dict[int, list[Booked]] = defaultdict(list)
    for host_id, starts_at, ends_at, status, blocks, slug, before, after in session.execute(
        _BOOKED, values
    ):
        found[host_id].append(
            Booked(
                Interval(starts_at, ends_at),
                slug,
                BookingStatus(status),
                before * MINUTE,
                after * MINUTE,
                pending_blocks=blocks,
            )
        )
    return found
