"""All that decides on the starts of one office hour, read in a fixed number of statements."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import exists, select
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


def situation(
    session: Session,
    host: Host,
    office_hours: OfficeHours,
    within: Interval,
    now: datetime,
    moving: Booking | None = None,
) -> Situation:
    """Return what decides on starts in `within` at `now`, as if `moving` were not there."""
    reach = slots.relevant(office_hours.offer, within, now)
    return Situation(
        hours=host.hours,
        offer=office_hours.offer,
        now=now,
        bookings=_booked(session, host, reach, moving),
        busy=list(_teaching(session, host, reach, now)),
        host_limits=host.limits,
        paused=host.paused,
    )


def _booked(session: Session, host: Host, within: Interval, moving: Booking | None) -> list[Booked]:
    """Return the host's bookings of every office hour that block or count in `within`."""
    query = (
        select(
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
            BookingRow.host_id == host.id,
            BookingRow.starts_at > within.start - LONGEST,
            BookingRow.starts_at < within.end,
            BookingRow.ends_at > within.start,
            BookingRow.status.in_(COUNTED),
        )
    )
    if moving is not None:
        query = query.where(BookingRow.id != moving.row_id)
    return [
        Booked(
            Interval(starts_at, ends_at),
            slug,
            Status(status),
            timedelta(minutes=before),
            timedelta(minutes=after),
            pending_blocks=blocks,
        )
        for starts_at, ends_at, status, blocks, slug, before, after in session.execute(query)
    ]


def _teaching(session: Session, host: Host, within: Interval, now: datetime) -> Iterator[Interval]:
    """Yield the series events in `within` that the host organises or speaks at."""
    yield from _speaking(session, host, within)
    organises = exists().where(series_organisers.c.person_id == host.person_id)
    if not session.scalar(select(organises)):
        return
    events = scheduler.events_between(
        session,
        scheduler.organised_by(session, host.person_id),
        within,
        now,
        open_until=now,
        rowless_until=within.end,
    )
    for event in events:
        if event.status in TAKING_PLACE and event.starts_at and event.ends_at:
            yield Interval(event.starts_at, event.ends_at)


def _speaking(session: Session, host: Host, within: Interval) -> Iterator[Interval]:
    query = (
        select(EventRow.starts_at, EventRow.ends_at)
        .join(TalkRow, TalkRow.event_id == EventRow.id)
        .join(SpeakerRow, SpeakerRow.talk_id == TalkRow.id)
        .where(
            SpeakerRow.email == host.email,
            EventRow.status.in_(TAKING_PLACE),
            EventRow.starts_at < within.end,
            EventRow.ends_at > within.start,
        )
    )
    for starts_at, ends_at in session.execute(query):
        if starts_at and ends_at:
            yield Interval(starts_at, ends_at)
