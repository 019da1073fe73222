"""All that decides on the starts of office hours, read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.domain import slots
from booking.domain.bookings import COUNTED, Booked, Status
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.slots import Situation
from booking.models import BookingRow, OfficeHoursRow
from booking.queries import LONGEST
from scheduler import queries as scheduler
from scheduler.domain.events import EventStatus
from scheduler.domain.interval import Interval
from scheduler.models import EventRow, SpeakerRow, TalkRow, series_organisers

TAKING_PLACE = (EventStatus.SCHEDULED, EventStatus.TENTATIVE)

_BOOKED = (
    select(
        BookingRow.host_id,
        BookingRow.starts_at,
        BookingRow.ends_at,
        BookingRow.status,
        BookingRow.blocks,
        OfficeHoursRow.slug,
        OfficeHoursRow.buffer_before,
        OfficeHoursRow.buffer_after,
    )
    .join(OfficeHoursRow, OfficeHoursRow.id == BookingRow.office_hours_id)
    .where(
        BookingRow.host_id.in_(bindparam("host_ids", expanding=True)),
        BookingRow.starts_at > bindparam("longest_ago"),
        BookingRow.starts_at < bindparam("until"),
        BookingRow.ends_at > bindparam("from"),
        BookingRow.status.in_(COUNTED),
        BookingRow.id != bindparam("moving"),
    )
)
_ORGANISED = select(series_organisers.c.series_id, series_organisers.c.person_id).where(
    series_organisers.c.person_id.in_(bindparam("person_ids", expanding=True))
)
_SPEAKING = (
    select(SpeakerRow.email, EventRow.starts_at, EventRow.ends_at)
    .join(TalkRow, TalkRow.id == SpeakerRow.talk_id)
    .join(EventRow, EventRow.id == TalkRow.event_id)
    .where(
        SpeakerRow.email.in_(bindparam("emails", expanding=True)),
        EventRow.status.in_(TAKING_PLACE),
        EventRow.starts_at < bindparam("until"),
        EventRow.ends_at > bindparam("from"),
    )
)


def situation(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Situation:
    """Return what decides on starts in `within` at `now`, as if `moving` were not there."""
    return situations(session, [(host, office_hours)], within, now, moving)[0]


def situations(
    session: Session,
    offers: Sequence[tuple[Host, OfficeHours]],
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> list[Situation]:
    """Return the situation of each of these office hours, in as many statements as for one."""
    if not offers:
        return []
    reaches = [slots.relevant(each.offer, host.limits, within, now) for host, each in offers]
    reach = Interval(min(each.start for each in reaches), max(each.end for each in reaches))
    hosts = {host.id: host for host, _ in offers}
    booked = _booked(session, hosts, reach, moving)
    teachers = [host for host in hosts.values() if host.teaches]
    teaching = _teaching(session, teachers, reach, now)
    return [
        Situation(
            hours=host.hours,
            offer=office_hours.offer,
            now=now,
            bookings=booked[host.id],
            busy=teaching[host.id],
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


def _teaching(
    session: Session, hosts: Sequence[Host], within: Interval, now: datetime
) -> Mapping[int, list[Interval]]:
    """Return the series events in `within` that each host organises or speaks at, by host."""
    found: dict[int, list[Interval]] = defaultdict(list)
    if not hosts:
        return found
    for host_id, interval in (
        *_speaking(session, hosts, within),
        *_organising(session, hosts, within, now),
    ):
        found[host_id].append(interval)
    return found


def _organising(
    session: Session, hosts: Sequence[Host], within: Interval, now: datetime
) -> Iterator[tuple[int, Interval]]:
    organisers: dict[int, set[int]] = defaultdict(set)
    person_ids = {"person_ids": [host.person_id for host in hosts]}
    for series_id, person_id in session.execute(_ORGANISED, person_ids):
        organisers[series_id].add(person_id)
    if not organisers:
        return
    events = scheduler.events_between(
        session,
        [each for each in scheduler.all_series(session) if each.id in organisers],
        within,
        now,
        open_until=now,
        rowless_until=within.end,
    )
    for event in events:
        if event.status in TAKING_PLACE and event.starts_at and event.ends_at:
            for host in hosts:
                if host.person_id in organisers[event.series.id]:
                    yield host.id, Interval(event.starts_at, event.ends_at)


def _speaking(
    session: Session, hosts: Sequence[Host], within: Interval
) -> Iterator[tuple[int, Interval]]:
    values = {
        "emails": [host.email for host in hosts],
        "from": within.start,
        "until": within.end,
    }
    for email, starts_at, ends_at in session.execute(_SPEAKING, values):
        if starts_at and ends_at:
            for host in hosts:
                if host.email == email:
                    yield host.id, Interval(starts_at, ends_at)
