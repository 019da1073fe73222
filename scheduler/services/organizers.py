"""Organizers of a series, and the check that only they change it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.services import people
from core.refusals import NotAllowed
from scheduler.domain import policy
from scheduler.models import series_organizers


def require(session: Session, series_id: int, actor: Actor) -> None:
    """Raise NotAllowed unless `actor` may change the series and its events."""
    ids = session.scalars(
        select(series_organizers.c.person_id).where(series_organizers.c.series_id == series_id)
    ).all()
    if not policy.may_edit(ids, actor):
        raise NotAllowed("Only the organizers of this series can change it.")


def organizes(session: Session, person_id: int) -> bool:
    """Whether the person organizes any series."""
    own = select(series_organizers.c.series_id).where(series_organizers.c.person_id == person_id)
    return session.scalar(own.limit(1)) is not None


def replace(session: Session, series_id: int, wanted: Iterable[str], now: datetime) -> None:
    """Make the people of the addresses `wanted` the organizers; create accounts as needed."""
    ids = {people.ensure(session, email, now).id for email in wanted}
    session.execute(delete(series_organizers).where(series_organizers.c.series_id == series_id))
    rows = [{"series_id": series_id, "person_id": person_id} for person_id in sorted(ids)]
    if rows:
        session.execute(insert(series_organizers), rows)
