"""New zone data: bookings keep the host's wall time, both sides are told once, overlaps wait."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.domain.actors import Actor
from app import JOBS
from booking.domain.bookings import BookingStatus
from booking.models import BookingRow
from booking.services import host_bookings
from core import worker, zones
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from core.refusals import NotFound
from core.zone_updates import AppliedZone
from tests import zone_data
from tests.factories import add_organization
from tests.factories_booking import add_booking, add_host, add_offer
from tests.zone_data import ALWAYS_SUMMER, NEWER, NEWEST, OLDER, PACIFIC, VANCOUVER

ADMIN = Actor.person(0, "admin@example.org", is_admin=True)
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
EIGHTEEN = datetime(2026, 11, 12, 18, tzinfo=UTC)  # 10:00 in Vancouver by the older rules
TEN = datetime(2026, 11, 12, 10)
BERLIN_TEN = datetime(2026, 11, 12, 9, tzinfo=UTC)
(ZONE_DATA,) = [job for job in JOBS if job.name == "zone data"]


@pytest.fixture(autouse=True)
def data(app, tmp_path):
    """The older release is in use; the newer ones are there."""
    rules = {OLDER: PACIFIC, NEWER: ALWAYS_SUMMER, NEWEST: PACIFIC}
    trees = {
        release: zone_data.write_release(tmp_path, release, {VANCOUVER: rule})
        for release, rule in rules.items()
    }

    def use(release):
        zones.use(zones.read(trees[release]))

    use(OLDER)
    yield use
    zones.use(zones.read())


def derive(app: Flask, now: datetime = NOW) -> int:
    """Run the job once, as a worker does, and deliver nothing."""
    runner = worker.JobRunner(app, now=lambda: now)
    done = runner.run(ZONE_DATA)
    runner.close()
    return done


@contextmanager
def writing(app: Flask) -> Iterator:
    with app.app_context(), transaction() as session:
        yield session


def add_vancouver(session, **fields):
    host = add_host(session, "host-v", zone=VANCOUVER)
    return add_offer(session, host, **fields)


def bookings(app: Flask) -> dict[str, tuple]:
    """Return start, wall time, sequence and mark of each booking by its guest."""
    with app.app_context():
        rows = db.session.scalars(select(BookingRow).order_by(BookingRow.id))
        return {
            row.guest_name: (row.starts_at, row.starts, row.sequence, row.displaced_to)
            for row in rows
        }


def told(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(
            select(Message.kind, Message.recipient).order_by(Message.recipient)
        )
        return [tuple(row) for row in rows]


def test_booking_keeps_its_wall_time_and_both_sides_are_told_once(app, data):
    with writing(app) as session:
        offer = add_vancouver(session)
        add_booking(session, offer, EIGHTEEN, guest_name="Ann", email="ann@example.org")
        berlin = add_offer(session, add_host(session, "host-b"))
        add_booking(session, berlin, BERLIN_TEN, guest_name="Bea", email="bea@example.org")
    assert derive(app) == 0  # remembers the older release

    data(NEWER)
    assert derive(app) == 1

    assert bookings(app) == {
        "Ann": (EIGHTEEN - HOUR, TEN, 1, None),
        "Bea": (BERLIN_TEN, datetime(2026, 11, 12, 10), 0, None),
    }
    both = [("booking-clocks", "ann@example.org"), ("booking-clocks", "host-v@example.org")]
    assert told(app) == both
    assert derive(app) == 0
    assert told(app) == both
    with app.app_context():
        row = db.session.scalars(select(BookingRow).where(BookingRow.guest_name == "Ann")).one()
        assert (row.ends_at - row.starts_at, row.placed_at, row.revised_at) == (
            HOUR / 2,
            NOW,
            NOW,
        )
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.actor, entry.action, entry.subject, entry.detail) == (
            "zone data",
            "booking moved",
            f"booking:{row.ref}",
            {"starts_at": "2026-11-12T17:00:00+00:00", "previous": "2026-11-12T18:00:00+00:00"},
        )


def test_older_release_never_reverts_a_newer_one(app, data):
    with writing(app) as session:
        add_booking(session, add_vancouver(session), EIGHTEEN, guest_name="Ann")
    data(NEWER)
    assert derive(app) == 1  # nothing was remembered yet
    moved, mails = bookings(app), told(app)

    data(OLDER)
    assert derive(app) == 0
    data(NEWER)
    assert derive(app) == 0

    assert (bookings(app), told(app)) == (moved, mails)
    with app.app_context():
        assert db.session.get_one(AppliedZone, VANCOUVER).release == NEWER


def test_newest_release_that_takes_the_rules_back_moves_again(app, data):
    with writing(app) as session:
        add_booking(session, add_vancouver(session), EIGHTEEN, guest_name="Ann")
    for release in (OLDER, NEWER, NEWEST):
        data(release)
        derive(app)
    assert bookings(app) == {"Ann": (EIGHTEEN, TEN, 2, None)}
    assert Counter(told(app)) == {
        ("booking-clocks", "guest@example.org"): 2,
        ("booking-clocks", "host-v@example.org"): 2,
    }


def test_neighbors_move_together(app, data):
    with writing(app) as session:
        offer = add_vancouver(session, minutes=[60])
        for number in (1, 0, 2):
            add_booking(
                session, offer, EIGHTEEN + number * HOUR, minutes=60, guest_name=f"{number}"
            )
    data(NEWER)
    assert derive(app) == 3
    assert {name: each[0] for name, each in bookings(app).items()} == {
        f"{number}": EIGHTEEN + (number - 1) * HOUR for number in range(3)
    }


def test_past_and_ended_bookings_stay_as_they_are(app, data):
    with writing(app) as session:
        offer = add_vancouver(session)
        add_booking(session, offer, EIGHTEEN, guest_name="gone", status=BookingStatus.CANCELLED)
        add_booking(session, offer, EIGHTEEN, guest_name="begun")
    before = bookings(app)
    data(NEWER)
    assert derive(app, EIGHTEEN) == 0
    assert (bookings(app), told(app)) == (before, [])


def test_pending_booking_moves_and_is_told_without_a_calendar_entry(app, data):
    with writing(app) as session:
        offer = add_vancouver(session, approval=True, pending_blocks=False)
        add_booking(session, offer, EIGHTEEN, guest_name="Ann", status=BookingStatus.PENDING)
    data(NEWER)
    assert derive(app) == 1
    assert bookings(app) == {"Ann": (EIGHTEEN - HOUR, TEN, 1, None)}
    with app.app_context():
        statuses = [row.payload["status"] for row in db.session.scalars(select(Message))]
    assert statuses == ["pending", "pending"]


def test_second_pass_of_a_repeated_hour_is_no_move(app, data):
    second = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)  # 01:30 PST, an hour after 01:30 PDT
    with writing(app) as session:
        add_booking(session, add_vancouver(session), second, guest_name="Ann")
    assert derive(app) == 0
    assert bookings(app) == {"Ann": (second, datetime(2026, 11, 1, 1, 30), 0, None)}


def displaced(app: Flask, data) -> str:
    """Make the newer rules put Ann's booking on Bob's, made on a journey; return Ann's ref."""
    with writing(app) as session:
        offer = add_vancouver(session)
        row = add_booking(session, offer, EIGHTEEN, guest_name="Ann", email="ann@example.org")
        other = add_booking(
            session, offer, EIGHTEEN - HOUR, guest_name="Bob", email="bob@example.org"
        )
        other.host_zone, other.starts = "Europe/Berlin", datetime(2026, 11, 12, 18)
        ref = row.ref
    data(NEWER)
    assert derive(app) == 0
    return ref


