"""A run of 4 workers against an SMTP server that kills them at named points, and at random."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import func, select

from core.db.base import db
from core.db.transaction import transaction
from core.messages import outbox
from core.messages.outbox import Message, State
from core.messages.transports import ListTransport
from tests import processes
from tests.postman import note, outbox_app

WORKERS = 4
MAIL, DATA, ANSWERED, RANDOM = "at MAIL", "after DATA, before 250", "after 250", "at random"
POINTS = (MAIL, DATA, ANSWERED, RANDOM)
LONGEST_DELAY_SECONDS = 0.03


@dataclass
class Outcome:
    """What came of a run: `accepted` is what the server took, by recipient."""

    recipients: list[str]
    kills: Counter[str] = field(default_factory=Counter)
    accepted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, int] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """How many messages never came."""
        return sum(recipient not in self.accepted for recipient in self.recipients)

    @property
    def with_second_ids(self) -> int:
        """How many messages came under more than one Message-ID."""
        return sum(len(set(ids)) > 1 for ids in self.accepted.values())

    @property
    def extras(self) -> int:
        """How many mails came beyond the first of each message."""
        return sum(len(ids) - 1 for ids in self.accepted.values())


class Killer(SMTP):
    """An SMTP dialogue that kills its client at the point that the plan has for it.

    The client's greeting tells its pid.
    """

    def __init__(self, run: "Run", **options) -> None:
        super().__init__(run, **options)
        self.run = run
        self.point: str | None = None

    async def smtp_MAIL(self, arg: str) -> None:
        self.point = self.run.next_point()
        if self.point == MAIL:
            await self.run.kill(self.client(), MAIL)
            return
        if self.point == RANDOM:
            self.run.kill_soon()
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str) -> None:
        await super().smtp_DATA(arg)
        if self.point == ANSWERED:
            await self.run.kill(self.client(), ANSWERED)

    def client(self) -> int:
        return int(self.session.host_name.removeprefix("pid-").removesuffix(".test"))


class Run:
    """One run: the plan of kills by the seed, the server's handler, the workers' keeper."""

    def __init__(self, seed: int, messages: int, kills: int) -> None:
        self.random = random.Random(seed)
        self.outcome = Outcome([f"n{number}@example.org" for number in range(messages)])
        points = [POINTS[number % len(POINTS)] for number in range(kills)]
        self.random.shuffle(points)
        self.plan = dict(zip(self.random.sample(range(messages), kills), points, strict=True))
        self.dialogues = 0
        self.living: set[int] = set()
        self.lock = threading.Lock()
        self.killers: list[threading.Timer] = []

    def next_point(self) -> str | None:
        """Return what the plan has for this dialogue."""
        point = self.plan.get(self.dialogues)
        self.dialogues += 1
        return point

    async def handle_DATA(self, server: Killer, _session, envelope) -> str:
        """Take the message; a kill before our answer leaves the client in doubt."""
        await asyncio.sleep(self.random.uniform(0, LONGEST_DELAY_SECONDS / 2))
        head = envelope.content.partition(b"\r\n\r\n")[0].decode()
        (message_id,) = (
            line.partition(": ")[2] for line in head.split("\r\n") if line[:11] == "Message-ID:"
        )
        self.outcome.accepted[envelope.rcpt_tos[0]].append(message_id)
        if server.point == DATA:
            await self.kill(server.client(), DATA)
        return "250 OK"

    async def kill(self, pid: int, point: str) -> None:
        """Kill the worker and wait until it is gone, so that no answer reaches it."""
        self.kill_now(pid, point)
        while os.path.exists(f"/proc/{pid}"):
            await asyncio.sleep(0.001)

    def kill_soon(self) -> None:
        """Kill some worker in a moment."""
        delay = self.random.uniform(0, LONGEST_DELAY_SECONDS)
        timer = threading.Timer(delay, self.kill_now, (None, RANDOM))
        timer.start()
        self.killers.append(timer)

    def kill_now(self, pid: int | None, point: str) -> None:
        with self.lock:
            chosen = pid or self.random.choice(sorted(self.living) or [0])
            if chosen in self.living:
                self.living.remove(chosen)
                os.kill(chosen, signal.SIGKILL)
                self.outcome.kills[point] += 1


def run(
    mode: str, database_url: str, *, seed: int, messages: int, kills: int, seconds: float
) -> Outcome:
    """Deliver `messages` with `kills` on the way; raise TimeoutError if it takes too long."""
    this = Run(seed, messages, kills)
    port = processes.free_port()
    controller = Controller(this, hostname="127.0.0.1", port=port)
    controller.factory = lambda: Killer(this, hostname="killer.test")
    controller.start()
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery", mode, database_url, str(port)],
        cwd=processes.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        with outbox_app(database_url, ListTransport()) as app, app.app_context():
            queue(this.outcome.recipients)
            keep_alive(this, nursery, time.monotonic() + seconds)
            this.outcome.states = count_states()
    finally:
        end(this, nursery)
        controller.stop()
    return this.outcome


def queue(recipients: list[str]) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        for recipient in recipients:
            key = recipient.partition("@")[0]
            outbox.enqueue(session, note(key, now, now + timedelta(hours=1)), now)


def keep_alive(this: Run, nursery: subprocess.Popen[str], deadline: float) -> None:
    """Replace killed workers until every message is settled."""
    while count_states().get("pending"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not delivered in time: {count_states()}, {this.outcome.kills}")
        while len(this.living) < WORKERS:
            nursery.stdin.write("start\n")
            pid = int(nursery.stdout.readline())
            with this.lock:
                this.living.add(pid)
        time.sleep(0.02)


def count_states() -> dict[str, int]:
    session = db.session()
    session.rollback()
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state)).all()
    session.rollback()
    return {State(state).value: number for state, number in rows}


def end(this: Run, nursery: subprocess.Popen[str]) -> None:
    """End every process of the run, by pid."""
    for timer in this.killers:
        timer.join()
    with this.lock:
        for pid in this.living:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        this.living.clear()
    nursery.communicate(timeout=20)
