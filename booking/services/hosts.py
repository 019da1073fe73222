"""Hosts: made, and changed in the fields that are named."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.services import people
from booking.domain import policy
from booking.domain.hosts import Host, HostSchema
from booking.domain.hours import Hours
from booking.models import HostRow
from booking.queries import columns
from booking.queries import hosts as queries
from booking.services import entry_changes, merging, office_hours
from core import audit
from core.db.transaction import lock_name
from core.fields import validate
from core.refusals import Invalid, NotAllowed, NotFound
from core.sections import Result

HOURS = Hours.model_fields.keys() - {"zone"}
"""The fields of a host that the column `hours` keeps together."""

OFFICE_HOURS = "office_hours"


def put(
    session: Session, slug: str, body: Mapping[str, object], now: datetime, *, actor: Actor
) -> Result:
    """Make the host of this slug, or replace the keys that `body` names; bookings stay.

    Raises NotAllowed unless `actor` is the host or an admin, and Invalid.
    """
    row = lock(session, slug)
    if not actor.may_do_everything:
        if row is None:
            raise NotAllowed("Only an admin can make a new host.")
        if not policy.may_manage(actor, queries.by_slug(session, slug)):
            raise NotAllowed("Only the host and admins can change this.")
        if body.get("email", actor.email) != actor.email:
            raise Invalid({"email": "only an admin can give a host to somebody else"})
    if body.get("slug", slug) != slug:
        raise Invalid({"slug": "is another than that of the address"})
    own = {name: value for name, value in body.items() if name != OFFICE_HOURS}
    row, result = save(session, row, {**own, "slug": slug}, now, actor=actor, replace=True)
    if OFFICE_HOURS in body:
        changed = office_hours.replace(session, row, body[OFFICE_HOURS], now, actor=actor)
        result = Result.UPDATED if changed and result is Result.UNCHANGED else result
    return result


def create(session: Session, host: HostSchema, now: datetime, *, actor: Actor) -> None:
    """Make `actor` a host; whoever is signed in may. Raises Invalid where the slug is taken."""
    if lock(session, host.slug) is not None:
        raise Invalid({"slug": office_hours.TAKEN})
    own = host.model_copy(update={"email": actor.email})
    _write(session, None, own, now, actor=actor, fields=host.model_fields_set)


def lock(session: Session, slug: str) -> HostRow | None:
    """Return the row of a host so that nobody else can change it or its bookings meanwhile.

    None if there is no such host: then nobody else can make it meanwhile.
    """
    query = select(HostRow).where(HostRow.slug == slug).with_for_update()
    query = query.execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        lock_name(session, f"host:{slug}")
        row = session.scalar(query)
    return row


def lock_managed(session: Session, slug: str, actor: Actor) -> tuple[HostRow, Host]:
    """Return the host, locked, if `actor` may manage it; raise NotFound."""
    row = lock(session, slug)
    if row is None:
        raise NotFound
    return row, queries.managed(session, slug, actor)


def update(
    session: Session, row: HostRow, fields: Mapping[str, object], now: datetime, *, actor: Actor
) -> None:
    """Give these fields to a host that `actor` has locked; raise Invalid."""
    known = queries.by_id(session, row.id)
    after = validate(HostSchema, {**_fields(known), **fields})
    if after.model_dump() != known.model_dump():
        _write(session, row, after, now, actor=actor, fields=fields)


def save(
    session: Session,
    row: HostRow | None,
    body: Mapping[str, object],
    now: datetime,
    *,
    actor: Actor,
    replace: bool = False,
) -> tuple[HostRow, Result]:
    """Write what `body` says of the host itself, not of its office hours; return its row.

    `row` is the host's locked row, None for a new one. The caller has asked for permission. With
    `replace` a list in `body` replaces the stored one. Raises Invalid.
    """
    known = None if row is None else queries.by_id(session, row.id)
    after = merging.merged(HostSchema, known, body, replace=replace)
    if row is not None and known is not None and after.model_dump() == known.model_dump():
        return row, Result.UNCHANGED
    return _write(session, row, after, now, actor=actor, fields=body)


def _write(
    session: Session,
    row: HostRow | None,
    host: HostSchema,
    now: datetime,
    *,
    actor: Actor,
    fields: Iterable[str],
) -> tuple[HostRow, Result]:
    if host.email is None:
        raise Invalid({"email": "is required to create a host"})
    result = Result.CREATED if row is None else Result.UPDATED
    if row is not None and (row.name, row.meeting_url) != (host.name, host.meeting_url):
        entry_changes.note(row, now)
    row = row or HostRow()
    for name, value in _columns(host).items():
        setattr(row, name, value)
    row.person_id = people.ensure(session, host.email, now, name=host.name).id
    session.add(row)
    session.flush()  # office hours need the id
    named = sorted(set(fields) - {"slug"})
    audit.record(session, actor.name, f"host {result}", f"host:{row.slug}", now=now, fields=named)
    return row, result


def _columns(host: HostSchema) -> dict[str, object]:
    """Return the columns of a host's row; the person is one of their own."""
    hours = host.model_dump(mode="json", by_alias=True, include=HOURS, exclude_defaults=True)
    plain = {
        name: value
        for name, value in columns.written(host).items()
        if name not in HOURS and name != "email"
    }
    return {**plain, "hours": hours}


def _fields(host: Host) -> dict[str, object]:
    return {name: getattr(host, name) for name in HostSchema.model_fields}
