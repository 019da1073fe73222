"""Personal keys to the JSON API."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.models import ApiToken
from accounts.services import people
from core import audit, tokens


def add(session: Session, email: str, name: str, now: datetime) -> str:
    """Return a new token of the person of `email`; only its hash is kept."""
    person = people.ensure(session, email, now)
    token = tokens.new()
    session.add(
        ApiToken(token_hash=tokens.digest(token), person_id=person.id, name=name, created_at=now)
    )
    audit.record(session, "command line", "API token made", f"person:{email}", now=now, name=name)
    return token
