"""Queries about the organization and people; they return values, never rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.models import ApiToken, OrganizationRow, PersonRow, SignInLink, SignInSession
from accounts.schemas import Organization as Organization
from core import tokens

IDLE = timedelta(days=7)
LIFETIME = timedelta(days=30)
UNNAMED = Organization(name="Convenor")


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in reader of a request, or the owner of its API token."""

    person_id: int
    email: str
    name: str | None
    zone: str | None
    is_admin: bool

    @property
    def actor(self) -> Actor:
        """The reader as an actor."""
        return Actor.person(self.person_id, self.email, is_admin=self.is_admin)

    @property
    def display_name(self) -> str:
        """The name, or the address if there is no name."""
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class ValidSignInLink:
    """A sign-in link that can still be used; a new account is created if `is_new`."""

    email: str
    next_path: str
    is_new: bool


def organization(session: Session) -> Organization:
    """Return the organization, one with a default name if none was imported yet."""
    row = session.get(OrganizationRow, 1)
    return UNNAMED if row is None else organization_from_row(row)


def organization_from_row(row: OrganizationRow) -> Organization:
    """Return the value of a row, which was validated when it was stored."""
    return Organization.model_construct(
        **{name: getattr(row, name) for name in Organization.model_fields}
    )


def viewer_of_session(
    session: Session, token: str, now: datetime
) -> tuple[Viewer, datetime] | None:
    """Return who is signed in with a session token, and when its use was last recorded.

    None if the session has ended.
    """
    query = (
        select(PersonRow, SignInSession.last_seen_at)
        .join(SignInSession, SignInSession.person_id == PersonRow.id)
        .where(
            SignInSession.token_hash == tokens.digest(token),
            SignInSession.last_seen_at > now - IDLE,
            SignInSession.created_at > now - LIFETIME,
        )
    )
    found = session.execute(query).one_or_none()
    return (_viewer(found.PersonRow), found.last_seen_at) if found else None


def viewer_of_api_token(session: Session, token: str) -> Viewer | None:
    """Return the owner of an API token."""
    query = (
        select(PersonRow)
        .join(ApiToken, ApiToken.person_id == PersonRow.id)
        .where(ApiToken.token_hash == tokens.digest(token))
    )
    person = session.scalar(query)
    return None if person is None else _viewer(person)


def viewer_by_email(session: Session, email: str) -> Viewer | None:
    """Return the person with an address."""
    person = session.scalar(select(PersonRow).where(PersonRow.email == email))
    return None if person is None else _viewer(person)


def may_sign_in(session: Session, email: str) -> bool:
    """Whether the owner of an address may sign in: everyone, or only people with an account."""
    if organization(session).accounts == "open":
        return True
    return viewer_by_email(session, email) is not None


def valid_sign_in_link(session: Session, token: str, now: datetime) -> ValidSignInLink | None:
    """Return a sign-in link, None if it was used, replaced or has expired."""
    link = session.scalar(
        select(SignInLink).where(
            SignInLink.token_hash == tokens.digest(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
    )
    if link is None or not may_sign_in(session, link.email):
        return None
    is_new = viewer_by_email(session, link.email) is None
    return ValidSignInLink(link.email, link.next_path, is_new)


def _viewer(person: PersonRow) -> Viewer:
    return Viewer(person.id, person.email, person.name, person.zone, person.is_admin)
