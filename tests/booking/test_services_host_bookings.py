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
from core.refusals import NotFound
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at

NINE = at("2026-06-03 07:00")
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


def test_decline_tells_the_guest_alone(session, offer, owner):
    ref = given(session, offer)

    declined = do(session, host_bookings.decline, ref, owner, NOW, reason="full")
    do(session, host_bookings.decline, ref, owner, NOW)

    assert (declined.status, declined.reason) == (BookingStatus.DECLINED, "full")
    assert kinds(session) == [f"booking-declined:{ref}:1:guest"]


def test_confirmed_booking_is_cancelled_not_declined(session, offer, owner):
    ref = given(session, offer, BookingStatus.CONFIRMED)

    with pytest.raises(Settled):
        do(session, host_bookings.decline, ref, owner, NOW)

    assert do(session, host_bookings.cancel, ref, owner, DURING).status == BookingStatus.CANCELLED
    assert do(session, host_bookings.cancel, ref, owner, DURING).sequence == 1
    assert kinds(session) == [f"booking-cancelled:{ref}:1:guest", f"booking-cancelled:{ref}:1:host"]
    with pytest.raises(Settled):
        do(session, host_bookings.approve, ref, owner, NOW)


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
