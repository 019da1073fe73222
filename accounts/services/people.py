"""People: one row per address, created when an address is first used."""

from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from accounts.models import PersonRow
from core import audit
from core.db.base import Base
from core.db.fast_sql import insert_or_ignore

PEOPLE: Table = Base.metadata.tables["people"]


def ensure(session: Session, email: str, now: datetime, *, name: str | None = None) -> PersonRow:
    """Return the person with `email`, a normalized address; create the row if there is none."""
    query = select(PersonRow).where(PersonRow.email == email)
    person = session.scalar(query)
    if person is None:
        add(session, email, now, name=name)
        person = session.scalars(query).one()
    return person


def add(session: Session, email: str, now: datetime, *, name: str | None = None) -> bool:
    """Create the person with `email`; return False if there already is one."""
    values = {"email": email, "name": name, "is_admin": False, "created_at": now}
    return insert_or_ignore(session, PEOPLE, values) > 0


def make_admin(session: Session, email: str, now: datetime) -> None:
    """Make the person with `email` an admin. Only the command line does this."""
    person = ensure(session, email, now)
    if not person.is_admin:
        person.is_admin = True
        audit.record(session, COMMAND_LINE.name, "admin made", f"person:{email}", now=now)


def save_profile(session: Session, person_id: int, name: str | None, zone: str | None) -> None:
    """Save name and zone of a person; None means unknown."""
    person = session.get_one(PersonRow, person_id)
    person.name = name
    person.zone = zone
