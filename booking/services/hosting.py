"""What hosts do by their own pages: begin to be one, change their hours, keep their offers."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from booking import queries
from booking.domain.hosts import Host
from booking.models import HostRow
from booking.services import hosts, office_hours
from booking.services.merging import Change
from core.refusals import Invalid, NotFound
from scheduler.domain.policy import Actor

TAKEN = "This address is taken: please choose another."


def start(session: Session, body: Mapping[str, object], now: datetime, *, actor: Actor) -> None:
    """Make a host of `actor`, with the slug, name and zone of `body`; whoever signs in may.

    Raises Invalid, also where the slug is taken.
    """
    if hosts.lock(session, str(body["slug"])) is not None:
        raise Invalid({"slug": TAKEN})
    hosts.save(session, None, {**body, "email": actor.email}, Change(now, actor.email))


def locked(session: Session, slug: str, actor: Actor) -> tuple[HostRow, Host]:
    """Return the host that `actor` manages, whom nobody else changes meanwhile; raise NotFound."""
    row = hosts.lock(session, slug)
    if row is None:
        raise NotFound
    return row, queries.managed_host(session, slug, actor)


def add_offer(
    session: Session, slug: str, body: Mapping[str, object], now: datetime, *, actor: Actor
) -> None:
    """Add an office hour to the host; raise NotFound, and Invalid where it has one of that slug."""
    row, host = locked(session, slug, actor)
    if any(offer.slug == body["slug"] for offer in queries.office_hours_of(session, host)):
        raise Invalid({"slug": TAKEN})
    office_hours.save(session, row, body, Change(now, actor.email))


def change_offer(
    session: Session, slug: str, body: Mapping[str, object], now: datetime, *, actor: Actor
) -> None:
    """Change what `body` names of the host's office hour of its slug; raise NotFound, Invalid."""
    row, host = locked(session, slug, actor)
    if all(offer.slug != body["slug"] for offer in queries.office_hours_of(session, host)):
        raise NotFound
    office_hours.save(session, row, body, Change(now, actor.email))
