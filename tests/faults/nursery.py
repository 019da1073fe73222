"""Starts workers that may be killed: forks one for each line it reads, prints its pid.

`python -m tests.faults.nursery MODE DATABASE_URL SMTP_PORT`. Everything is imported once, so that
a killed worker is replaced in a moment. When the reader of the pids goes away, all end.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import make_msgid

from flask import Flask
from sqlalchemy import select

from core import parts
from core.db.base import db
from core.db.transaction import transaction
from core.messages import liveness
from core.messages.delivery import deliver_due
from core.messages.mail import build
from core.messages.outbox import Message, State
from core.messages.transports import SmtpTransport, Transport
from tests.postman import FROM, outbox_app, write_plainly

IDLE_SECONDS = 0.02


def outbox(app: Flask, transport: Transport) -> Callable[[], object]:
    """What the product does."""
    lock = liveness.of_this_process(db.engine)
    return lambda: deliver_due(parts.of(app).channels, lock, datetime.now(UTC))


def mark_first(_app: Flask, transport: Transport) -> Callable[[], object]:
    """A naive way, that loses mail: what is marked as sent may never be."""

    def round_() -> None:
        with transaction() as session:
            message = session.scalar(waiting().with_for_update(skip_locked=True))
            if message is None:
                return
            message.state = State.SENT
            content = write_message(message)
            recipient = message.recipient
        transport.send(content, recipient)

    return round_


def send_then_mark(_app: Flask, transport: Transport) -> Callable[[], object]:
    """Another naive way, that sends mail twice, each time as a new one."""

    def round_() -> None:
        with transaction() as session:
            message = session.scalar(waiting().with_for_update(skip_locked=True))
            if message is None:
                return
            content = write_message(message)
            content.replace_header("Message-ID", make_msgid(domain="x.org"))
            transport.send(content, message.recipient)
            message.state = State.SENT

    return round_


def waiting():
    return select(Message).where(Message.state == State.PENDING).order_by(Message.id).limit(1)


def write_message(message: Message):
    mail = write_plainly(None, message, None)
    return build(mail, key=message.key, sender=FROM, host="x.org", now=datetime.now(UTC))


def work(mode: str, database_url: str, port: int, nursery: int) -> None:
    transport = SmtpTransport("127.0.0.1", port, greets_as=f"pid-{os.getpid()}.test")
    with outbox_app(database_url, transport) as app, app.app_context():
        round_ = MODES[mode](app, transport)
        while os.getppid() == nursery:
            round_()
            db.session.remove()
            time.sleep(IDLE_SECONDS)


MODES = {"outbox": outbox, "mark-first": mark_first, "send-then-mark": send_then_mark}


def main() -> None:
    mode, database_url, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    nursery = os.getpid()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            work(mode, database_url, port, nursery)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
