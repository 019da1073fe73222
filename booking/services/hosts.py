"""Hosts and what they offer: made, and changed in the fields that a document names."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import PersonRow
from accounts.services import people
from booking import hours_json, queries
from booking.domain import policy
from booking.models import HostRow
from booking.schemas import HostSchema
from booking.services import merging, office_hours
from booking.services.merging import Change, merged, without_defaults, without_nulls
from core.db.transaction import lock_name
from core.fields import validate
from core.refusals import Invalid, NotAllowed
from core.sections import Result
from scheduler.domain.policy import Actor

APART = "office_hours"
PLAIN = ("share_email", "name", "bio", "zone", "paused", "meeting_url")


def put(
    session: Session, slug: str, body: Mapping[str, object], now: datetime, *, actor: Actor
) -> Result:
    """Make the host of this slug, or replace the keys that `body` names; bookings stay.

    Raises NotAllowed for who neither is the host nor an admin, and Invalid for what cannot be.
    """
    row = lock(session, slug)
    if not actor.is_admin:
        if row is None:
            raise NotAllowed("Only an admin can make a new host.")
        if not policy.may_manage(actor, queries.host(session, slug)):
            raise NotAllowed("Only the host and admins can change this.")
        if body.get("email", actor.email) != actor.email:
            raise Invalid({"email": "only an admin can give a host to somebody else"})
    if body.get("slug", slug) != slug:
        raise Invalid({"slug": "is another than that of the address"})
    change = Change(now, actor.email, whole=True)
    row, result = save(session, row, {**body, "slug": slug}, change)
    if APART in body:
        changed = office_hours.replace(session, row, body[APART], change)
        result = Result.UPDATED if changed and result is Result.UNCHANGED else result
    return result


def lock(session: Session, slug: str) -> HostRow | None:
    """Return the row of a host so that nobody else changes it or its bookings meanwhile.

    None if there is no such host: then nobody else can make it meanwhile.
    """
    query = select(HostRow).where(HostRow.slug == slug).with_for_update()
    query = query.execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        lock_name(session, f"host:{slug}")
        row = session.scalar(query)
    return row


def save(
    session: Session, row: HostRow | None, body: Mapping[str, object], change: Change
) -> tuple[HostRow, Result]:
    """Write what `body` says of the host itself, not of its office hours; return its row.

    `row` is the host's locked row, None for a new one. Asks nobody's permission: that is the
    caller's. Raises Invalid, also for keys that the API does not have.
    """
    own = {name: value for name, value in body.items() if name != APART}
    known = {} if row is None else written(row, _email(session, row))
    needed: dict[str, object] = {
        name: known[name] for name in ("slug", "name", "zone") if name in known
    }
    said = validate(HostSchema, {**needed, **without_nulls(HostSchema, own)})
    after = validate(HostSchema, merged(known, said, own, change))
    if row is not None and after == HostSchema.model_validate(known):
        return row, Result.UNCHANGED
    if after.email is None:
        raise Invalid({"email": "is needed to make a host"})
    _require_readable(after)
    result = Result.CREATED if row is None else Result.UPDATED
    row = row or HostRow(slug=after.slug)
    for name in PLAIN:
        setattr(row, name, getattr(after, name))
    row.topics, row.languages = list(after.topics), list(after.languages)
    row.per_day, row.per_week = after.limits.per_day, after.limits.per_week
    row.hours = hours_json.stored_hours(after)
    row.calendars = list(after.calendars)
    row.person_id = people.ensure(session, after.email, change.now, name=after.name).id
    session.add(row)
    session.flush()  # offers need the id
    merging.record(session, f"host {result}", f"host:{row.slug}", own, change)
    return row, result


def written(row: HostRow, email: str) -> dict[str, object]:
    """Return the host's own fields as a document writes them, defaults left out."""
    fields = {
        "slug": row.slug,
        "email": email,
        **{name: getattr(row, name) for name in PLAIN},
        "topics": row.topics,
        "languages": row.languages,
        "limits": {"per_day": row.per_day, "per_week": row.per_week},
        "calendars": row.calendars,
        **row.hours,
    }
    return without_defaults(HostSchema.model_validate(without_nulls(HostSchema, fields)))


def _email(session: Session, row: HostRow) -> str:
    return session.execute(
        select(PersonRow.email).where(PersonRow.id == row.person_id)
    ).scalar_one()


def _require_readable(document: HostSchema) -> None:
    """Raise Invalid for hours that no window can be made of."""
    try:
        hours_json.hours(document.zone, hours_json.stored_hours(document))
    except ValueError as error:
        raise Invalid({"hours": str(error)}) from None
