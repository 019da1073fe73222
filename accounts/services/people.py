"""People: one row an address, made the first time the address is named."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Person
from core import audit


def ensure(session: Session, email: str, now: datetime, *, name: str | None = None) -> Person:
    """Return the person of `email` (as `check_address` spells it), made if there is none yet."""
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, name=name, is_admin=False, created_at=now)
        session.add(person)
        session.flush()  # callers need the id
    return person


def make_admin(session: Session, email: str, now: datetime) -> None:
    """Make the person of `email` an admin. Only the command line does this."""
    person = ensure(session, email, now)
    if not person.is_admin:
        person.is_admin = True
        audit.record(session, "command line", "admin made", f"person:{email}", now=now)


def save_profile(session: Session, person_id: int, name: str | None, zone: str | None) -> None:
    """Save what a person says of themselves; None is "not said"."""
    person = session.get_one(Person, person_id)
    person.name = name
    person.zone = zone
