"""Models of the organization, people, sign-in links, sessions and API tokens."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base
from core.db.types import Instant


class OrganizationRow(Base):
    """The organization; there is at most one row."""

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("clock IN (12, 24)", name="clock"),
        CheckConstraint("accounts IN ('open', 'invited')", name="accounts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    url: Mapped[str | None]
    email: Mapped[str | None]
    zone: Mapped[str] = mapped_column(default="UTC")
    code_of_conduct: Mapped[str | None]
    links: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    clock: Mapped[int | None]
    accounts: Mapped[str] = mapped_column(default="open")


class PersonRow(Base):
    """A person, identified by an e-mail address as `check_address` returns it."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    zone: Mapped[str | None]
    affiliation: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)


class SignInLink(Base):
    """A one-time link, mailed to `email`; using one link of a `request` uses up all of them.

    There may be no person with this address before the link is used.
    """

    __tablename__ = "sign_in_links"
    __table_args__ = (Index("ix_sign_in_links_email", "email"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    email: Mapped[str]
    next_path: Mapped[str] = mapped_column(default="/")
    requested_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInSession(Base):
    """A signed-in browser; the cookie has the token, the row its hash."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (Index("ix_sign_in_sessions_person_id", "person_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)


class ApiToken(Base):
    """A person's key to the JSON API, shown once when it is created."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
