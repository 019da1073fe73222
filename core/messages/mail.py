"""The channel "mail": templates render a mail, and a transport sends it as MIME."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import partial
from typing import Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy.orm import Session

from core import time_format
from core.addresses import check_address
from core.config import ROOT, Settings, is_loopback
from core.messages import headers, outbox
from core.messages.outbox import Message
from core.messages.transports import Transport

# Headers that were folded already are sent as they are.
POLICY = SMTP.clone(cte_type="7bit", refold_source="none")
TEMPLATES = Environment(
    loader=FileSystemLoader(ROOT / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(
    weekday_short=time_format.weekday_short,
    day_number=time_format.day_number,
    month_short=time_format.month_short,
)

Mailbox = tuple[str, str]
"""A display name, perhaps empty, and an address, as in `email.utils.formataddr`."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person. `calendar` is an iTIP object, `method` its METHOD (RFC 5546)."""

    to: str
    subject: str
    text: str
    html: str
    to_name: str = ""
    from_name: str = ""
    reply_to: Mailbox | None = None
    calendar: bytes | None = None
    method: str | None = None


Composer = Callable[[Session, Message, datetime], Mail | None]
"""Returns the mail of a message at `now`, None if the message is no longer true.

It runs in the transaction of the claim and may write, such as the token of a sign-in link.
"""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The settings that mails need, for their sender and their links.

    `host` is the domain of Message-IDs. `from_address` is the address of MAIL_FROM if
    `from_is_set`, otherwise one at the host of BASE_URL. With `limits_requests` an unconfirmed
    mailbox gets few mails that strangers cause (core/messages/mailboxes.py).
    """

    base_url: str
    secret_key: str
    host: str
    from_name: str
    from_address: str
    from_is_set: bool
    limits_requests: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the settings of mails; MAIL_FROM is `Name <address>` or an address."""
        host = settings.domain
        name, address = parseaddr(settings.mail_from)
        default = f"convenor@{'localhost' if is_loopback(host) else host}"
        return cls(
            base_url=settings.base_url,
            secret_key=settings.secret_key,
            host=host,
            from_name=name,
            from_address=check_address(address) if settings.mail_from else default,
            from_is_set=bool(settings.mail_from),
            limits_requests=settings.limits_requests,
        )

    def sender(self, name: str, email: str | None) -> Mailbox:
        """Return the sender: MAIL_FROM, by default the organization's name and address."""
        if self.from_is_set:
            return self.from_name or name, self.from_address
        return name, email or self.from_address


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Composes messages as mails by their kind, and sends them."""

    composers: Mapping[str, Composer]
    transport: Transport[EmailMessage]
    sender: Callable[[Session], Mailbox]
    host: str

    def prepare(
        self, session: Session, message: Message, now: datetime
    ) -> Callable[[], None] | None:
        """Return a function that sends the composed mail, None if the message is no longer true."""
        mail = self.composers[message.kind](session, message, now)
        if mail is None:
            return None
        # A key can be used again after a withdrawal, so the id is part of the identity.
        identity = outbox.key(message.key, message.id)
        sender = self.sender(session)
        content = build(mail, key=identity, sender=sender, host=self.host, now=now)
        return partial(self.transport.send, content, mail.to)


def render(
    name: str,
    values: Mapping[str, object],
    *,
    to: str,
    to_name: str = "",
    from_name: str = "",
    reply_to: Mailbox | None = None,
    calendar: bytes | None = None,
    method: str | None = None,
) -> Mail:
    """Return the mail that templates/mail/<name>/ renders; raise for a missing value."""
    subject, text, html = (
        TEMPLATES.get_template(f"mail/{name}/{part}").render(values)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Mail(
        to=to,
        to_name=to_name,
        from_name=from_name,
        reply_to=reply_to,
        subject=headers.one_line(subject),
        text=text.strip() + "\n",
        html=html,
        calendar=calendar,
        method=method,
    )


def message_id(key: str, host: str) -> str:
    """Return the Message-ID for a key, the same for every attempt to send."""
    domain = "localhost" if host.startswith("[") or ":" in host else host
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def build(mail: Mail, *, key: str, sender: Mailbox, host: str, now: datetime) -> EmailMessage:
    """Return the MIME message of a mail; its Message-ID comes from `key` and `host`.

    Mail programs show a mail with a calendar as an invitation (RFC 6047 2.4): text/calendar is the
    last alternative, and the same bytes are attached as invite.ics.
    """
    message = message_from_string(_head(mail, sender), policy=POLICY)
    message["Date"] = now
    message["Message-ID"] = message_id(key, host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar is not None:
        _add_calendar(message, mail.calendar, mail.method)
    return message


def _head(mail: Mail, sender: Mailbox) -> str:
    """Return the headers that people write into, with the empty line after them."""
    lines = [
        headers.mailbox("From", mail.from_name or sender[0], sender[1]),
        headers.mailbox("To", mail.to_name, check_address(mail.to)),
        headers.unstructured("Subject", mail.subject),
    ]
    if mail.reply_to is not None:
        name, address = mail.reply_to
        lines.append(headers.mailbox("Reply-To", name, check_address(address)))
    return "".join([*lines, "\r\n"])


def _add_calendar(message: EmailMessage, calendar: bytes, method: str | None) -> None:
    if method is None or f"METHOD:{method}".encode() not in calendar.splitlines():
        raise ValueError("the METHOD of the calendar differs from the one of the mail")
    message.add_alternative(
        calendar.decode(),
        subtype="calendar",
        charset="UTF-8",
        cte="base64",
        params={"method": method},
    )
    message.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
