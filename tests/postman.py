"""For tests of messages: an app with only an outbox, and an SMTP server that misbehaves."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session as Dialogue
from flask import Flask

from core import parts, worker
from core.config import Settings
from core.db.base import Base, db
from core.db.engine import engine_options, prepare
from core.jobs import Job
from core.messages import outbox, transports
from core.messages.delivery import Channel
from core.messages.mail import Composer, Mail, MailChannel
from core.messages.outbox import MESSAGES
from core.messages.transports import Transport
from core.parts import Parts
from core.worker import TICKS
from tests import processes

HOST = "calendar.example.org"
FROM = ("The community", "post@example.org")


def write_plainly(_session, message, _now) -> Mail:
    """Compose a plain mail for a message of any kind."""
    return Mail(to=message.recipient, subject=message.key, text="Hello.\n", html="<p>Hello.</p>\n")


@contextmanager
def outbox_app(
    database_url: str,
    transport: Transport,
    composers: Mapping[str, Composer] | None = None,
    jobs: Sequence[Job] = (),
    others: Mapping[str, Channel] | None = None,
) -> Iterator[Flask]:
    """An app without pages that sends messages of the kind "note" by `transport`.

    `others` are channels besides mail.
    """
    app = Flask("outbox")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(database_url)
    db.init_app(app)
    mail = MailChannel(
        dict(composers or {"note": write_plainly}), transport, lambda _session: FROM, HOST
    )
    channels = {outbox.MAIL: mail, **(others or {})}
    settings = Settings(database_url=database_url)
    parts.init_app(app, Parts(settings, jobs=tuple(jobs), channels=channels))
    worker.init_app(app)
    with app.app_context():
        prepare(db.engine)
        Base.metadata.create_all(db.engine, tables=[MESSAGES, TICKS])
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def note(key: str, now, until, **fields) -> outbox.Draft:
    """A message due at `now`, by default to `<key>@example.org`."""
    chosen = {"recipient": f"{key}@example.org", "due_at": now, "kind": "note", **fields}
    return outbox.Draft(key=key, useful_until=until, **chosen)


class ScriptedServer:
    """An SMTP server that behaves as an address says: `refuse-550-ann@…`, `drop-ann@…` and so on.

    `refuse-CODE` is the reply to RCPT, `decline-CODE` to DATA; `drop` closes the connection after
    the final dot, `stall` does not reply to it. A `greeting` is the reply to every EHLO.
    """

    def __init__(self, greeting: str | None = None) -> None:
        self.greeting = greeting
        self.accepted: list[EmailMessage] = []
        self.port = processes.free_port()

    @property
    def transport(self) -> transports.SmtpTransport:
        """A transport to this server with a short timeout."""
        return transports.SmtpTransport("127.0.0.1", self.port, timeout_seconds=0.5)

    async def handle_EHLO(self, server: Protocol, session: Dialogue, _envelope, name, responses):
        session.host_name = name
        return [self.greeting] if self.greeting else responses

    async def handle_HELO(self, _server, session: Dialogue, _envelope, name):
        session.host_name = name
        return self.greeting or "250 hello"

    async def handle_RCPT(self, _server, _session, envelope: Envelope, address: str, _options):
        action, _, rest = address.partition("-")
        if action == "refuse":
            return f"{rest[:3]} no such luck"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Protocol, _session, envelope: Envelope):
        action, _, rest = envelope.rcpt_tos[0].partition("-")
        if action == "decline":
            return f"{rest[:3]} not this one"
        if action == "drop":
            server.transport.abort()
            return "250 never heard"
        if action == "stall":
            await asyncio.sleep(2)
        message = message_from_bytes(envelope.content, policy=SMTP)
        self.accepted.append(message)
        return "250 OK"


@contextmanager
def scripted_server(greeting: str | None = None) -> Iterator[ScriptedServer]:
    """Run a ScriptedServer on loopback."""
    server = ScriptedServer(greeting)
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
