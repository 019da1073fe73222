"""The last layer: the database itself refuses bookings of one host that block and overlap."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from booking.domain.bookings import BookingStatus
from booking.models import BookingRow
from booking.queries import hosts as host_queries
from booking.services.writing import NO_OVERLAP
from core.db.transaction import transaction
from tests.factories_booking import add_booking, add_host, add_offer, at

NINE = at("2026-06-03 07:00")
HALF_HOUR = timedelta(minutes=30)
INSTANT = timedelta.resolution


@pytest.fixture
def offer(session):
    with transaction():
        return add_offer(session, add_host(session))


def add(session, offer, starts_at, **fields):
    with transaction():
        return add_booking(session, offer, starts_at, **fields).id


def change(session, row_id, **values):
    with transaction():
        session.execute(update(BookingRow).where(BookingRow.id == row_id).values(**values))


@pytest.mark.parametrize(
    ("starts_at", "minutes"),
    [(NINE, 30), (NINE + INSTANT, 30), (NINE - HALF_HOUR + INSTANT, 30), (NINE - HALF_HOUR, 90)],
)
def test_overlapping_booking_is_refused(session, offer, starts_at, minutes):
    add(session, offer, NINE)

    with pytest.raises(IntegrityError, match=NO_OVERLAP):
        add(session, offer, starts_at, minutes=minutes)


def test_touching_bookings_stand(session, offer):
    for number in range(-1, 2):
        add(session, offer, NINE + number * HALF_HOUR)

    assert len(session.scalars(select(BookingRow.id)).all()) == 3


def test_bookings_that_do_not_block_overlap(session, offer):
    add(session, offer, NINE)
    for status in (
        BookingStatus.CANCELLED,
        BookingStatus.DECLINED,
        BookingStatus.DONE,
        BookingStatus.NO_SHOW,
    ):
        add(session, offer, NINE, status=status)

    assert len(session.scalars(select(BookingRow.id)).all()) == 5


def test_bookings_of_two_hosts_overlap(session, offer):
    add(session, offer, NINE)
    with transaction():
        other = add_offer(session, add_host(session, "host-b"))

    assert add(session, other, NINE)


def test_bookings_of_two_office_hours_do_not_overlap(session, offer):
    add(session, offer, NINE)
    with transaction():
        other = add_offer(session, host_queries.by_slug(session, "host-a"), "other")

    with pytest.raises(IntegrityError, match=NO_OVERLAP):
        add(session, other, NINE)


def test_move_and_revival_into_an_overlap_are_refused(session, offer):
    add(session, offer, NINE)
    later = add(session, offer, NINE + HALF_HOUR)
    cancelled = add(session, offer, NINE, status=BookingStatus.CANCELLED)

    with pytest.raises(IntegrityError, match=NO_OVERLAP):
        change(session, later, starts_at=NINE + INSTANT)
    with pytest.raises(IntegrityError, match=NO_OVERLAP):
        change(session, cancelled, status="confirmed", blocks=True)


def test_booking_may_move_over_its_own_time(session, offer):
    row_id = add(session, offer, NINE)

    change(session, row_id, starts_at=NINE + INSTANT, ends_at=NINE + HALF_HOUR + INSTANT)

    assert session.scalars(select(BookingRow.starts_at)).one() == NINE + INSTANT


@pytest.mark.parametrize(("status", "blocks"), [("confirmed", False), ("cancelled", True)])
def test_what_blocks_follows_the_status(session, offer, status, blocks):
    row_id = add(session, offer, NINE, status=BookingStatus.PENDING)

    with pytest.raises(IntegrityError, match="ck_bookings_blocks"):
        change(session, row_id, status=status, blocks=blocks)
