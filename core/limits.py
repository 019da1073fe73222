"""Limits: how often something may happen to one subject within a period, counted in rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, Table, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import Base
from core.db.fast_sql import insert_or_ignore
from core.db.transaction import lock_name
from core.db.types import Instant
from core.jobs import Job
from core.refusals import RateLimited


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` uses of one subject within any `period`; `text` is what a refusal says.

    A limit that nobody is told of needs no text.
    """

    name: str
    most: int
    period: timedelta
    text: str = ""


class LimitUse(Base):
    """One use of a limit by a subject, which counts until `expires_at`; `cause` is its key."""

    __tablename__ = "limit_uses"
    __table_args__ = (Index("ix_limit_uses_expires_at", "expires_at"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


USES: Table = Base.metadata.tables["limit_uses"]


def count(session: Session, limit: Limit, subject: str, now: datetime, *, cause: str) -> None:
    """Count a use of `limit` by `subject` in the caller's transaction; raise RateLimited at it.

    A use with the same `cause` is counted once, so that a retry costs nothing. Others who count for
    the same subject wait until the transaction ends: take other locks before.
    """
    lock_name(session, f"limit:{limit.name}:{subject}")
    query = select(LimitUse.cause, LimitUse.expires_at).where(
        LimitUse.name == limit.name, LimitUse.subject == subject, LimitUse.expires_at > now
    )
    uses = session.execute(query).all()
    if any(use.cause == cause for use in uses):
        return
    if len(uses) >= limit.most:
        room_at = sorted(use.expires_at for use in uses)[-limit.most]
        raise RateLimited(limit.text, room_at - now)
    values = {
        "name": limit.name,
        "subject": subject,
        "cause": cause,
        "expires_at": now + limit.period,
    }
    insert_or_ignore(session, USES, values)


def has_room(session: Session, limit: Limit, subject: str, now: datetime, *, cause: str) -> bool:
    """Count a use like `count`; return False instead of raising."""
    try:
        count(session, limit, subject, now, cause=cause)
    except RateLimited:
        return False
    return True


def delete_expired(session: Session, now: datetime) -> int:
    """Delete the uses that count no longer; return how many."""
    result = session.execute(delete(LimitUse).where(LimitUse.expires_at <= now))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


def has_expired(session: Session, now: datetime) -> bool:
    """Whether there is any use to delete."""
    expired = select(LimitUse.name).where(LimitUse.expires_at <= now)
    return session.scalar(expired.limit(1)) is not None


DELETE_EXPIRED = Job("limits", timedelta(hours=1), delete_expired, has_work=has_expired)
