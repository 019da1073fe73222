"""Bookings that nobody answers: the host is reminded, then both sides are told, each once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from booking import jobs
from booking.domain.bookings import BookingStatus
from booking.domain.refusals import GuestLimit
from booking.models import BookingRow, OfficeHoursRow
from booking.queries import bookings
from booking.queries import hosts as host_queries
from booking.services import lapsing
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at
from tests.stage import (
    DAY,
    GUEST,
    HOST,
    HOUR,
    MINUTE,
    THU,
    TUE,
    TUE_GUEST,
    WED,
    WED_GUEST,
    WED_HOST,
    Received,
    chat,
)

LAPSES = WED - HOUR
WORKERS = 4


@pytest.fixture
def asked(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    return stage


def remind(stage, now):
    stage.now = now
    with transaction() as session:
        return jobs.enqueue_due(session, now)


def test_request_that_nobody_answers_reminds_twice_and_lapses(asked):
    asked_at = asked.booking.placed_at
    second = asked_at + DAY + (LAPSES - asked_at - DAY) / 2
    times = [asked_at + DAY - MINUTE, asked_at + DAY, asked_at + DAY, second - MINUTE, second]
    assert [remind(asked, now) or asked.deliver() for now in times] == [0, 1, 1, 0, 1]
    assert asked.deliver() == 1
    assert asked.lapse(LAPSES - MINUTE) == 0
    assert [asked.lapse(LAPSES), asked.lapse(LAPSES)] == [1, 0]
    asked.deliver()

    still = f"Still waiting for your answer: Career chat with Ann Guest, {WED_HOST}"
    assert asked.received(HOST) == [
        Received(chat("Please approve", WED_HOST, "Ann Guest")),
        Received(still),
        Received(still),
        Received(chat("Not approved in time", WED_HOST, "Ann Guest")),
    ]
    assert asked.received(GUEST) == [
        Received(chat("Asked for", WED_GUEST)),
        Received(chat("Not approved in time", WED_GUEST)),
    ]
    assert asked.booking.status is BookingStatus.LAPSED


def test_after_an_outage_the_host_gets_the_latest_reminder_alone(asked):
    assert remind(asked, LAPSES - MINUTE) == 1
    assert remind(asked, LAPSES) == 0


@pytest.mark.parametrize("verb", ["approve", "decline", "cancel"])
def test_answered_request_is_neither_reminded_of_nor_lapses(asked, verb):
    assert remind(asked, asked.now + DAY) == 1
    getattr(asked, verb)()
    before = len(asked.mails(HOST))
    asked.deliver()

    assert all("Still waiting" not in each["Subject"] for each in asked.mails(HOST)[before:])
    assert remind(asked, LAPSES - MINUTE) == 0
    assert asked.lapse(LAPSES) == 0


def test_moved_request_waits_from_its_move(asked):
    assert remind(asked, asked.now + DAY) == 1
    asked.move(TUE)
    asked.deliver()

    assert [each.subject for each in asked.received(HOST)][1:] == [
        chat("Please approve", "now Tue 9 Jun 2026, 09:00 (Berlin)", "Ann Guest")
    ]
    assert asked.booking.lapses_at == TUE - HOUR
    assert remind(asked, asked.now + DAY) == 1


def test_host_who_proposed_other_times_is_not_reminded_until_the_guest_had_time(asked):
    first = asked.booking.placed_at + DAY
    asked.now = first - MINUTE
    asked.propose(THU)
    proposed_at = asked.now
    asked.deliver()

    assert [remind(asked, now) for now in (first, proposed_at + DAY - MINUTE)] == [0, 0]
    assert remind(asked, proposed_at + DAY) == 1
    asked.deliver()
    assert asked.mails(HOST)[-1]["Subject"].startswith("Still waiting for your answer")


def test_reminder_that_was_queued_before_a_proposal_is_withdrawn(asked):
    assert remind(asked, asked.booking.placed_at + DAY) == 1
    asked.propose(THU)
    asked.deliver()

    assert [each["Subject"].partition(":")[0] for each in asked.mails(HOST)] == ["Please approve"]


def test_lapsed_booking_frees_its_time_and_says_so(asked):
    asked.lapse(LAPSES)

    row = asked.session.scalars(select(BookingRow)).one()
    assert (row.status, row.blocks, row.sequence) == ("lapsed", False, 1)
    entry = asked.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.actor, entry.action) == ("deadline", "booking lapsed")


def test_approved_booking_that_moved_and_lapsed_leaves_the_calendars(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.approve()
    stage.deliver()
    stage.move(TUE)
    stage.deliver()
    stage.lapse(TUE - HOUR)
    stage.deliver()

    assert stage.received(GUEST)[1:] == [
        Received(chat("Asked for", f"now {TUE_GUEST}"), "REQUEST", 1),
        Received(chat("Not approved in time", TUE_GUEST), "CANCEL", 2),
    ]


def test_held_booking_lapses_after_half_an_hour_and_nobody_is_mailed(session):
    with transaction():
        offer = add_offer(session, add_host(session))
        add_booking(session, offer, WED, status=BookingStatus.HELD, placed_at=NOW)

    def lapse(minutes):
        with transaction():
            return lapsing.lapse_due(session, NOW + minutes * MINUTE)

    assert [lapse(29), lapse(30), lapse(31)] == [0, 1, 0]
    assert session.scalars(select(BookingRow.status)).all() == ["lapsed"]
    assert session.scalars(select(Message)).all() == []


def test_booking_answered_after_it_was_found_due_stays(session):
    with transaction():
        offer = add_offer(session, add_host(session), approval=True)
        add_booking(session, offer, WED, status=BookingStatus.PENDING, placed_at=NOW)
    (found,) = lapsing.due(session, LAPSES)
    with transaction():
        row = session.scalars(select(BookingRow)).one()
        row.status, row.blocks = BookingStatus.CONFIRMED, True

    with transaction():
        assert lapsing.lapse(session, found.id, LAPSES) is False

    assert session.scalars(select(BookingRow.status)).all() == ["confirmed"]


def test_workers_at_once_lapse_each_booking_once(app):
    """Each runs the job in its own transaction; a killed one leaves nothing behind."""
    with app.app_context(), transaction() as session:
        for slug in ("host-a", "host-b"):
            offer = add_offer(session, add_host(session, slug), approval=True)
            for number in range(3):
                start = WED + timedelta(hours=number)
                add_booking(session, offer, start, status=BookingStatus.PENDING, placed_at=NOW)
    barrier = Barrier(WORKERS)

    def work(_number):
        with app.app_context():
            barrier.wait()
            with transaction() as session:
                return lapsing.lapse_due(session, at("2026-06-10 12:00"))

    with ThreadPoolExecutor(WORKERS) as pool:
        lapsed = list(pool.map(work, range(WORKERS)))

    with app.app_context():
        session = db.session()
        assert sum(lapsed) == 6
        assert len(session.scalars(select(Message)).all()) == 12
        assert len(session.scalars(select(AuditEntry)).all()) == 6


def test_lapsed_request_counts_in_no_limit_and_is_listed_as_what_it_is(make_stage):
    stage = make_stage(approval=True)
    with transaction() as session:
        session.execute(update(OfficeHoursRow).values(per_guest_open=1, per_day=1))
    stage.book(WED)
    with pytest.raises(GuestLimit):
        stage.book(TUE)
    first = stage.ref
    stage.lapse(stage.booking.lapses_at)

    stage.now = NOW
    stage.book(WED)

    host = host_queries.by_slug(stage.session, "host-a")
    listed = [(each.id, each.status) for each in bookings.of_host(stage.session, host)]
    assert sorted(listed) == sorted([(first, "lapsed"), (stage.ref, "pending")])
