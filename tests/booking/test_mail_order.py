"""What each side of a booking is mailed, in order, whatever happens between delivery rounds."""

import random
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from accounts.models import PersonRow
from booking import jobs
from booking.domain.bookings import BookingStatus
from booking.models import BookingRow
from core.db.transaction import transaction
from core.messages import times
from core.messages.outbox import Message, State
from core.messages.transports import Retry, Unreachable
from core.time_format import HourClock
from tests.factories_booking import at
from tests.stage import (
    DAY,
    GUEST,
    HOST,
    HOUR,
    MINUTE,
    THU,
    THU_GUEST,
    TUE,
    TUE_GUEST,
    WED,
    WED_GUEST,
    WED_HOST,
    Received,
    chat,
    entry,
)


def test_booked_moved_earlier_and_cancelled_before_a_round_is_one_mail(stage):
    stage.book(WED)
    stage.move(TUE)
    stage.cancel()
    assert stage.deliver() == 2

    assert stage.received(GUEST) == [Received(chat("Cancelled", TUE_GUEST))]
    tuesday = "Tue 9 Jun 2026, 09:00 (Berlin)"
    assert stage.received(HOST) == [Received(chat("Cancelled", tuesday, "Ann Guest"))]


def test_booked_and_moved_before_a_round_is_confirmed_at_the_new_time(stage):
    stage.book(WED)
    stage.move(TUE)
    assert stage.deliver() == 2

    assert stage.received(GUEST) == [Received(chat("Confirmed", TUE_GUEST), "REQUEST", 1)]
    (mail,) = stage.mails(GUEST)
    assert "It was:" not in mail.get_body(("plain",)).get_content()


def test_each_change_between_rounds_is_a_mail_in_its_order(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.deliver()
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Moved", f"now {TUE_GUEST}"), "REQUEST", 1),
        Received(chat("Cancelled", TUE_GUEST), "CANCEL", 2),
    ]


def test_two_moves_before_a_round_are_one_from_what_the_recipient_knew(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.move(THU)
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Moved", f"now {THU_GUEST}"), "REQUEST", 2),
    ]
    was = [
        line
        for line in stage.mails(GUEST)[1].get_body(("plain",)).get_content().splitlines()
        if "It was" in line
    ]
    assert was == ["It was: Wednesday 10 June 2026, 03:00 in New York (UTC-04:00)"]


def test_move_and_back_before_a_round_is_no_news(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.move(WED)
    assert stage.deliver() == 0
    stage.move(THU)
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Moved", f"now {THU_GUEST}"), "REQUEST", 3),
    ]


def test_moved_and_cancelled_before_a_round_says_what_the_recipient_knew(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Cancelled", TUE_GUEST), "CANCEL", 2),
    ]
    text = stage.mails(GUEST)[1].get_body(("plain",)).get_content()
    assert [line for line in text.splitlines() if "It was" in line] == [
        "It was: Wednesday 10 June 2026, 03:00 in New York (UTC-04:00)"
    ]


