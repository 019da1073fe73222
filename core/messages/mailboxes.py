"""Mailboxes: whose owner is known to read them, and how many mails strangers may cause to others.

Whoever mails an address that somebody typed asks here first: `count_mail` where a refusal may say
so, `may_be_mailed` where the answer must be the same for every address.
"""

from datetime import datetime, timedelta

from sqlalchemy import Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import limits
from core.db.base import Base
from core.db.fast_sql import insert_or_ignore
from core.db.types import Instant
from core.limits import Limit

UNCONFIRMED = Limit(
    "mailbox",
    3,
    timedelta(hours=24),
    "This address has had three mails from us within a day, and nobody has used a link in them. "
    "Please look for the last one, perhaps in your spam folder.",
)
"""The mails to an unconfirmed mailbox that requests cause which prove nothing. Reminders, and what
hosts and organizers do, are not counted."""


class ConfirmedMailbox(Base):
    """An address whose owner used a link that was mailed to it, or signed in."""

    __tablename__ = "confirmed_mailboxes"

    email: Mapped[str] = mapped_column(primary_key=True)
    confirmed_at: Mapped[datetime] = mapped_column(Instant)


MAILBOXES: Table = Base.metadata.tables["confirmed_mailboxes"]


def confirm(session: Session, email: str, now: datetime) -> None:
    """Record that the owner of a normalized address has used what was mailed to it."""
    insert_or_ignore(session, MAILBOXES, {"email": email, "confirmed_at": now})


def is_confirmed(session: Session, email: str) -> bool:
    """Whether the owner of a normalized address has used what was mailed to it."""
    query = select(ConfirmedMailbox.email).where(ConfirmedMailbox.email == email)
    return session.scalar(query) is not None


def count_mail(session: Session, email: str, now: datetime, *, cause: str) -> None:
    """Count a mail that an unproven request causes; raise RateLimited after three in 24 hours.

    Confirmed mailboxes have no limit. `cause` is the key of the message: a mail that is tried
    again is counted once. Others who mail the same mailbox wait until the transaction ends: take
    other locks before.
    """
    if not is_confirmed(session, email):
        limits.count(session, UNCONFIRMED, _folded(email), now, cause=cause)


def may_be_mailed(session: Session, email: str, now: datetime, *, cause: str) -> bool:
    """Count a mail like `count_mail`; return False instead of raising."""
    return is_confirmed(session, email) or limits.has_room(
        session, UNCONFIRMED, _folded(email), now, cause=cause
    )


def _folded(email: str) -> str:
    """Return the address without dots and tag before the @: many servers deliver both to one box.

    Only the limit treats such addresses as one.
    """
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"
