"""Actors and series for tests of the scheduler."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.services import people
from core.db.transaction import transaction
from core.sections import Result
from scheduler.schemas import SeriesSchema
from scheduler.services import series

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)  # a Monday
LATER = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
ORGANISER = "organiser@example.org"
FRIDAYS = {"starts": "2024-01-05T10:00", "minutes": 60, "rule": "FREQ=WEEKLY;BYDAY=FR"}
DLCT: dict[str, object] = {
    "slug": "dlct",
    "name": "Deep Learning: Classics and Trends",
    "short_name": "DLCT",
    "zone": "America/Los_Angeles",
    "organisers": [ORGANISER],
    "timetable": [FRIDAYS],
}


def admin() -> Actor:
    """Return an admin."""
    return Actor.person(0, "admin@example.org", is_admin=True)


def person(session: Session, email: str = ORGANISER) -> Actor:
    """Return a person without special rights."""
    row = people.ensure(session, email, NOW)
    return Actor.person(row.id, row.email, is_admin=row.is_admin)


def put_series(now: datetime = NOW, *, whole: bool = False, **fields: object) -> Result:
    """Put the Friday series, changed by `fields`, in a transaction of its own."""
    document = SeriesSchema.model_validate({**DLCT, **fields})
    with transaction() as session:
        return series.put(session, document, now, actor=admin(), domain="example.org", whole=whole)
