"""Who organises a series, and that nobody else changes it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from accounts.models import Person
from accounts.services import people
from core.refusals import NotAllowed
from scheduler.domain import policy
from scheduler.domain.policy import Actor
from scheduler.models import series_organisers


def require(session: Session, series_id: int, actor: Actor) -> None:
    """Raise NotAllowed unless `actor` may change the series and its events."""
    ids = session.scalars(
        select(series_organisers.c.person_id).where(series_organisers.c.series_id == series_id)
    ).all()
    if not policy.may_edit(ids, actor):
        raise NotAllowed("Only the organisers of this series can change it.")


def organises(session: Session, person_id: int) -> bool:
    """Whether the person organises any series."""
    own = select(series_organisers.c.series_id).where(series_organisers.c.person_id == person_id)
    return session.scalar(own.limit(1)) is not None


def emails(session: Session, series_id: int) -> tuple[str, ...]:
    """Return the addresses of the organisers in alphabetical order."""
    query = (
        select(Person.email)
        .join(series_organisers, series_organisers.c.person_id == Person.id)
        .where(series_organisers.c.series_id == series_id)
        .order_by(Person.email)
    )
    return tuple(session.scalars(query))


def replace(session: Session, series_id: int, wanted: Iterable[str], now: datetime) -> None:
    """Make the people of the addresses `wanted` the organisers, known before or not."""
    ids = {people.ensure(session, email, now).id for email in wanted}
    session.execute(delete(series_organisers).where(series_organisers.c.series_id == series_id))
    for person_id in sorted(ids):
        session.execute(insert(series_organisers).values(series_id=series_id, person_id=person_id))
