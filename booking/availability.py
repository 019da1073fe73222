"""All that decides on the starts of office hours, read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.domain import slots
from booking.domain.bookings import COUNTED, Booked, Status
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.slots import Availability
from booking.queries import LONGEST
from core.db.base import Base
from scheduler.domain.interval import Interval
from scheduler.queries.busy import Attendant, busy_times

# Of tables, not of classes: the session then does half as much for each statement.
_BOOKINGS, _OFFERS = (Base.metadata.tables[name].c for name in ("bookings", "office_hours"))
_BOOKED = select(
    _BOOKINGS.host_id,
    _BOOKINGS.starts_at,
    _BOOKINGS.ends_at,
    _BOOKINGS.status,
    _BOOKINGS.blocks,
    _OFFERS.slug,
    _OFFERS.buffer_before,
    _OFFERS.buffer_after,
).where(
    _OFFERS.id == _BOOKINGS.office_hours_id,
    _BOOKINGS.host_id.in_(bindparam("host_ids", expanding=True)),
    _BOOKINGS.starts_at > bindparam("longest_ago"),
    _BOOKINGS.starts_at < bindparam("until"),
    _BOOKINGS.ends_at > bindparam("from"),
    _BOOKINGS.status.in_(COUNTED),
    _BOOKINGS.id != bindparam("moving"),
)


def availability_of(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Availability:
    """Return what decides on starts in `within` at `now`, as if `moving` were not there."""
    return availabilities(session, [(host, office_hours)], within, now, moving)[0]


def availabilities(
    session: Session,
    offers: Sequence[tuple[Host, OfficeHours]],
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> list[Availability]:
    """Return the situation of each of these office hours, in as many statements as for one."""
    if not offers:
        return []
    reaches = [
        slots.relevant_interval(
            each.rules, host.limits, within, now, longest_buffer=host.longest_buffer
        )
        for host, each in offers
    ]
    reach = Interval(min(each.start for each in reaches), max(each.end for each in reaches))
    hosts = {host.id: host for host, _ in offers}
    booked = _booked(session, hosts, reach, moving)
    teachers = [
        Attendant(host.person_id, host.email) for host in hosts.values() if host.has_own_events
    ]
    teaching = busy_times(session, set(teachers), reach, now)
    return [
        Availability(
            hours=host.hours,
            rules=office_hours.rules,
            now=now,
            bookings=booked[host.id],
            busy=teaching.get(host.person_id, ()),
            host_limits=host.limits,
            paused=host.paused,
        )
        for host, office_hours in offers
    ]


def _booked(
    session: Session, host_ids: Collection[int], within: Interval, moving: Booking | None
) -> Mapping[int, list[Booked]]:
    """Return the bookings of every office hour that block or count in `within`, by host."""
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
                Status(status),
                timedelta(minutes=before),
                timedelta(minutes=after),
                pending_blocks=blocks,
            )
        )
    return found
