"""What guests do with bookings, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from accounts.domain.actors import COMMAND_LINE
from booking.domain import booking_requests
from booking.domain.bookings import BookingStatus
from booking.domain.refusals import GuestLimit, Settled, SlotTaken, TooLate
from booking.models import BookingRow, IdempotencyKey
from booking.queries import availability
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.services import bookings, idempotency, writing
from core.audit import AuditEntry
from core.db.transaction import transaction
from core.messages.outbox import Message
from core.refusals import Invalid, NotFound
from scheduler.domain.interval import Interval
from tests.factories_booking import NOW, add_booking, add_host, add_offer, address, at, wanted

SECRET = "s" * 40
NINE = at("2026-06-03 07:00")  # 09:00 on a Wednesday in Berlin
HALF_PAST = at("2026-06-03 07:30")
TEN = at("2026-06-03 08:00")
AN_HOUR_ON = at("2026-06-01 07:00")
LATER = at("2026-06-02 20:00")  # eleven hours before NINE


@pytest.fixture
def offer(session):
    with transaction():
        return add_offer(session, add_host(session))


def make_offer(session, slug="host-b", **fields):
    with transaction():
        return add_offer(session, add_host(session, slug), **fields)


def book(session, offer, starts_at=NINE, now=NOW, key=None, **fields):
    with transaction():
        return bookings.book(
            session,
            address(session, offer),
            wanted(starts_at, **fields),
            now,
            domain="example.org",
            idempotency_key=key,
        )


def token_of(placed):
    return booking_queries.link_token(placed.booking, SECRET)


def move(session, placed, starts_at, now=NOW):
    with transaction():
        return bookings.reschedule(session, token_of(placed), starts_at, now, secret_key=SECRET)


def cancel(session, placed, now=NOW, **fields):
    with transaction():
        return bookings.cancel(session, token_of(placed), now, secret_key=SECRET, **fields)


def messages(session):
    return sorted(session.scalars(select(Message.key)))


def actions(session):
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_book_confirms_and_tells_both(session, offer):
    placed = book(session, offer)

    row = session.scalars(select(BookingRow)).one()
    assert (placed.status, placed.starts_at, placed.ends_at) == (
        BookingStatus.CONFIRMED,
        NINE,
        HALF_PAST,
    )
    assert (row.status, row.blocks, row.sequence, row.placed_at) == ("confirmed", True, 0, NOW)
    assert (f"{row.starts}", row.host_zone) == ("2026-06-03 09:00:00", "Europe/Berlin")
    assert row.uid.endswith("@example.org")
    assert messages(session) == [
        f"booking-confirmed:{row.ref}:0:guest",
        f"booking-confirmed:{row.ref}:0:host",
    ]
    assert actions(session) == ["booking made"]


def test_book_awaits_approval_where_the_offer_says_so(session):
    placed = book(session, make_offer(session, approval=True))

    assert (placed.status, placed.booking.is_open(NOW)) == (BookingStatus.PENDING, True)
    assert [key.split(":")[0] for key in messages(session)] == ["booking-pending"] * 2


def test_taken_start_is_refused_with_the_nearest_free_ones(session, offer):
    book(session, offer)

    with pytest.raises(SlotTaken) as refusal:
        book(session, offer, email="bob@example.org")

    assert refusal.value.alternatives == (
        HALF_PAST,
        TEN,
        at("2026-06-03 08:30"),
        at("2026-06-03 09:00"),
        at("2026-06-03 09:30"),
    )
    assert len(messages(session)) == 2


@pytest.mark.parametrize(
    "starts_at",
    [
        at("2026-06-03 07:10"),  # off the grid
        at("2026-06-03 15:00"),  # after hours
        at("2026-06-01 12:00"),  # within the notice
        at("2026-09-01 07:00"),  # beyond the horizon
        at("2031-09-01 07:00"),
    ],
)
def test_start_not_on_offer_is_refused_with_free_ones(session, offer, starts_at):
    with pytest.raises(SlotTaken) as refusal:
        book(session, offer, starts_at)

    assert len(refusal.value.alternatives) == 5


def test_paused_host_has_no_alternatives(session):
    with transaction():
        offer = add_offer(session, add_host(session, paused=True))

    with pytest.raises(SlotTaken) as refusal:
        book(session, offer)

    assert refusal.value.alternatives == ()


def test_guest_is_the_same_however_the_address_is_written():
    body = {"starts_at": NINE.isoformat(), "name": "Ann", "zone": "UTC"}

    assert booking_requests.parse({**body, "email": "Ann@Example.org"}).email == "ann@example.org"


def test_guest_limit_counts_open_bookings_of_one_address(session):
    offer = make_offer(session, per_guest_open=1)
    first = book(session, offer)

    with pytest.raises(GuestLimit):
        book(session, offer, TEN)
    book(session, offer, TEN, email="bob@example.org")
    cancel(session, first)

    assert book(session, offer, at("2026-06-03 09:00")).status == BookingStatus.CONFIRMED


def test_request_is_judged_by_the_offer(session):
    offer = make_offer(
        session,
        questions=[
            {"label": "Topic", "required": True},
            {"label": "Level", "kind": "choice", "choices": ["new", "old"]},
            {"label": "Page", "kind": "url"},
        ],
    )

    with pytest.raises(Invalid) as refusal:
        book(
            session,
            offer,
            at("2026-05-31 07:00"),
            minutes=60,
            name="Ann www.evil.test/x",
            answers={"Level": "middle", "Page": "javascript:x", "Shoe size": "41"},
        )

    assert refusal.value.errors == {
        "starts_at": "has passed: please choose another start",
        "minutes": "is not one of the lengths to choose from",
        "name": "must be a name, without web addresses",
        "answers": "there is no question 'Shoe size'",
        "answer-1": "needs an answer",
        "answer-2": "must be one of the choices",
        "answer-3": "must be a web address that begins with https:// or http://",
    }


@pytest.mark.parametrize(
    "name", ["Prof.Dr. J.R. Müller-Łuk", "O'Neil, St.John", "李 小龙", "prof.dr. Jan de Vries"]
)
def test_names_of_people_are_taken(session, offer, name):
    assert book(session, offer, name=name).booking.guest_name == name


@pytest.mark.parametrize(
    "name", ["http://x", "Ann evil.com", "WWW.EVIL.ORG", "a@evil.com", "evil.io/z"]
)
def test_names_with_addresses_are_refused(session, offer, name):
    with pytest.raises(Invalid):
        book(session, offer, name=name)


def test_members_office_hour_is_not_there_for_strangers(session):
    offer = make_offer(session, visibility="members")

    with pytest.raises(NotFound):
        book(session, offer)


def test_same_request_with_its_key_makes_no_second_booking(session, offer):
    first = book(session, offer, key="k")
    again = book(session, offer, key="k", now=at("2026-06-02 05:59"))

    assert (again.booking.id, again.status, again.starts_at) == (
        first.booking.id,
        BookingStatus.CONFIRMED,
        NINE,
    )
    assert len(messages(session)) == 2


def test_same_request_is_answered_as_it_was_after_a_move_and_a_cancellation(session):
    offer = make_offer(session, approval=True)
    first = book(session, offer, key="k")
    move(session, first, TEN)
    cancel(session, first)

    again = book(session, offer, key="k")

    assert (again.status, again.starts_at, again.ends_at) == (
        BookingStatus.PENDING,
        NINE,
        HALF_PAST,
    )
    assert again.booking.status == BookingStatus.CANCELLED


def test_another_request_with_the_same_key_is_refused(session, offer):
    book(session, offer, key="k")

    with pytest.raises(Invalid):
        book(session, offer, TEN, key="k")


def test_refused_request_is_not_remembered(session, offer):
    taken = book(session, offer)
    with pytest.raises(SlotTaken):
        book(session, offer, email="bob@example.org", key="k")
    cancel(session, taken)

    assert book(session, offer, email="bob@example.org", key="k").status == BookingStatus.CONFIRMED


@pytest.mark.parametrize("approval", [False, True])
def test_repeated_request_gets_its_first_answer_without_the_audit_log(session, approval):
    offer = make_offer(session, approval=approval)
    first = book(session, offer, key="k")
    move(session, first, TEN)
    with transaction():
        session.execute(delete(AuditEntry))
        row = session.scalars(select(BookingRow)).one()
        row.status, row.blocks = "cancelled", False

    again = book(session, offer, key="k")

    assert (again.status, again.starts_at, again.ends_at) == (first.status, NINE, HALF_PAST)
    assert (again.booking.id, again.booking.status) == (first.booking.id, BookingStatus.CANCELLED)
    assert session.scalars(select(func.count()).select_from(BookingRow)).one() == 1


def test_keys_are_deleted_after_a_day(session, offer):
    book(session, offer, key="old")
    book(session, offer, TEN, key="new", now=NOW + timedelta(minutes=1))

    with transaction():
        early = idempotency.delete_expired(session, NOW + timedelta(hours=23, minutes=59))
        deleted = idempotency.delete_expired(session, NOW + timedelta(hours=24))

    assert (early, deleted) == (0, 1)
    assert session.scalars(select(IdempotencyKey.key)).all() == ["new"]


def test_key_is_free_again_after_a_day(session, offer):
    book(session, offer, key="k")

    placed = book(session, offer, at("2026-06-05 07:00"), key="k", now=at("2026-06-02 06:00"))

    assert placed.starts_at == at("2026-06-05 07:00")


def test_keys_are_kept_per_office_hour(session, offer):
    book(session, offer, key="k")

    assert book(session, make_offer(session), TEN, key="k").starts_at == TEN


def test_move_keeps_length_and_raises_sequence(session, offer):
    placed = book(session, offer)

    moved = move(session, placed, TEN, now=AN_HOUR_ON)

    row = session.scalars(select(BookingRow)).one()
    assert (moved.starts_at, moved.duration, moved.sequence) == (TEN, placed.booking.duration, 1)
    assert (row.placed_at, row.revised_at, f"{row.starts}") == (
        AN_HOUR_ON,
        AN_HOUR_ON,
        "2026-06-03 10:00:00",
    )
    assert messages(session)[2:] == [
        f"booking-moved:{row.ref}:1:guest",
        f"booking-moved:{row.ref}:1:host",
    ]
    assert actions(session) == ["booking made", "booking moved"]


def test_move_does_not_count_the_booking_itself(session):
    offer = make_offer(session, minutes=[60], interval=30, per_day=1, per_guest_open=1)
    placed = book(session, offer)

    assert move(session, placed, HALF_PAST).starts_at == HALF_PAST


def test_move_to_its_own_start_changes_nothing(session, offer):
    placed = book(session, offer)

    assert move(session, placed, NINE).sequence == 0
    assert len(messages(session)) == 2


def test_move_to_a_taken_start_is_refused(session, offer):
    placed = book(session, offer)
    book(session, offer, TEN, email="bob@example.org")

    with pytest.raises(SlotTaken) as refusal:
        move(session, placed, TEN)

    assert NINE in refusal.value.alternatives
    assert session.scalars(select(BookingRow.starts_at).order_by(BookingRow.starts_at)).all() == [
        NINE,
        TEN,
    ]


def test_changes_after_the_deadline_are_too_late(session, offer):
    placed = book(session, offer)

    with pytest.raises(TooLate):
        move(session, placed, at("2026-06-08 07:00"), now=LATER)
    with pytest.raises(TooLate):
        cancel(session, placed, now=LATER)

    last = at("2026-06-02 19:00")
    assert cancel(session, placed, now=last).status == BookingStatus.CANCELLED


def test_booking_that_has_begun_cannot_be_changed_whatever_its_deadline(session):
    placed = book(session, make_offer(session, change_until=0))

    assert placed.booking.may_change(NINE - timedelta(seconds=1)) is True
    assert placed.booking.may_change(NINE) is False


def test_cancel_frees_the_start_at_once(session, offer):
    cancelled = cancel(session, book(session, offer), reason="ill")

    assert (cancelled.status, cancelled.reason, cancelled.sequence) == (
        BookingStatus.CANCELLED,
        "ill",
        1,
    )
    assert book(session, offer, email="bob@example.org").starts_at == NINE


def test_cancelling_twice_changes_nothing_even_late(session, offer):
    placed = book(session, offer)
    cancel(session, placed)

    assert cancel(session, placed, now=LATER).sequence == 1
    assert len(messages(session)) == 4
    assert actions(session) == ["booking made", "booking cancelled"]


def test_cancelled_booking_cannot_be_moved(session, offer):
    placed = book(session, offer)
    cancel(session, placed)

    with pytest.raises(Settled):
        move(session, placed, TEN)


def test_link_of_another_secret_or_generation_opens_nothing(session, offer):
    placed = book(session, offer)
    token = token_of(placed)
    other = booking_queries.link_token(placed.booking, "another" * 9)

    for wrong in (other, token[:-1] + "A" + "A", "", "x" * 48, placed.booking.id):
        with pytest.raises(NotFound), transaction():
            bookings.cancel(session, wrong, NOW, secret_key=SECRET)
    with transaction():
        session.scalars(select(BookingRow)).one().generation = 2
    with pytest.raises(NotFound):
        cancel(session, placed)


def test_inserted_booking_gets_the_defaults_of_columns_that_are_left_out(session, offer):
    host = host_queries.by_id(session, offer.host_id)
    start = Interval(NINE, HALF_PAST)
    values = {
        "ref": "r",
        "uid": "r@example.org",
        "host_id": host.id,
        "office_hours_id": offer.id,
        "status": BookingStatus.CONFIRMED,
        "blocks": True,
        "guest_name": "Guest",
        "guest_email": "guest@example.org",
        "guest_zone": "UTC",
        "created_at": NOW,
        "revised_at": NOW,
        **writing.placement(host, start, NOW),
    }

    with transaction():
        found = availability.for_one(session, host, offer, start, NOW)
        inserted = writing.insert(session, values, start, found)

    row = session.scalars(select(BookingRow)).one()
    columns = BookingRow.__table__.columns
    assert {each.name: getattr(row, each.name) for each in columns} == dict(inserted._mapping)
    assert (row.answers, row.sequence, row.generation, row.reason) == ({}, 0, 1, None)
    needed = {
        each.name
        for each in columns
        if not (each.nullable or each.default or each.server_default or each.primary_key)
    }
    assert needed | {"displaced_to", "absent_at"} == values.keys()  # a placement clears them


def test_overlap_that_only_the_database_sees_is_a_taken_slot(session, offer):
    """Whatever the code believes: a booking it did not read is refused by the last layer."""
    with transaction():
        other = add_booking(session, offer, NINE, status=BookingStatus.CANCELLED)
    book(session, offer)
    host = host_queries.by_id(session, offer.host_id)

    found = availability.for_one(session, host, offer, Interval(NINE, HALF_PAST), NOW)

    with transaction():
        row = session.get_one(BookingRow, other.id)
        row.status, row.blocks = "confirmed", True
        with pytest.raises(SlotTaken) as refusal:
            writing.update(session, row, found)
        session.rollback()

    assert HALF_PAST in refusal.value.alternatives


def test_move_onto_an_overlap_that_only_the_database_sees_is_a_taken_slot(session, offer):
    """Nothing before `writing.update` may write the row that was moved."""
    placed = book(session, offer)
    start = Interval(TEN, TEN + placed.booking.duration)
    host = host_queries.by_id(session, offer.host_id)
    found = availability.for_one(session, host, offer, start, NOW, placed.booking)
    with transaction():
        add_booking(session, offer, TEN)

    with transaction():
        _, _, row = writing.lock_booking(session, placed.booking.id)
        with pytest.raises(SlotTaken):
            writing.move(session, host, offer, row, start, found, NOW, actor=COMMAND_LINE)
        session.rollback()
