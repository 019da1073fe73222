"""One-time sign-in links, with a limit per address."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts.models import SignInLink
from core import tokens

VALID_FOR = timedelta(minutes=10)
MAILS_PER_HOUR = 5


def create(
    session: Session, email: str, now: datetime, *, request: str, next_path: str = "/"
) -> str:
    """Return the token of a new link for an address; whether it may sign in is for the caller.

    The link is valid for `VALID_FOR`; links of other requests for the address expire at once.
    """
    session.execute(
        delete(SignInLink).where(
            SignInLink.email == email,
            SignInLink.request != request,
            SignInLink.requested_at < now - timedelta(hours=1),
        )
    )
    session.execute(
        update(SignInLink)
        .where(
            SignInLink.email == email, SignInLink.request != request, SignInLink.used_at.is_(None)
        )
        .values(used_at=now)
    )
    token = tokens.new()
    session.add(
        SignInLink(
            token_hash=tokens.digest(token),
            request=request,
            email=email,
            next_path=next_path,
            requested_at=now,
            expires_at=now + VALID_FOR,
        )
    )
    return token


def asked_too_often(session: Session, email: str, now: datetime, *, request: str) -> bool:
    """Whether the address has reached the limit of links per hour.

    Links of `request` itself do not count, because its mail may be retried.
    """
    count = session.scalar(
        select(func.count(func.distinct(SignInLink.request))).where(
            SignInLink.email == email,
            SignInLink.request != request,
            SignInLink.requested_at > now - timedelta(hours=1),
        )
    )
    return (count or 0) >= MAILS_PER_HOUR
