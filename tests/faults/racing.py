"""Guests of several processes who want equal and overlapping times of one host at once.

Others cause mails to one mailbox at once.
"""

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import aliased

from booking.domain.office_hours import OfficeHoursPath
from booking.domain.refusals import SlotTaken
from booking.models import BookingRow
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from booking.services import bookings
from core import tokens
from core.db.base import db
from core.db.transaction import transaction
from core.messages import mailboxes
from core.refusals import Refusal
from tests.conftest import SECRET_KEY, make_settings, running
from tests.factories_booking import NOW, add_host, add_offer, at, wanted

PROCESSES = 4
QUARTER = timedelta(minutes=15)
FIRST = at("2026-06-03 07:00")  # 09:00 on a Wednesday in Berlin
STARTS = [FIRST + number * QUARTER for number in range(30)]
LENGTHS = [timedelta(minutes=length) for length in (15, 30, 60)]
NAIVE_TABLE = "CREATE TABLE naive (starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL)"


@dataclass(frozen=True)
class Outcome:
    """What the guests were told, and what the database holds after the race."""

    told: Counter[str]
    standing: int
    overlaps: int


def race(database_url: str, folder: Path, *, seed: int, attempts: int) -> Outcome:
    """Let the guests book, move and cancel by the product's services."""
    settings = make_settings(database_url, folder)
    with running(settings) as app, app.app_context(), transaction() as session:
        host = add_host(session)
        for slug, minutes in (("short", [15, 30]), ("long", [30, 60])):
            add_offer(
                session, host, slug, minutes=minutes, interval=15, notice=0, per_guest_open=None
            )
    told = _run(_book, database_url, folder, seed, attempts)
    with running(settings) as app, app.app_context():
        first, second = aliased(BookingRow), aliased(BookingRow)
        pairs = select(first.id, second.id).where(
            first.blocks,
            second.blocks,
            first.id < second.id,
            first.starts_at < second.ends_at,
            second.starts_at < first.ends_at,
        )
        overlaps = len(db.session.execute(pairs).all())
        standing = len(db.session.scalars(select(BookingRow.id).where(BookingRow.blocks)).all())
    return Outcome(told, standing, overlaps)


def naive_race(database_url: str, folder: Path, *, seed: int, attempts: int) -> Outcome:
    """Let the guests book by looking first and writing then, in a table without any guard."""
    settings = make_settings(database_url, folder)
    with running(settings) as app, app.app_context(), transaction() as session:
        session.execute(text(NAIVE_TABLE))
    told = _run(_book_naively, database_url, folder, seed, attempts)
    with running(settings) as app, app.app_context():
        rows = db.session.execute(text("SELECT starts_at, ends_at FROM naive")).all()
    overlaps = sum(
        first[0] < second[1] and second[0] < first[1]
        for number, first in enumerate(rows)
        for second in rows[:number]
    )
    return Outcome(told, len(rows), overlaps)


def repeat(database_url: str, folder: Path, *, seed: int, attempts: int) -> Outcome:
    """Let all send the same requests with the same keys at once; `told` says what they got."""
    settings = make_settings(database_url, folder)
    with running(settings) as app, app.app_context(), transaction() as session:
        add_offer(session, add_host(session), interval=15, notice=0, per_guest_open=None)
    told = _run(_book_with_key, database_url, folder, seed, attempts)
    with running(settings) as app, app.app_context():
        standing = len(db.session.scalars(select(BookingRow.id)).all())
    return Outcome(told, standing, 0)


def mailbox_race(
    database_url: str, folder: Path, *, attempts: int, tries: int | None = None
) -> Counter[str]:
    """Let the processes cause mails to one mailbox, or to another one after each `tries`."""
    mail = partial(_mail, tries=tries or attempts)
    return _run(mail, database_url, folder, seed=0, attempts=attempts)


def naive_mailbox_race(database_url: str, folder: Path, *, attempts: int) -> Counter[str]:
    """Let each process cause one mail to each mailbox, if it counted none of another process."""
    settings = make_settings(database_url, folder)
    with running(settings) as app, app.app_context(), transaction() as session:
        session.execute(text("CREATE TABLE naive_mails (mailbox INTEGER NOT NULL)"))
    return _run(_mail_naively, database_url, folder, seed=0, attempts=attempts)


Guest = Callable[[random.Random, int, Barrier], Counter[str]]


def _run(guest: Guest, database_url: str, folder: Path, seed: int, attempts: int) -> Counter[str]:
    # Forked, so that nothing is imported again; the parent has closed its connections.
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(PROCESSES), context.SimpleQueue()
    each = attempts // PROCESSES
    started = [
        context.Process(
            target=_work,
            args=(guest, database_url, folder, f"{seed}-{number}", each, barrier, answers),
        )
        for number in range(PROCESSES)
    ]
    for process in started:
        process.start()
    told: Counter[str] = Counter()
    for _ in started:
        told += answers.get()
    for process in started:
        process.join()
    return told


