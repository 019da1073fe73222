"""What hosts do with bookings, on both databases."""

import pytest
from sqlalchemy import select

from accounts.domain.actors import Actor
from booking.domain.bookings import BookingStatus
from booking.domain.refusals import Settled, SlotTaken, TooLate
from booking.queries import hosts as host_queries
from booking.services import host_bookings
from core.audit import AuditEntry
from core.db.transaction import transaction
from core.messages.outbox import Message
from core.refusals import Invalid, NotFound
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at

NINE, TEN = at("2026-06-03 07:00"), at("2026-06-03 08:00")
DURING = at("2026-06-03 07:10")
AFTER = at("2026-06-03 07:30")
STRANGER = Actor.person(999, "stranger@example.org")
ADMIN = Actor.person(998, "admin@example.org", is_admin=True)


@pytest.fixture
def offer(session):
    with transaction():
        return add_offer(session, add_host(session), approval=True, pending_blocks=False)


@pytest.fixture
def owner(session, offer):
    host = host_queries.by_id(session, offer.host_id)
    return Actor.person(host.person_id, host.email)


def given(session, offer, status=BookingStatus.PENDING, **fields):
    with transaction():
        return add_booking(session, offer, NINE, status=status, **fields).ref


def do(session, verb, *arguments, **fields):
    with transaction():
        return verb(session, "host-a", *arguments, **fields)


def kinds(session):
    return sorted(message.key for message in session.scalars(select(Message)))


def test_approve_confirms_and_invites(session, offer, owner):
    ref = given(session, offer)

    approved = do(session, host_bookings.approve, ref, owner, NOW)
    again = do(session, host_bookings.approve, ref, owner, NOW)

    assert (approved.status, again) == (BookingStatus.CONFIRMED, approved)
    assert kinds(session) == [f"booking-confirmed:{ref}:0:guest", f"booking-confirmed:{ref}:0:host"]
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.actor, entry.action) == ("host-a@example.org", "booking approved")


def test_approve_is_refused_where_another_lies_by_now(session, offer, owner):
    ref = given(session, offer)
    given(session, offer, BookingStatus.CONFIRMED)

    with pytest.raises(SlotTaken):
        do(session, host_bookings.approve, ref, owner, NOW)


def test_approve_heeds_nothing_but_overlap(session, offer, owner):
    ref = given(session, offer)

    late = at("2026-06-03 06:59")  # within the notice

    assert do(session, host_bookings.approve, ref, owner, late).status == BookingStatus.CONFIRMED


def test_decline_tells_both(session, offer, owner):
    ref = given(session, offer)

    declined = do(session, host_bookings.decline, ref, owner, NOW, reason="full")
    do(session, host_bookings.decline, ref, owner, NOW)

    assert (declined.status, declined.reason) == (BookingStatus.DECLINED, "full")
    assert kinds(session) == [f"booking-declined:{ref}:1:guest", f"booking-declined:{ref}:1:host"]


def test_confirmed_booking_is_cancelled_not_declined(session, offer, owner):
    ref = given(session, offer, BookingStatus.CONFIRMED)

    with pytest.raises(Settled):
        do(session, host_bookings.decline, ref, owner, NOW)

    assert do(session, host_bookings.cancel, ref, owner, DURING).status == BookingStatus.CANCELLED
    assert do(session, host_bookings.cancel, ref, owner, DURING).sequence == 1
    assert kinds(session) == [f"booking-cancelled:{ref}:1:guest", f"booking-cancelled:{ref}:1:host"]
    with pytest.raises(Settled):
        do(session, host_bookings.approve, ref, owner, NOW)


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.CONFIRMED])
def test_host_moves_a_booking_where_no_other_one_lies(session, offer, owner, status):
    ref = given(session, offer, status)
    night = at("2026-06-07 23:10")  # outside of the hours, and off the grid

    moved = do(session, host_bookings.move, ref, night, owner, NOW)
    do(session, host_bookings.move, ref, night, owner, NOW)

    assert (moved.starts_at, moved.duration.seconds // 60, moved.status) == (night, 30, status)
    assert kinds(session) == [f"booking-moved:{ref}:1:guest", f"booking-moved:{ref}:1:host"]
    payloads = session.scalars(select(Message.payload)).all()
    assert [payload["by_guest"] for payload in payloads] == [False, False]


def test_move_of_a_host_is_refused_onto_another_booking_and_into_the_past(session, offer, owner):
    ref = given(session, offer, BookingStatus.CONFIRMED)
    with transaction():
        add_booking(session, offer, TEN)

    with pytest.raises(SlotTaken):
        do(session, host_bookings.move, ref, TEN, owner, NOW)
    with pytest.raises(Invalid) as refusal:
        do(session, host_bookings.move, ref, NOW, owner, NOW)
    assert refusal.value.errors == {"starts_at": "has passed: please choose another start"}
    with pytest.raises(TooLate):
        do(session, host_bookings.move, ref, TEN, owner, AFTER)
    with pytest.raises(NotFound):
        do(session, host_bookings.move, ref, TEN, STRANGER, NOW)
    assert kinds(session) == []


def test_link_in_the_hosts_mail_answers_its_request_and_nothing_else(session, offer, owner):
    ref, other = given(session, offer), given(session, offer)
    link = Actor.link("host", f"request:{ref}")

    for verb in (host_bookings.approve, host_bookings.decline):
        with pytest.raises(NotFound):
            do(session, verb, other, link, NOW)
    with pytest.raises(NotFound):
        do(session, host_bookings.cancel, ref, link, NOW)
    with pytest.raises(NotFound):
        do(session, host_bookings.move, ref, TEN, link, NOW)

    assert do(session, host_bookings.approve, ref, link, NOW).status == BookingStatus.CONFIRMED


def test_past_booking_cannot_be_cancelled_or_approved(session, offer, owner):
    ref = given(session, offer)

    for verb in (host_bookings.cancel, host_bookings.approve, host_bookings.decline):
        with pytest.raises(TooLate):
            do(session, verb, ref, owner, AFTER)


def test_mark_notes_what_came_of_a_booking(session, offer, owner):
    ref = given(session, offer, BookingStatus.CONFIRMED)

    with pytest.raises(Settled):
        do(session, host_bookings.mark, ref, BookingStatus.DONE, owner, NOW)
    done = do(session, host_bookings.mark, ref, BookingStatus.DONE, owner, AFTER)
    corrected = do(session, host_bookings.mark, ref, BookingStatus.NO_SHOW, owner, AFTER)

    assert (done.status, corrected.status) == (BookingStatus.DONE, BookingStatus.NO_SHOW)
    assert (corrected.sequence, kinds(session)) == (0, [])


def test_mark_needs_a_booking_that_was_to_be(session, offer, owner):
    ref = given(session, offer, BookingStatus.CANCELLED)

    with pytest.raises(Settled):
        do(session, host_bookings.mark, ref, BookingStatus.DONE, owner, AFTER)


def test_bookings_of_others_are_not_there(session, offer, owner):
    ref = given(session, offer)
    with transaction():
        add_host(session, "host-b")

    for actor in (STRANGER,):
        with pytest.raises(NotFound):
            do(session, host_bookings.approve, ref, actor, NOW)
    with pytest.raises(NotFound), transaction():
        host_bookings.approve(session, "host-b", ref, ADMIN, NOW)
    with pytest.raises(NotFound):
        do(session, host_bookings.approve, "0" * 16, owner, NOW)
    assert do(session, host_bookings.approve, ref, ADMIN, NOW).status == BookingStatus.CONFIRMED
