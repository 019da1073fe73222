"""Reads of whom: hosts, what they offer and what was booked, as values, never rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Bundle, Session

from accounts.models import PersonRow
from booking import hours_json
from booking.domain import policy
from booking.domain.bookings import Status
from booking.domain.hosts import OPEN, Booking, Host, OfficeHours, Visibility
from booking.domain.slots import Limits, StartRules
from booking.models import BookingRow, HostRow, OfficeHoursRow
from core import tokens
from core.refusals import NotFound
from scheduler.domain.policy import Actor
from scheduler.models import SpeakerRow, series_organizers

LONGEST = timedelta(days=1)
"""No booking lasts longer, so that whoever looks for those at an instant knows where to begin."""

LINK = "booking"
"""The purpose of a booking's private link."""

# Statements are made once: making one costs several times what running it does.
_OTHERS = OfficeHoursRow.__table__.alias()
_BUFFERS = (
    select(func.coalesce(func.max(_OTHERS.c.buffer_before + _OTHERS.c.buffer_after), 0))
    .where(_OTHERS.c.host_id == HostRow.id)
    .scalar_subquery()
)
_HOST_COLUMNS = (
    HostRow.id,
    HostRow.slug,
    HostRow.person_id,
    PersonRow.email,
    HostRow.share_email,
    HostRow.name,
    HostRow.bio,
    HostRow.topics,
    HostRow.languages,
    HostRow.zone,
    HostRow.hours,
    HostRow.paused,
    HostRow.per_day,
    HostRow.per_week,
    HostRow.meeting_url,
    (
        exists().where(series_organizers.c.person_id == HostRow.person_id)
        | exists().where(SpeakerRow.email == PersonRow.email)
    ).label("teaches"),
    _BUFFERS.label("buffers"),
)
HOSTS: Select[*tuple[Any, ...]] = select(*_HOST_COLUMNS).join(
    PersonRow, PersonRow.id == HostRow.person_id
)
"""The statement whose rows `host_of` reads."""

_OFFER_COLUMNS = tuple(OfficeHoursRow.__table__.columns)
_OFFERS: Select[*tuple[Any, ...]] = select(*_OFFER_COLUMNS)
HOST_AND_OFFER: Select[*tuple[Any, ...]] = (
    select(Bundle("host", *_HOST_COLUMNS), Bundle("offer", *_OFFER_COLUMNS))
    .select_from(HostRow)
    .join(PersonRow, PersonRow.id == HostRow.person_id)
    .join(OfficeHoursRow, OfficeHoursRow.host_id == HostRow.id)
)
"""The statement in whose rows `host_of` reads `host`, and `offer_of` reads `offer`."""

_BOOKINGS: Select[*tuple[Any, ...]] = select(
    BookingRow.id.label("row_id"),
    BookingRow.ref,
    BookingRow.uid,
    BookingRow.host_id,
    BookingRow.office_hours_id,
    OfficeHoursRow.slug,
    OfficeHoursRow.title,
    OfficeHoursRow.change_until,
    BookingRow.starts_at,
    BookingRow.ends_at,
    BookingRow.host_zone,
    BookingRow.status,
    BookingRow.guest_name,
    BookingRow.guest_email,
    BookingRow.guest_zone,
    BookingRow.answers,
    BookingRow.reason,
    BookingRow.sequence,
    BookingRow.generation,
    BookingRow.placed_at,
    BookingRow.revised_at,
    BookingRow.displaced_to,
).join(OfficeHoursRow, OfficeHoursRow.id == BookingRow.office_hours_id)

_HOST_BY_SLUG = HOSTS.where(HostRow.slug == bindparam("slug"))
_HOST_BY_ID = HOSTS.where(HostRow.id == bindparam("host_id"))
_OFFER_BY_ID = _OFFERS.where(OfficeHoursRow.id == bindparam("office_hours_id"))
_OFFER_BY_SLUG = _OFFERS.where(
    OfficeHoursRow.host_id == bindparam("host_id"), OfficeHoursRow.slug == bindparam("slug")
)
_BOOKING_BY_REF = _BOOKINGS.where(BookingRow.ref == bindparam("ref"))


@dataclass(frozen=True, slots=True)
class HostListing:
    """A host in the directory, with the office hours that the reader may find."""

    host: Host
    office_hours: tuple[OfficeHours, ...]


def directory(session: Session, actor: Actor | None) -> list[HostListing]:
    """Return all hosts by name with what `actor` may find in a list, in two statements."""
    found: dict[int, list[OfficeHours]] = {}
    for offer in _all_offers(session):
        if policy.may_list(offer.visibility, actor):
            found.setdefault(offer.host_id, []).append(offer)
    return [HostListing(host, tuple(found.get(host.id, ()))) for host in hosts(session)]