def test_requested_and_approved_before_a_round_is_one_mail(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.approve()
    assert stage.deliver() == 2

    assert stage.received(GUEST) == [Received(chat("Confirmed", WED_GUEST), "REQUEST", 0)]
    assert stage.received(HOST) == [Received(chat("Booked", WED_HOST, "Ann Guest"), "REQUEST", 0)]


def test_requested_and_declined_before_a_round_asks_nobody(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.decline()
    assert stage.deliver() == 1

    assert stage.received(GUEST) == [Received(chat("Declined", WED_GUEST))]
    assert stage.received(HOST) == []


def test_request_that_moved_before_it_was_approved_is_confirmed_with_both_times(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.approve()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Asked for", WED_GUEST)),
        Received(chat("Confirmed", TUE_GUEST), "REQUEST", 2),
    ]
    text = stage.mails(GUEST)[1].get_body(("plain",)).get_content()
    assert "It was: Wednesday 10 June 2026, 03:00 in New York (UTC-04:00)\n" in text


def test_request_that_moved_before_a_round_asks_for_the_new_time(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.move(TUE)
    stage.deliver()

    assert stage.received(GUEST) == [Received(chat("Asked for", TUE_GUEST))]


def test_cancelled_request_takes_no_entry_away(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Asked for", WED_GUEST)),
        Received(chat("Cancelled", WED_GUEST)),
    ]


@pytest.mark.parametrize("kept", [False, True])
def test_cancellation_waits_for_a_request_that_is_being_retried(stage, kept):
    stage.book(WED)
    stage.deliver(Retry("the dialogue broke off"), kept=kept)
    stage.cancel()
    stage.now -= MINUTE  # the pause is a minute
    assert stage.deliver() == 4

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Cancelled", WED_GUEST), "CANCEL", 1),
    ]


def test_request_that_never_left_is_replaced(stage):
    stage.book(WED)
    stage.deliver(Unreachable("connection refused"))
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [Received(chat("Cancelled", WED_GUEST))]


def test_host_with_a_new_address_is_told_the_whole(stage):
    stage.book(WED)
    stage.deliver()
    with transaction() as session:
        session.scalars(
            select(PersonRow).where(PersonRow.email == HOST)
        ).one().email = "h@example.org"
    stage.move(TUE)
    stage.deliver()
    stage.cancel()
    stage.deliver()

    tuesday = "Tue 9 Jun 2026, 09:00 (Berlin)"
    assert stage.received("h@example.org") == [
        Received(chat("Booked", tuesday, "Ann Guest"), "REQUEST", 1),
        Received(chat("Cancelled", tuesday, "Ann Guest"), "CANCEL", 2),
    ]


def test_host_who_is_the_guest_gets_both_mails(stage):
    with transaction() as session:
        session.scalars(select(PersonRow).where(PersonRow.email == HOST)).one().email = GUEST
    stage.book(WED)

    assert stage.deliver() == 2


def test_stamp_does_not_go_backwards_when_clocks_differ(stage):
    stage.book(WED)
    stage.deliver()
    stage.now -= HOUR
    stage.move(TUE)
    stage.now += HOUR
    stage.deliver()

    stamps = [entry(each, "DTSTAMP") for each in stage.mails(GUEST)]
    assert stamps == ["20260601T060100Z", "20260601T060100Z"]


def test_reminder_goes_after_the_mail_about_the_booking(stage):
    stage.book(WED)
    stage.deliver(Retry("450 busy"))
    stage.now = WED - DAY
    with transaction() as session:
        assert jobs.enqueue_due(session, stage.now) == 2
    stage.deliver()

    reminder = f"Career chat with Host A, {WED_GUEST}"
    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(reminder),
    ]


def test_reminder_that_becomes_true_again_is_sent(stage):
    """Nobody chose the start anew: the zone's rules changed, and changed back."""
    stage.book(WED)
    stage.deliver()

    def put(starts_at):
        with transaction() as session:
            row = session.scalars(select(BookingRow)).one()
            row.starts_at, row.ends_at = starts_at, starts_at + timedelta(minutes=30)

    def remind():
        with transaction() as session:
            return jobs.enqueue_due(session, stage.now)

    stage.now = WED - DAY
    assert remind() == 2
    put(THU)
    assert stage.deliver() == 0
    put(WED)
    assert [remind(), remind(), stage.deliver()] == [2, 0, 2]

    query = select(Message.state).where(Message.reminder).order_by(Message.id)
    states = stage.session.scalars(query).all()
    assert states == [State.WITHDRAWN, State.WITHDRAWN, State.SENT, State.SENT]
    assert stage.received(GUEST)[1:] == [Received(f"Career chat with Host A, {WED_GUEST}")]


SAYS = {
    "Asked for": BookingStatus.PENDING,
    "Please approve": BookingStatus.PENDING,
    "Confirmed": BookingStatus.CONFIRMED,
    "Booked": BookingStatus.CONFIRMED,
    "Cancelled": BookingStatus.CANCELLED,
    "Declined": BookingStatus.DECLINED,
    "Not approved in time": BookingStatus.LAPSED,
    "Not answered in time": BookingStatus.LAPSED,
}
STATUS_OF_ENTRY = {BookingStatus.PENDING: "TENTATIVE", BookingStatus.CONFIRMED: "CONFIRMED"}
ZONES = {GUEST: "America/New_York", HOST: "Europe/Berlin"}
STARTS = [at(f"2026-06-{day:02} {hour:02}:00") for day in (9, 10, 11, 12) for hour in (7, 9, 12)]
OUTCOMES = [
    (None, False),
    (Unreachable("connection refused"), False),
    (Retry("450 busy"), False),
    (Retry("the dialogue broke off"), True),
]


def deliver_all(stage):
    for _ in range(6):
        stage.now += HOUR
        stage.deliver()


def lapse(stage):
    """Mails that are being retried would be given up before: they are delivered first."""
    deliver_all(stage)
    stage.lapse(stage.booking.lapses_at)


@pytest.mark.parametrize("seed", range(40))
def test_mails_stay_in_order_and_the_last_one_is_true(make_stage, seed):
    chance = random.Random(seed)
    stage = make_stage(approval=chance.random() < 0.5, change_until=0, pending_minutes=600)
    stage.book(chance.choice(STARTS))
    for _ in range(chance.randrange(1, 12)):
        status = stage.booking.status
        acts = [partial(stage.deliver, failure, kept=kept) for failure, kept in OUTCOMES]
        if status in (BookingStatus.PENDING, BookingStatus.CONFIRMED):
            acts += [partial(stage.move, chance.choice(STARTS)) for _ in range(3)]
            acts += [stage.cancel] if chance.random() < 0.3 else []
        if status is BookingStatus.PENDING:
            acts += [stage.approve] * 2 + [stage.decline]
            acts += [partial(lapse, stage)]
        chance.choice(acts)()
    deliver_all(stage)

    booking = stage.booking
    for recipient in (GUEST, HOST):
        mails = stage.mails(recipient)
        entries = [each for each in mails if entry(each, "METHOD")]
        sequences = [int(entry(each, "SEQUENCE")) for each in entries]
        stamps = [entry(each, "DTSTAMP") for each in entries]
        methods = [entry(each, "METHOD") for each in entries]
        assert sequences == sorted(set(sequences))
        assert stamps == sorted(stamps)
        assert methods.count("CANCEL") == (1 if booking.has_ended and "REQUEST" in methods else 0)
        if methods and not booking.has_ended:
            assert entry(entries[-1], "DTSTART") == f"{booking.starts_at:%Y%m%dT%H%M%SZ}"
            assert entry(entries[-1], "STATUS") == STATUS_OF_ENTRY[booking.status]
        if recipient == HOST and booking.status is BookingStatus.DECLINED and not methods:
            continue  # the host declined, and has no entry to be taken away
        prefix = mails[-1]["Subject"].partition(":")[0]
        moved = BookingStatus.CONFIRMED if methods else BookingStatus.PENDING
        assert SAYS.get(prefix, moved) is booking.status
        when = times.short(booking.starts_at, ZONES[recipient], HourClock.H24)
        assert mails[-1]["Subject"].endswith(f" {when}")
