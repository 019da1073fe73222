"""Mail: a template and its values become a message, and a door carries it out."""

import hashlib
import os
import smtplib
import ssl
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.addresses import check_address, header_text
from core.config import LOOPBACK, ROOT, Settings

TIMEOUT_SECONDS = 10
SMTP_PORT = 25
SMTPS_PORT = 465
REFUSED_FOR_GOOD = 500
LONGEST_NAME = 60
UNQUOTED = str.maketrans({'"': "'", "\\": "/"})
POLICY = SMTP.clone(cte_type="7bit")
TEMPLATES = Environment(
    loader=FileSystemLoader(ROOT / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

Mailbox = tuple[str, str]
"""A display name, perhaps empty, and an address, as in `email.utils.formataddr`."""


class Retry(Exception):
    """The message was not taken this time: it may be later (SMTP 4xx, a broken dialogue)."""


class Unreachable(Retry):
    """The server itself is not to be had: nothing is wrong with this message."""


class Refused(Exception):
    """The message was refused for good (SMTP 5xx)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is to read. `calendar` is an iTIP object, and `method` its METHOD."""

    to: str
    subject: str
    text: str
    html: str
    to_name: str = ""
    from_name: str = ""
    reply_to: Mailbox | None = None
    calendar: bytes | None = None
    method: str | None = None


class Door(Protocol):
    """A way out for messages."""

    def send(self, message: EmailMessage, to: str) -> None:
        """Carry `message` to the address `to` alone; raise Retry or Refused if it was not taken."""


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
) -> Letter:
    """Return the letter that templates/mail/<name>/ makes of `values`; a missing value raises."""
    subject, text, html = (
        TEMPLATES.get_template(f"mail/{name}/{part}").render(values)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Letter(
        to=to,
        to_name=to_name,
        from_name=from_name,
        reply_to=reply_to,
        subject=header_text(subject),
        text=text.strip() + "\n",
        html=html,
        calendar=calendar,
        method=method,
    )


def message_id(key: str, host: str) -> str:
    """Return the one Message-ID of all attempts to deliver the message with this outbox key."""
    domain = "localhost" if host.startswith("[") or ":" in host else host
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def build(letter: Letter, *, key: str, sender: Mailbox, host: str, now: datetime) -> EmailMessage:
    """Return the MIME message of a letter; `host` is the right side of its Message-ID.

    With a calendar it has the shape that mail programs offer as an invitation (RFC 6047 2.4):
    text/calendar is the last alternative, and the same bytes are attached as invite.ics.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = _address((letter.from_name or sender[0], sender[1]))
    message["To"] = _address((letter.to_name, check_address(letter.to)))
    if letter.reply_to is not None:
        message["Reply-To"] = _address((letter.reply_to[0], check_address(letter.reply_to[1])))
    message["Subject"] = header_text(letter.subject)
    message["Date"] = now
    message["Message-ID"] = message_id(key, host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if letter.calendar is not None:
        _add_calendar(message, letter.calendar, letter.method)
    return message


def _add_calendar(message: EmailMessage, calendar: bytes, method: str | None) -> None:
    if method is None or f"METHOD:{method}".encode() not in calendar.splitlines():
        raise ValueError("the calendar's METHOD is not the one that the mail announces")
    message.add_alternative(
        calendar.decode(),
        subtype="calendar",
        charset="UTF-8",
        cte="base64",
        params={"method": method},
    )
    message.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")


def _address(mailbox: Mailbox) -> Address:
    # Python folds a quoted name that is longer than a line without its quotes: what stands in it
    # would be read as addresses. A backslash or quote takes two places.
    name = header_text(mailbox[0]).translate(UNQUOTED)
    return Address(display_name=name[:LONGEST_NAME].rstrip(), addr_spec=mailbox[1])


def default_sender(settings: Settings) -> Mailbox:
    """Return who mail is from by MAIL_FROM (`Name <address>` or an address), else by BASE_URL."""
    if settings.mail_from:
        name, address = parseaddr(settings.mail_from)
        return name, check_address(address)
    host = settings.address.hostname or ""
    return "Convenor", f"convenor@{'localhost' if _is_loopback(host) else host}"


def door(settings: Settings) -> Door:
    """Return the door that MAIL_URL names."""
    scheme, _, rest = settings.mail_url.partition(":")
    if scheme == "console":
        return ConsoleDoor()
    if scheme == "file":
        return FileDoor(ROOT / rest)
    parts = urlsplit(settings.mail_url)
    return SmtpDoor(
        host=parts.hostname or "",
        port=parts.port or (SMTPS_PORT if scheme == "smtps" else SMTP_PORT),
        implicit_tls=scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        greets_as=settings.address.hostname or "localhost",
    )


@dataclass(frozen=True, slots=True)
class SmtpDoor:
    """An SMTP server; TLS from the first byte, or by STARTTLS where the server offers it."""

    host: str
    port: int
    implicit_tls: bool = False
    user: str = ""
    password: str = ""
    greets_as: str = "localhost"
    timeout_seconds: float = TIMEOUT_SECONDS

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand the message over in one dialogue; 4xx and network trouble are Retry, 5xx Refused."""
        _check_envelope(message, to)
        server = self._connect()
        try:
            server.send_message(message, _from_of(message), [to])
        except smtplib.SMTPRecipientsRefused as refusal:
            raise _verdict(*refusal.recipients[to]) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise _verdict(refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as trouble:
            raise Retry(_words(trouble)) from trouble
        finally:
            # The message is taken or not by now; a failing goodbye changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        try:
            server = self._dial()
        except (smtplib.SMTPException, OSError) as trouble:
            raise Unreachable(_words(trouble)) from trouble
        try:
            server.ehlo_or_helo_if_needed()
            if not self.implicit_tls and server.has_extn("starttls"):
                server.starttls(context=self._tls())
            if self.user:
                server.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as trouble:
            server.close()
            raise Unreachable(_words(trouble)) from trouble
        return server

    def _dial(self) -> smtplib.SMTP:
        if self.implicit_tls:
            return smtplib.SMTP_SSL(
                self.host,
                self.port,
                self.greets_as,
                timeout=self.timeout_seconds,
                context=self._tls(),
            )
        return smtplib.SMTP(self.host, self.port, self.greets_as, timeout=self.timeout_seconds)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if _is_loopback(self.host):
            # A relay on this machine has a certificate of its own making.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True)
class FileDoor:
    """A folder of .eml files, one a message: sent again, a message replaces its own file."""

    folder: Path

    def send(self, message: EmailMessage, to: str) -> None:
        """Write the message whole or not at all; raise Unreachable if the disk refuses."""
        _check_envelope(message, to)
        name = message["Message-ID"].strip("<>").partition("@")[0]
        draft = self.folder / f".{name}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(message.as_bytes())
            draft.replace(self.folder / f"{name}.eml")
        except OSError as trouble:
            raise Unreachable(_words(trouble)) from trouble


class ConsoleDoor:
    """Standard output: headers and text as a person reads them, other parts by their name."""

    def send(self, message: EmailMessage, to: str) -> None:
        """Print the message."""
        _check_envelope(message, to)
        text = message.get_body(("plain",))
        files = [part.get_filename() or "" for part in message.iter_attachments()]
        lines = [f"{name}: {value}" for name, value in message.items() if name[:8] != "Content-"]
        lines += ["", text.get_content() if text is not None else ""]
        lines += [f"[{name}]" for name in files]
        sys.stdout.write("\n".join(lines) + "\n" + "-" * 72 + "\n")
        sys.stdout.flush()


class ListDoor:
    """A list, for tests."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def send(self, message: EmailMessage, to: str) -> None:
        """Keep the message."""
        _check_envelope(message, to)
        self.sent.append(message)


def _check_envelope(message: EmailMessage, to: str) -> None:
    """Raise Refused unless the message names `to`, and nobody else, as who gets it."""
    named = [
        address.addr_spec for field in ("To", "Cc", "Bcc") for address in _named(message, field)
    ]
    if named != [to] or check_address(to) != to:
        raise Refused("the message is not addressed to its recipient alone")


def _named(message: EmailMessage, field: str) -> tuple[Address, ...]:
    return tuple(address for header in message.get_all(field, []) for address in header.addresses)


def _from_of(message: EmailMessage) -> str:
    address: str = message["From"].addresses[0].addr_spec
    return address


def _verdict(code: int, words: bytes | str) -> Retry | Refused:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    said = f"{code} {header_text(text)}"[:500]
    return Refused(said) if code >= REFUSED_FOR_GOOD else Retry(said)


def _words(trouble: Exception) -> str:
    return header_text(f"{type(trouble).__name__}: {trouble}")[:500]


def _is_loopback(host: str) -> bool:
    return host in LOOPBACK or host == "::1"