def _work(
    guest: Guest,
    database_url: str,
    folder: Path,
    seed: str,
    attempts: int,
    barrier: Barrier,
    answers: "SimpleQueue[Counter[str]]",
) -> None:
    told = Counter[str]()
    try:
        with running(make_settings(database_url, folder)) as app, app.app_context():
            barrier.wait(30)
            told = guest(random.Random(seed), attempts, barrier)
    except Exception as error:
        told[f"{type(error).__name__}: {error}"] += 1
    answers.put(told)


def _book(chance: random.Random, attempts: int, _barrier: Barrier) -> Counter[str]:
    told = Counter[str]()
    offers = office_hours_queries.of_host(
        db.session(), host_queries.by_slug(db.session(), "host-a")
    )
    links: list[str] = []
    for _ in range(attempts):
        action = chance.random()
        starts_at = chance.choice(STARTS)
        try:
            with transaction() as session:
                if action < 0.6 or not links:
                    offer = chance.choice(offers)
                    request = wanted(starts_at, minutes=chance.choice(offer.minutes))
                    placed = bookings.book(
                        session,
                        OfficeHoursPath("host-a", offer.slug),
                        request,
                        NOW,
                        domain="example.org",
                    )
                    token = booking_queries.link_token(placed.booking, SECRET_KEY)
                    name = "booked"
                elif action < 0.85:
                    token = chance.choice(links)
                    bookings.reschedule(session, token, starts_at, NOW, secret_key=SECRET_KEY)
                    name = "moved"
                else:
                    token = chance.choice(links)
                    bookings.cancel(session, token, NOW, secret_key=SECRET_KEY)
                    name = "cancelled"
        except SlotTaken:
            name = "taken"
        except Refusal as refusal:
            name = refusal.slug
        except Exception as error:
            name = f"{type(error).__name__}: {error}"
        else:
            if name == "booked":
                links.append(token)
            elif name == "cancelled":
                links.remove(token)
        told[name] += 1
    return told


def _book_naively(chance: random.Random, attempts: int, barrier: Barrier) -> Counter[str]:
    told = Counter[str]()
    look = text("SELECT count(*) FROM naive WHERE starts_at < :ends_at AND ends_at > :starts_at")
    book = text("INSERT INTO naive VALUES (:starts_at, :ends_at)")
    for number in range(attempts):
        # Each round all want about the same: alone, one process would run ahead of the others.
        barrier.wait(30)
        starts_at = number * 100 + chance.randrange(4)
        times = {"starts_at": starts_at, "ends_at": starts_at + chance.choice((1, 2, 4))}
        with db.engine.connect() as connection:
            taken = connection.execute(look, times).scalar_one()
        if taken:
            told["taken"] += 1
            continue
        with db.engine.begin() as connection:
            connection.execute(book, times)
        told["booked"] += 1
    return told


def _book_with_key(_chance: random.Random, attempts: int, barrier: Barrier) -> Counter[str]:
    told = Counter[str]()
    offer = office_hours_queries.of_host(
        db.session(), host_queries.by_slug(db.session(), "host-a")
    )[0]
    for number in range(attempts):
        db.session.rollback()
        barrier.wait(30)
        with transaction() as session:
            placed = bookings.book(
                session,
                OfficeHoursPath("host-a", offer.slug),
                wanted(STARTS[2 * number]),
                NOW,
                domain="example.org",
                idempotency_key=f"key-{number}",
            )
        told[placed.booking.id] += 1
    return told


def _mail(_chance: random.Random, attempts: int, barrier: Barrier, *, tries: int) -> Counter[str]:
    told = Counter[str]()
    for number in range(attempts):
        if number % tries == 0:
            barrier.wait(30)
        address = f"a.{number // tries}+{multiprocessing.current_process().name}@example.org"
        with transaction() as session:
            cause = tokens.new_ref()
            mailed = mailboxes.may_be_mailed(session, address, NOW, cause=cause)
        told["mailed" if mailed else "refused"] += 1
    return told


def _mail_naively(_chance: random.Random, attempts: int, barrier: Barrier) -> Counter[str]:
    told = Counter[str]()
    look = text("SELECT count(*) FROM naive_mails WHERE mailbox = :mailbox")
    mail = text("INSERT INTO naive_mails VALUES (:mailbox)")
    for number in range(attempts):
        barrier.wait(30)
        with db.engine.connect() as connection:
            refused = connection.execute(look, {"mailbox": number}).scalar_one()
        if not refused:
            with db.engine.begin() as connection:
                connection.execute(mail, {"mailbox": number})
        told["refused" if refused else "mailed"] += 1
    return told