def test_booking_that_would_overlap_stays_and_is_marked(app, data):
    displaced(app, data)
    assert bookings(app) == {
        "Ann": (EIGHTEEN, TEN, 0, EIGHTEEN - HOUR),
        "Bob": (EIGHTEEN - HOUR, datetime(2026, 11, 12, 18), 0, None),
    }
    assert told(app) == []
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.detail) == (
            "booking displaced",
            {"to": "2026-11-12T17:00:00+00:00"},
        )


def test_host_keeps_a_marked_booking_and_both_sides_hear(app, data):
    ref = displaced(app, data)
    with writing(app) as session:
        host_bookings.keep(session, "host-v", ref, ADMIN, NOW)
    with writing(app) as session:
        host_bookings.keep(session, "host-v", ref, ADMIN, NOW)  # a double click

    kept = (EIGHTEEN, datetime(2026, 11, 12, 11), 1, None)
    assert bookings(app)["Ann"] == kept
    assert told(app) == [
        ("booking-clocks", "ann@example.org"),
        ("booking-clocks", "host-v@example.org"),
    ]
    data(NEWEST)
    assert derive(app) == 1  # 11:00 is its wall time now
    assert bookings(app)["Ann"][:2] == (EIGHTEEN + HOUR, datetime(2026, 11, 12, 11))


def test_nobody_else_keeps_a_marked_booking(app, data):
    ref = displaced(app, data)
    with pytest.raises(NotFound), writing(app) as session:
        host_bookings.keep(session, "host-x", ref, ADMIN, NOW)


def test_mark_goes_when_the_rules_are_taken_back(app, data):
    displaced(app, data)
    data(NEWEST)
    assert derive(app) == 0
    assert bookings(app)["Ann"] == (EIGHTEEN, TEN, 0, None)
    assert told(app) == []


def test_marked_booking_moves_with_the_next_release_if_its_time_is_free(app, data, tmp_path):
    displaced(app, data)
    with writing(app) as session:
        other = session.scalars(select(BookingRow).where(BookingRow.guest_name == "Bob")).one()
        other.status, other.blocks = BookingStatus.CANCELLED, False
    tree = zone_data.write_release(tmp_path, "2092a", {VANCOUVER: "<-07>+7"})
    zones.use(zones.read(tree))
    assert derive(app) == 1
    assert bookings(app)["Ann"] == (EIGHTEEN - HOUR, TEN, 1, None)