def host_listing(session: Session, slug: str, actor: Actor | None) -> HostListing:
    """Return the host of this slug with what `actor` may find on its page; raise NotFound."""
    found = host(session, slug)
    own = policy.may_manage(actor, found)
    shown = [
        offer
        for offer in office_hours_of(session, found)
        if own or policy.may_list(offer.visibility, actor)
    ]
    return HostListing(found, tuple(shown))


def hosts(session: Session) -> list[Host]:
    """Return all hosts by name."""
    query = HOSTS.order_by(HostRow.name, HostRow.slug)
    return [host_from_row(row) for row in session.execute(query)]


def hosts_of(session: Session, actor: Actor) -> list[Host]:
    """Return the hosts that this person is, by name."""
    query = HOSTS.where(HostRow.person_id == actor.person_id).order_by(HostRow.name)
    return [host_from_row(row) for row in session.execute(query)]


def is_host(session: Session, person_id: int) -> bool:
    """Whether the person of this id is a host."""
    return session.scalar(select(HostRow.id).where(HostRow.person_id == person_id)) is not None


def host(session: Session, slug: str) -> Host:
    """Return the host of this slug; raise NotFound."""
    return _one_host(session, _HOST_BY_SLUG, {"slug": slug})


def host_by_id(session: Session, host_id: int) -> Host:
    """Return the host of this row; raise NotFound."""
    return _one_host(session, _HOST_BY_ID, {"host_id": host_id})


def managed_host(session: Session, slug: str, actor: Actor | None) -> Host:
    """Return the host of this slug if `actor` may manage it; raise NotFound like for no host."""
    found = host(session, slug)
    if not policy.may_manage(actor, found):
        raise NotFound
    return found


def office_hours_of(session: Session, host: Host) -> list[OfficeHours]:
    """Return all office hours of the host, in the order in which they were made."""
    query = _OFFERS.where(OfficeHoursRow.host_id == host.id)
    return [
        office_hours_from_row(row) for row in session.execute(query.order_by(OfficeHoursRow.id))
    ]


def office_hours(session: Session, host: Host, slug: str, actor: Actor | None) -> OfficeHours:
    """Return the office hour of this slug if `actor` may see it; raise NotFound."""
    row = session.execute(_OFFER_BY_SLUG, {"host_id": host.id, "slug": slug}).one_or_none()
    found = None if row is None else office_hours_from_row(row)
    if found is None or not (
        policy.may_see(found.visibility, actor) or policy.may_manage(actor, host)
    ):
        raise NotFound
    return found


def office_hours_by_id(session: Session, office_hours_id: int) -> OfficeHours:
    """Return the office hour of this row; raise NotFound."""
    row = session.execute(_OFFER_BY_ID, {"office_hours_id": office_hours_id}).first()
    if row is None:
        raise NotFound
    return office_hours_from_row(row)


def booking_by_token(session: Session, token: str, secret_key: str) -> Booking:
    """Return the booking that this private link opens; raise NotFound."""
    row = session.execute(_BOOKING_BY_REF, {"ref": tokens.ref_of(token)}).one_or_none()
    found = None if row is None else booking_from_columns(row)
    if found is None or not tokens.matches(token, link_token(found, secret_key)):
        raise NotFound
    return found


