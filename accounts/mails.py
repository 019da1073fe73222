"""The mail with a sign-in link."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from accounts import queries, sign_in_links
from core import tokens
from core.messages import mail, mailboxes, outbox
from core.messages.mail import Composer, Mail, MailSettings
from core.messages.outbox import Draft, Message

SIGN_IN = "sign-in"


def ask_for_link(
    session: Session, email: str, now: datetime, *, browser: str, next_path: str
) -> None:
    """Queue a sign-in mail; every address costs the same time.

    Whether it is sent is decided when it is composed, so that the requester learns nothing. Only
    the newest of several requests from one browser, identified by `browser`, is sent.
    """
    draft = Draft(
        key=outbox.key(SIGN_IN, tokens.new_ref()),
        kind=SIGN_IN,
        subject=outbox.key(SIGN_IN, browser),
        recipient=email,
        due_at=now,
        useful_until=now + sign_in_links.VALID_FOR,
        payload={"next": next_path},
    )
    outbox.enqueue(session, draft, now)


def composers(settings: MailSettings) -> Mapping[str, Composer]:
    """Return the composers of this area's mails by kind."""

    def compose_sign_in(session: Session, message: Message, now: datetime) -> Mail | None:
        if not _may_be_sent(session, settings, message, now):
            return None
        token = sign_in_links.create(
            session,
            message.recipient,
            message.created_at,
            request=message.key,
            next_path=str(message.payload["next"]),
        )
        values = {
            "community": queries.organization(session).name,
            "link": f"{settings.base_url}/sign-in/{token}/",
            "minutes": int(sign_in_links.VALID_FOR.total_seconds() // 60),
        }
        return mail.render(SIGN_IN, values, to=message.recipient)

    return {SIGN_IN: compose_sign_in}


def _may_be_sent(session: Session, settings: MailSettings, message: Message, now: datetime) -> bool:
    """Whether a link may be mailed: who may sign in, and how often a mailbox may be mailed."""
    email = message.recipient
    if not queries.may_sign_in(session, email):
        return False
    if sign_in_links.asked_too_often(session, email, now, request=message.key):
        return False
    if not settings.limits_requests:
        return True
    return mailboxes.may_be_mailed(session, email, now, cause=message.key)
