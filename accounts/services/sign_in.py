"""Signing in by a one-time link, and out again."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts.models import Person, SignInLink, SignInSession
from accounts.queries import IDLE, LIFETIME
from core import audit, tokens
from core.refusals import Refusal

LINK_LASTS = timedelta(minutes=10)
MAILS_AN_HOUR = 5


class LinkUsedUp(Refusal):
    """The link was used, replaced by a newer one, or is older than ten minutes."""

    status = 410
    slug = "link-used-up"

    def __init__(self) -> None:
        super().__init__("This sign-in link has been used or is too old. Please ask for a new one.")


def make_link(
    session: Session, email: str, now: datetime, *, request: str, next_path: str = "/"
) -> str | None:
    """Return the token of a new link for a known address, None for an unknown one.

    It ends `LINK_LASTS` after `now`; links of every other request of that person end at once.
    """
    person_id = session.scalar(select(Person.id).where(Person.email == email))
    if person_id is None:
        return None
    session.execute(
        delete(SignInLink).where(
            SignInLink.person_id == person_id,
            SignInLink.request != request,
            SignInLink.requested_at < now - timedelta(hours=1),
        )
    )
    session.execute(
        update(SignInLink)
        .where(
            SignInLink.person_id == person_id,
            SignInLink.request != request,
            SignInLink.used_at.is_(None),
        )
        .values(used_at=now)
    )
    token = tokens.new()
    session.add(
        SignInLink(
            token_hash=tokens.digest(token),
            request=request,
            person_id=person_id,
            next_path=next_path,
            requested_at=now,
            expires_at=now + LINK_LASTS,
        )
    )
    return token


def asked_too_often(session: Session, email: str, now: datetime, *, request: str) -> bool:
    """Whether this address was sent as many links in the last hour as one may need.

    Those of `request` itself do not count: its mail may have to be tried again.
    """
    count = session.scalar(
        select(func.count(func.distinct(SignInLink.request)))
        .join(Person, Person.id == SignInLink.person_id)
        .where(
            Person.email == email,
            SignInLink.request != request,
            SignInLink.requested_at > now - timedelta(hours=1),
        )
    )
    return (count or 0) >= MAILS_AN_HOUR


def sign_in(session: Session, token: str, now: datetime) -> tuple[str, str]:
    """Use a link up; return the new session's token and the path to go to.

    One conditional UPDATE decides, so of many at once one wins; the others get LinkUsedUp.
    """
    link = session.get(SignInLink, tokens.digest(token))
    if link is None:
        raise LinkUsedUp
    used = session.execute(
        update(SignInLink)
        .where(
            SignInLink.request == link.request,
            SignInLink.person_id == link.person_id,
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
    new = tokens.new()
    session.add(
        SignInSession(
            token_hash=tokens.digest(new),
            person_id=link.person_id,
            created_at=now,
            last_seen_at=now,
        )
    )
    email = session.scalar(select(Person.email).where(Person.id == link.person_id)) or ""
    audit.record(session, email, "signed in", f"person:{email}", now=now)
    return new, link.next_path


def seen(session: Session, token: str, now: datetime) -> None:
    """Note that the session is in use, so that it does not idle out."""
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