def booking_of_host(session: Session, host: Host, ref: str) -> Booking:
    """Return the host's booking of this public id; raise NotFound."""
    query = _BOOKINGS.where(BookingRow.ref == ref, BookingRow.host_id == host.id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return booking_from_columns(row)


def booking_by_ref(session: Session, ref: str) -> Booking | None:
    """Return the booking of this public id, for those who need no permission."""
    row = session.execute(_BOOKING_BY_REF, {"ref": ref}).one_or_none()
    return None if row is None else booking_from_columns(row)


def bookings_of_host(
    session: Session,
    host: Host,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    statuses: Sequence[Status] = tuple(Status),
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[Booking]:
    """Return the host's bookings that meet [since, until), by start and id.

    `after` is the start and id of the last one on the page before.
    """
    query = (
        _BOOKINGS.where(BookingRow.host_id == host.id, BookingRow.status.in_(statuses))
        .order_by(BookingRow.starts_at, BookingRow.ref)
        .limit(limit)
    )
    if since is not None:
        query = query.where(BookingRow.starts_at > since - LONGEST, BookingRow.ends_at > since)
    if until is not None:
        query = query.where(BookingRow.starts_at < until)
    if after is not None:
        at, ref = after
        query = query.where(
            (BookingRow.starts_at > at) | ((BookingRow.starts_at == at) & (BookingRow.ref > ref))
        )
    return [booking_from_columns(row) for row in session.execute(query)]


def bookings_of_guest(session: Session, email: str, since: datetime) -> list[Booking]:
    """Return the bookings under this address that are still open and end after `since`."""
    query = _BOOKINGS.where(
        BookingRow.guest_email == email,
        BookingRow.starts_at > since - LONGEST,
        BookingRow.ends_at > since,
        BookingRow.status.in_(OPEN),
    ).order_by(BookingRow.starts_at, BookingRow.ref)
    return [booking_from_columns(row) for row in session.execute(query)]


def link_token(booking: Booking, secret_key: str) -> str:
    """Return the token of the booking's private link."""
    return tokens.link(secret_key, LINK, booking.id, booking.generation)


def manage_path(booking: Booking, secret_key: str) -> str:
    """Return the page on which the guest sees, moves and cancels the booking."""
    return f"/bookings/{link_token(booking, secret_key)}/"


def host_from_row(row: Row[*tuple[Any, ...]]) -> Host:
    """Return the host of a row of `HOSTS`."""
    return Host(
        id=row.id,
        slug=row.slug,
        person_id=row.person_id,
        email=row.email,
        share_email=row.share_email,
        name=row.name,
        bio=row.bio,
        topics=tuple(row.topics),
        languages=tuple(row.languages),
        hours=hours_json.hours(row.zone, row.hours),
        paused=row.paused,
        limits=Limits(row.per_day, row.per_week),
        meeting_url=row.meeting_url,
        has_own_events=row.teaches,
        longest_buffer=_minutes(row.buffers),
    )


def office_hours_from_row(row: Row[*tuple[Any, ...]]) -> OfficeHours:
    """Return the office hour of a row."""
    minutes = _minutes
    return OfficeHours(
        id=row.id,
        host_id=row.host_id,
        slug=row.slug,
        title=row.title,
        description=row.description,
        rules=StartRules(
            slug=row.slug,
            lengths=tuple(minutes(each) for each in row.minutes),
            interval=None if row.interval is None else minutes(row.interval),
            buffer_before=minutes(row.buffer_before),
            buffer_after=minutes(row.buffer_after),
            notice=minutes(row.notice),
            horizon=hours_json.horizon(row.horizon),
            limits=Limits(row.per_day, row.per_week),
        ),
        per_guest_open=row.per_guest_open,
        change_until=minutes(row.change_until),
        approval=row.approval,
        verify_guest=row.verify_guest,
        pending_blocks=row.pending_blocks,
        visibility=Visibility(row.visibility),
        questions=hours_json.questions(row.questions),
    )


def booking_from_columns(row: Row[*tuple[Any, ...]]) -> Booking:
    """Return the booking of a row of the statements here."""
    return _booking(row, row.row_id, row.slug, row.title, _minutes(row.change_until))


def booking_from_row(row: Row[*tuple[Any, ...]] | BookingRow, office_hours: OfficeHours) -> Booking:
    """Return the booking of a row that has all columns, as it is in memory."""
    return _booking(row, row.id, office_hours.slug, office_hours.title, office_hours.change_until)


def _booking(
    row: Row[*tuple[Any, ...]] | BookingRow, row_id: int, slug: str, title: str, before: timedelta
) -> Booking:
    return Booking(
        row_id=row_id,
        id=row.ref,
        uid=row.uid,
        host_id=row.host_id,
        office_hours_id=row.office_hours_id,
        office_hours=slug,
        title=title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        host_zone=row.host_zone,
        status=Status(row.status),
        guest_name=row.guest_name,
        guest_email=row.guest_email,
        guest_zone=row.guest_zone,
        answers=row.answers,
        reason=row.reason,
        change_until=row.starts_at - before,
        sequence=row.sequence,
        generation=row.generation,
        placed_at=row.placed_at,
        revised_at=row.revised_at,
        displaced_to=row.displaced_to,
    )


def _one_host(
    session: Session, query: Select[*tuple[Any, ...]], values: Mapping[str, object]
) -> Host:
    row = session.execute(query, values).one_or_none()
    if row is None:
        raise NotFound
    return host_from_row(row)


def _all_offers(session: Session) -> Iterable[OfficeHours]:
    return [
        office_hours_from_row(row) for row in session.execute(_OFFERS.order_by(OfficeHoursRow.id))
    ]


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
