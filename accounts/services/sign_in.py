"""Sign-in by a one-time link, and sign-out."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from accounts import queries
from accounts.models import SignInLink, SignInSession
from accounts.queries import IDLE, LIFETIME
from accounts.services import people
from core import audit, tokens
from core.messages import mailboxes
from core.refusals import Refusal


class LinkUsedUp(Refusal):
    """The link was used, replaced by a newer one, or is older than ten minutes."""

    status = 410
    slug = "link-used-up"

    def __init__(self) -> None:
        super().__init__("This sign-in link was used or has expired. Please ask for a new one.")


def sign_in(session: Session, token: str, now: datetime) -> tuple[str, str]:
    """Use a link up; return the token of the new session and the path to redirect to.

    An address without an account gets one. Its mailbox is confirmed from then on.

    A conditional UPDATE decides between concurrent requests; all but one raise LinkUsedUp.
    """
    link = session.get(SignInLink, tokens.digest(token))
    if link is None or not queries.may_sign_in(session, link.email):
        raise LinkUsedUp
    used = session.execute(
        update(SignInLink)
        .where(
            SignInLink.request == link.request,
            SignInLink.email == link.email,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # a CursorResult for every DML
        raise LinkUsedUp
    session.execute(
        delete(SignInSession).where(
            (SignInSession.last_seen_at <= now - IDLE)
            | (SignInSession.created_at <= now - LIFETIME)
        )
    )
    email = link.email
    if people.add(session, email, now):
        audit.record(session, email, "account made", f"person:{email}", now=now)
    new = tokens.new()
    session.add(
        SignInSession(
            token_hash=tokens.digest(new),
            person_id=people.ensure(session, email, now).id,
            created_at=now,
            last_seen_at=now,
        )
    )
    mailboxes.confirm(session, email, now)
    audit.record(session, email, "signed in", f"person:{email}", now=now)
    return new, link.next_path


def seen(session: Session, token: str, now: datetime) -> None:
    """Record that the session is in use, so that it does not expire."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == tokens.digest(token))
        .values(last_seen_at=now)
    )


def sign_out(session: Session, token: str) -> None:
    """End the session of this token."""
    session.execute(delete(SignInSession).where(SignInSession.token_hash == tokens.digest(token)))


def sign_out_everywhere(session: Session, person_id: int) -> None:
    """End every session of a person."""
    session.execute(delete(SignInSession).where(SignInSession.person_id == person_id))
