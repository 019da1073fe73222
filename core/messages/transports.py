"""Transports of mail: an SMTP server, a folder, standard output, a list."""

import os
import smtplib
import ssl
import sys
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from core.addresses import check_address
from core.config import ROOT, Settings, is_loopback
from core.messages.headers import one_line

TIMEOUT_SECONDS = 10
SMTP_PORT = 25
SMTPS_PORT = 465
PERMANENT_FAILURE = 500

Content = TypeVar("Content", contravariant=True)


class Retry(Exception):
    """The message was not accepted this time (SMTP 4xx, a broken connection)."""


class Unreachable(Retry):
    """The server cannot be reached; the message was not sent and is not the cause."""


class Refused(Exception):
    """The message was refused permanently (SMTP 5xx)."""


class Transport(Protocol[Content]):
    """Sends the content that a channel has built, for mail an EmailMessage."""

    def send(self, content: Content, to: str) -> None:
        """Send `content` to `to` only; raise Retry, Unreachable or Refused if it fails."""


def of(settings: Settings) -> Transport[EmailMessage]:
    """Return the mail transport that MAIL_URL names."""
    scheme, _, rest = settings.mail_url.partition(":")
    if scheme == "console":
        return ConsoleTransport()
    if scheme == "file":
        return FileTransport(ROOT / rest)
    parts = urlsplit(settings.mail_url)
    return SmtpTransport(
        host=parts.hostname or "",
        port=parts.port or (SMTPS_PORT if scheme == "smtps" else SMTP_PORT),
        implicit_tls=scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        greets_as=settings.domain,
    )


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """An SMTP server, with implicit TLS or with STARTTLS if the server offers it."""

    host: str
    port: int
    implicit_tls: bool = False
    user: str = ""
    password: str = ""
    greets_as: str = "localhost"
    timeout_seconds: float = TIMEOUT_SECONDS

    def send(self, content: EmailMessage, to: str) -> None:
        """Send in one SMTP session; 4xx and network errors are Retry, 5xx is Refused."""
        _check_envelope(content, to)
        server = self._connect()
        try:
            server.send_message(content, _from_of(content), [to])
        except smtplib.SMTPRecipientsRefused as refusal:
            raise _verdict(*refusal.recipients[to]) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise _verdict(refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as error:
            raise Retry(_error_text(error)) from error
        finally:
            # The result is known by now; a failing QUIT does not change it.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        try:
            server = self._open()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(_error_text(error)) from error
        try:
            server.ehlo_or_helo_if_needed()
            if not self.implicit_tls and server.has_extn("starttls"):
                server.starttls(context=self._tls())
            if self.user:
                server.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            raise Unreachable(_error_text(error)) from error
        return server

    def _open(self) -> smtplib.SMTP:
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
        if is_loopback(self.host):
            # A relay on this machine has a self-signed certificate.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True)
class FileTransport:
    """A folder with one .eml file per message; a message that is sent again replaces its file."""

    folder: Path

    def send(self, content: EmailMessage, to: str) -> None:
        """Write the message atomically; raise Unreachable if the disk fails."""
        _check_envelope(content, to)
        name = content["Message-ID"].strip("<>").partition("@")[0]
        draft = self.folder / f".{name}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content.as_bytes())
            draft.replace(self.folder / f"{name}.eml")
        except OSError as error:
            raise Unreachable(_error_text(error)) from error


class ConsoleTransport:
    """Standard output: headers and text, and the names of attachments."""

    def send(self, content: EmailMessage, to: str) -> None:
        """Print the message."""
        _check_envelope(content, to)
        text = content.get_body(("plain",))
        files = [part.get_filename() or "" for part in content.iter_attachments()]
        lines = [f"{name}: {value}" for name, value in content.items() if name[:8] != "Content-"]
        lines += ["", text.get_content() if text is not None else ""]
        lines += [f"[{name}]" for name in files]
        sys.stdout.write("\n".join(lines) + "\n" + "-" * 72 + "\n")
        sys.stdout.flush()


class ListTransport:
    """A list in memory, for tests."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def send(self, content: EmailMessage, to: str) -> None:
        """Append the message."""
        _check_envelope(content, to)
        self.sent.append(content)


def _check_envelope(message: EmailMessage, to: str) -> None:
    """Raise Refused unless `to` is the only recipient in the headers."""
    named = [
        address.addr_spec for field in ("To", "Cc", "Bcc") for address in _named(message, field)
    ]
    if named != [to] or check_address(to) != to:
        raise Refused("the message is not addressed to its recipient only")


def _named(message: EmailMessage, field: str) -> tuple[Address, ...]:
    return tuple(address for header in message.get_all(field, []) for address in header.addresses)


def _from_of(message: EmailMessage) -> str:
    address: str = message["From"].addresses[0].addr_spec
    return address


def _verdict(code: int, words: bytes | str) -> Retry | Refused:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    reason = f"{code} {one_line(text)}"[:500]
    return Refused(reason) if code >= PERMANENT_FAILURE else Retry(reason)


def _error_text(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")[:500]
