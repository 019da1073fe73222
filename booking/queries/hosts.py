"""Hosts, read one by one and for the directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.models import PersonRow
from booking.domain import policy
from booking.domain.hosts import Host, HostSchema
from booking.domain.hours import Hours
from booking.domain.minutes import MINUTE
from booking.domain.office_hours import Limits, OfficeHours
from booking.models import HostRow, OfficeHoursRow
from booking.queries import columns, office_hours
from core.refusals import NotFound
from scheduler.models import SpeakerRow, series_organizers

# Statements are made once: making one costs several times what running it does.
_OTHERS = OfficeHoursRow.__table__.alias()
_BUFFERS = (
    select(func.coalesce(func.max(_OTHERS.c.buffer_before + _OTHERS.c.buffer_after), 0))
    .where(_OTHERS.c.host_id == HostRow.id)
    .scalar_subquery()
)
COLUMNS = (
    *HostRow.__table__.columns,
    PersonRow.email,
    (
        exists().where(series_organizers.c.person_id == HostRow.person_id)
        | exists().where(SpeakerRow.email == PersonRow.email)
    ).label("has_own_events"),
    _BUFFERS.label("buffers"),
)
"""The columns that `from_row` reads."""

_HOSTS: Select[*tuple[Any, ...]] = select(*COLUMNS).join(
    PersonRow, PersonRow.id == HostRow.person_id
)
_BY_SLUG = _HOSTS.where(HostRow.slug == bindparam("slug"))
_BY_ID = _HOSTS.where(HostRow.id == bindparam("host_id"))
_FIELDS = columns.readers(HostSchema, without=(*Hours.model_fields, "limits"))


@dataclass(frozen=True, slots=True)
class HostListing:
    """A host in the directory, with the office hours that the reader may find."""

    host: Host
    office_hours: tuple[OfficeHours, ...]


def directory(session: Session, actor: Actor) -> list[HostListing]:
    """Return all hosts by name with what `actor` may find in a list, in two statements."""
    found: dict[int, list[OfficeHours]] = {}
    for each in office_hours.every(session):
        if policy.may_list(each.visibility, actor):
            found.setdefault(each.host_id, []).append(each)
    return [HostListing(host, tuple(found.get(host.id, ()))) for host in every(session)]


def listing(session: Session, slug: str, actor: Actor) -> HostListing:
    """Return the host of this slug with what `actor` may find on the host's page; raise NotFound.

    Whoever manages the host finds everything.
    """
    host = by_slug(session, slug)
    return HostListing(host, tuple(listed_office_hours(session, host, actor)))


def listed_office_hours(session: Session, host: Host, actor: Actor) -> list[OfficeHours]:
    """Return the office hours of a host that `actor` may find."""
    found = office_hours.of_host(session, host)
    if policy.may_manage(actor, host):
        return found
    return [each for each in found if policy.may_list(each.visibility, actor)]


def every(session: Session) -> list[Host]:
    """Return all hosts by name."""
    return [from_row(row) for row in session.execute(_HOSTS.order_by(HostRow.name, HostRow.slug))]


def of_person(session: Session, person_id: int) -> list[Host]:
    """Return the hosts that a person is, by name."""
    query = _HOSTS.where(HostRow.person_id == person_id).order_by(HostRow.name)
    return [from_row(row) for row in session.execute(query)]


def is_host(session: Session, person_id: int) -> bool:
    """Whether the person of this id is a host."""
    return session.scalar(select(HostRow.id).where(HostRow.person_id == person_id)) is not None


def by_slug(session: Session, slug: str) -> Host:
    """Return the host of this slug; raise NotFound."""
    return _one(session, _BY_SLUG, {"slug": slug})


def by_id(session: Session, host_id: int) -> Host:
    """Return the host of this row; raise NotFound."""
    return _one(session, _BY_ID, {"host_id": host_id})


def managed(session: Session, slug: str, actor: Actor) -> Host:
    """Return the host of this slug if `actor` may manage it; raise NotFound like for no host."""
    found = by_slug(session, slug)
    if not policy.may_manage(actor, found):
        raise NotFound
    return found


def from_row(row: Row[*tuple[Any, ...]]) -> Host:
    """Return the host of a row of COLUMNS."""
    return Host.model_construct(
        **columns.read(row, _FIELDS),
        **dict(Hours.model_validate({"zone": row.zone, **row.hours})),
        limits=Limits.model_construct(per_day=row.per_day, per_week=row.per_week),
        id=row.id,
        person_id=row.person_id,
        has_own_events=row.has_own_events,
        longest_buffer=row.buffers * MINUTE,
    )


def _one(session: Session, query: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> Host:
    row = session.execute(query, values).one_or_none()
    if row is None:
        raise NotFound
    return from_row(row)
