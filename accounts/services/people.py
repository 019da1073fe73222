"""People: one row an address, made the first time the address is named."""

from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from accounts.models import PersonRow
from core import audit
from core.db.base import Base
from core.db.fast_sql import insert_or_ignore

PEOPLE: Table = Base.metadata.tables["people"]


def ensure(session: Session, email: str, now: datetime, *, name: str | None = None) -> PersonRow:
    """Return the person of `email` (as `check_address` spells it), made if there is none yet."""
    query = select(PersonRow).where(PersonRow.email == email)
    person = session.scalar(query)
    if person is None:
        add(session, email, now, name=name)
        person = session.scalars(query).one()
    return person


def add(session: Session, email: str, now: datetime, *, name: str | None = None) -> bool:
    """Make the person of `email`; return False if there is one, also if made just now."""
    values = {"email": email, "name": name, "is_admin": False, "created_at": now}
    return insert_or_ignore(session, PEOPLE, values) > 0


def make_admin(session: Session, email: str, now: datetime) -> None:
    """Make the person of `email` an admin. Only the command line does this."""
    person = ensure(session, email, now)
    if not person.is_admin:
        person.is_admin = True
        audit.record(session, "command line", "admin made", f"person:{email}", now=now)


def save_profile(session: Session, person_id: int, name: str | None, zone: str | None) -> None:
    """Save what a person says of themselves; None is "not said"."""
    person = session.get_one(PersonRow, person_id)
    person.name = name
    person.zone = zone