def _plain(mail) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r", "")


def test_mail_says_what_happened_in_plain_words(app, data, tmp_path):
    with writing(app) as session:
        offer = add_vancouver(session)
        add_booking(
            session, offer, EIGHTEEN, guest_name="Ann", email="ann@example.org", reason="Hello"
        )
    data(NEWER)
    worker.tick(app, NOW)

    mails = [
        message_from_bytes(path.read_bytes(), policy=SMTP) for path in (tmp_path / "mail").iterdir()
    ]
    mails.sort(key=lambda mail: mail["To"].addresses[0].addr_spec)
    assert [mail["Subject"].strip() for mail in mails] == [
        "New clock rules: Career chat with Host V, Thu 12 Nov 2026, 18:00 (Lagos)",
        "New clock rules: Career chat with Ann, Thu 12 Nov 2026, 10:00 (Vancouver)",
    ]
    texts = [re.sub(r"bookings/[\w-]+/[\w-]+", "bookings/token", _plain(mail)) for mail in mails]
    opening = (
        "The rules of the clocks in Vancouver changed. The booking stays at 10:00 in Vancouver: "
        "17:00 UTC instead of 18:00 UTC.\n\n"
    )
    lagos = "Thursday 12 November 2026, 18:00 to 18:30 in Lagos (UTC+01:00)\n"
    vancouver = "Thursday 12 November 2026, 10:00 to 10:30 in Vancouver (UTC-07:00)\n"
    assert texts == [
        f"{opening}What: Career chat with Host V\nWhen: {lagos}      {vancouver}"
        "Where: https://meet.example.org/host-v\n\n"
        "Move or cancel it here, until Thursday 12 November 2026, 06:00 in Lagos (UTC+01:00):\n"
        "http://127.0.0.1:8000/bookings/token/\n\n"
        "Convenor sent this mail because you booked office hours there.\n",
        f"{opening}What: Career chat\nGuest: Ann, ann@example.org\nWhen: {vancouver}      {lagos}"
        "Where: https://meet.example.org/host-v\n\n"
        "Your bookings:\nhttp://127.0.0.1:8000/host/\n\n"
        "Convenor sent this mail because you give office hours there.\n",
    ]
    entries = [
        part.get_content()
        for mail in mails
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    ]
    seen = [
        [line for line in entry.splitlines() if line[:6] in ("SEQUEN", "DTSTAM", "DTSTAR")]
        for entry in entries
    ]
    assert seen == [["DTSTAMP:20261005T090000Z", "SEQUENCE:1", "DTSTART:20261112T170000Z"]] * 2


def test_mail_says_the_times_on_the_clock_of_the_organization(app, data):
    with writing(app) as session:
        add_organization(session, clock=12)
        add_booking(session, add_vancouver(session), EIGHTEEN)
    data(NEWER)
    derive(app)

    with app.app_context():
        reasons = [row.payload["reason"] for row in db.session.scalars(select(Message))]
    said = (
        "The rules of the clocks in Vancouver changed. The booking stays at 10:00 am in Vancouver: "
        "5:00 pm UTC instead of 6:00 pm UTC."
    )
    assert reasons == [said, said]


def test_many_bookings_in_many_zones_keep_their_wall_time(app, data, tmp_path):
    names = sorted(name for name in zones.read().names if name.startswith("America/"))[:20]
    starts = [datetime(2026, 11, 12, 10) + number * HOUR / 2 for number in range(10)]
    changed = names[::2]
    old = zone_data.write_release(tmp_path, "2093a", dict.fromkeys(names, PACIFIC))
    zones.use(zones.read(old))
    with writing(app) as session:
        for name in names:
            slug = name.lower().replace("/", "-").replace("_", "-")
            offer = add_offer(session, add_host(session, slug, zone=name))
            for at in starts:
                instant = at.replace(tzinfo=zones.zone(name)).astimezone(UTC)
                add_booking(session, offer, instant, guest_name=f"{slug} {at}")
    derive(app)
    before = bookings(app)
    rules = {**dict.fromkeys(names, PACIFIC), **dict.fromkeys(changed, ALWAYS_SUMMER)}
    zones.use(zones.read(zone_data.write_release(tmp_path, "2093b", rules)))

    assert derive(app) == len(changed) * len(starts)

    after = bookings(app)
    assert [each[1] for each in after.values()] == [each[1] for each in before.values()]
    moved = [before[name][0] - after[name][0] for name in before]
    assert Counter(moved) == {HOUR: 100, timedelta(): 100}
    assert set(Counter(told(app)).values()) == {10, 100}
    assert len(told(app)) == 200
    assert [each[3] for each in after.values()] == [None] * 200
