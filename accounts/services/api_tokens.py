"""API tokens of people."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from accounts.models import ApiToken
from accounts.services import people
from core import audit, tokens


def add(session: Session, email: str, name: str, now: datetime) -> str:
    """Create a token of the person with `email` and return it; only its hash is stored."""
    person = people.ensure(session, email, now)
    token = tokens.new()
    session.add(
        ApiToken(token_hash=tokens.digest(token), person_id=person.id, name=name, created_at=now)
    )
    subject = f"person:{email}"
    audit.record(session, COMMAND_LINE.name, "API token made", subject, now=now, name=name)
    return token
