"""A host proposes other starts, and the guest chooses one, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.domain.actors import Actor
from booking.domain import proposals as domain
from booking.domain.bookings import BookingStatus
from booking.domain.refusals import ProposalOver, Settled, SlotTaken
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.queries import proposals as queries
from booking.services import host_bookings, proposals
from core.audit import AuditEntry
from core.db.transaction import transaction
from core.messages.outbox import Message
from core.refusals import Invalid, NotFound
from tests.conftest import SECRET_KEY
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at

NINE, TEN, ELEVEN = at("2026-06-04 07:00"), at("2026-06-04 08:00"), at("2026-06-05 09:00")
STRANGER = Actor.person(999, "stranger@example.org")
DAY = timedelta(hours=24)


@pytest.fixture
def offer(session):
    with transaction():
        return add_offer(session, add_host(session), approval=True)


@pytest.fixture
def owner(session, offer):
    host = host_queries.by_id(session, offer.host_id)
    return Actor.person(host.person_id, host.email)


def given(session, offer, status=BookingStatus.CONFIRMED, starts_at=NINE):
    with transaction():
        return add_booking(session, offer, starts_at, status=status).ref


def propose(session, ref, owner, *starts, now=NOW, reason=None):
    proposed = domain.parse({"starts": [each.isoformat() for each in starts], "reason": reason})
    with transaction():
        return proposals.propose(session, "host-a", ref, proposed, owner, now)


def choose(session, ref, starts_at, now=NOW):
    token = booking_queries.link_token(booking_queries.by_ref(session, ref), SECRET_KEY)
    with transaction():
        return proposals.choose(session, token, starts_at, now, secret_key=SECRET_KEY)


def open_for(session, ref, now=NOW):
    return queries.open_for(session, booking_queries.by_ref(session, ref), now)


def keys(session):
    return sorted(session.scalars(select(Message.key)))


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.CONFIRMED])
def test_guest_chooses_and_the_booking_is_confirmed_there(session, offer, owner, status):
    ref = given(session, offer, status)

    asked = propose(session, ref, owner, ELEVEN, TEN, reason="A meeting came up.")

    assert (asked.starts_at, asked.status) == (NINE, status)
    found = open_for(session, ref)
    assert (found.starts, found.reason) == ((TEN, ELEVEN), "A meeting came up.")
    assert keys(session) == [f"booking-proposed:{ref}:20260601T060000Z"]

    chosen = choose(session, ref, TEN)

    assert (chosen.starts_at, chosen.status) == (TEN, BookingStatus.CONFIRMED)
    assert choose(session, ref, TEN) == chosen
    assert open_for(session, ref) is None
    assert keys(session)[:2] == [f"booking-moved:{ref}:1:guest", f"booking-moved:{ref}:1:host"]
    entries = session.scalars(select(AuditEntry.action)).all()
    assert entries == ["other times proposed", "booking moved"]


def test_proposal_ends_after_a_day_or_at_the_notice_of_its_last_start(session, offer, owner):
    ref = given(session, offer)

    propose(session, ref, owner, TEN, ELEVEN)
    assert open_for(session, ref).expires_at == NOW + DAY
    propose(session, ref, owner, TEN, now=TEN - DAY - timedelta(hours=2))

    assert open_for(session, ref, TEN - DAY - timedelta(minutes=1)).expires_at == TEN - DAY
    assert open_for(session, ref, TEN - DAY) is None
    with pytest.raises(ProposalOver):
        choose(session, ref, TEN, now=TEN - DAY)


def test_newer_proposal_replaces_the_older_one(session, offer, owner):
    ref = given(session, offer)
    propose(session, ref, owner, TEN)

    propose(session, ref, owner, ELEVEN, now=NOW + timedelta(hours=1))

    assert open_for(session, ref, NOW + timedelta(hours=1)).starts == (ELEVEN,)
    with pytest.raises(Invalid) as refusal:
        choose(session, ref, TEN, now=NOW + timedelta(hours=1))
    assert refusal.value.errors == {"starts_at": "is not one of the proposed times"}


def test_booking_that_moved_or_ended_has_no_proposal(session, offer, owner):
    moved, ended = given(session, offer), given(session, offer, starts_at=at("2026-06-04 09:00"))
    for ref in (moved, ended):
        propose(session, ref, owner, TEN)

    with transaction():
        host_bookings.move(session, "host-a", moved, ELEVEN, owner, NOW)
        host_bookings.cancel(session, "host-a", ended, owner, NOW)

    for ref, left in ((moved, "you can move it"), (ended, "You can book another time.")):
        with pytest.raises(ProposalOver, match=left):
            choose(session, ref, TEN)


def test_booking_that_moved_away_and_back_has_no_proposal(session, offer, owner):
    ref = given(session, offer)
    propose(session, ref, owner, TEN)

    for start in (ELEVEN, NINE):
        with transaction():
            host_bookings.move(session, "host-a", ref, start, owner, NOW)

    assert open_for(session, ref) is None
    with pytest.raises(ProposalOver):
        choose(session, ref, TEN)


def test_start_that_was_taken_meanwhile_names_those_that_are_left(session, offer, owner):
    ref = given(session, offer)
    propose(session, ref, owner, TEN, ELEVEN)
    given(session, offer, starts_at=TEN)

    with pytest.raises(SlotTaken) as refusal:
        choose(session, ref, TEN)

    assert refusal.value.alternatives == (ELEVEN,)
    assert open_for(session, ref).starts == (TEN, ELEVEN)


def test_what_cannot_be_proposed_is_refused_in_words(session, offer, owner):
    ref = given(session, offer)
    given(session, offer, starts_at=TEN)

    with pytest.raises(SlotTaken):
        propose(session, ref, owner, TEN)
    for starts, words in (
        ([], "must have at least one item"),
        ([NINE, ELEVEN], "has the time of the booking itself: choose other times"),
        ([NOW + DAY], "begin too soon to be answered: choose a later time"),
    ):
        with pytest.raises(Invalid) as refusal:
            propose(session, ref, owner, *starts)
        assert refusal.value.errors == {"starts": words}
    with pytest.raises(NotFound):
        propose(session, ref, STRANGER, ELEVEN)
    with transaction():
        host_bookings.cancel(session, "host-a", ref, owner, NOW)
    with pytest.raises(Settled):
        propose(session, ref, owner, ELEVEN)


def test_guest_may_choose_after_the_deadline_of_moving(session, offer, owner):
    ref = given(session, offer)
    late = NINE - timedelta(hours=1)
    propose(session, ref, owner, at("2026-06-10 08:00"), now=late)

    assert choose(session, ref, at("2026-06-10 08:00"), now=late).starts_at.day == 10


def test_proposal_that_is_over_late_says_that_the_host_can_be_told(session, offer, owner):
    ref = given(session, offer)
    late = NINE - timedelta(minutes=30)

    with pytest.raises(ProposalOver, match="you can tell the host by its link"):
        choose(session, ref, ELEVEN, now=late)


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (BookingStatus.CONFIRMED, NINE + timedelta(minutes=30)),
        (BookingStatus.PENDING, NINE - timedelta(hours=1)),
    ],
)
def test_proposal_ends_with_the_booking(session, offer, owner, status, end):
    """A request lapses an hour before its start; a mail must not promise more time."""
    ref = given(session, offer, status)
    late = end - timedelta(minutes=10)

    propose(session, ref, owner, at("2026-06-10 08:00"), now=late)

    assert open_for(session, ref, late).expires_at == end


def test_nothing_is_proposed_to_a_guest_who_has_not_confirmed(session, offer, owner):
    """Choosing would confirm the booking, and so go around the link in the mail."""
    ref = given(session, offer, BookingStatus.HELD)

    with pytest.raises(Settled, match="has not confirmed this booking yet"):
        propose(session, ref, owner, TEN)

    with pytest.raises(ProposalOver):
        choose(session, ref, TEN)
    assert booking_queries.by_ref(session, ref).status is BookingStatus.HELD
