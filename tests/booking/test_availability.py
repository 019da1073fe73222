"""What decides on the starts of an office hour, read from the rows of bookings and of series."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from booking.domain import slots
from booking.domain.bookings import BookingStatus
from booking.queries import availability
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from core.db.transaction import transaction
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period
from scheduler.models import SpeakerRow, series_organizers
from tests.factories import add_event, add_series, add_talk
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at
from tests.statements import statements

NINE = at("2026-06-03 07:00")  # a Wednesday
HALF_HOUR = timedelta(minutes=30)
WEDNESDAY = Interval(at("2026-06-03 00:00"), at("2026-06-04 00:00"))
MONTH = Interval(at("2026-06-01 00:00"), at("2026-07-01 00:00"))
MORNINGS = Period(datetime(2020, 1, 1, 9, 0), 60, "FREQ=DAILY")


@pytest.fixture
def offer(session):
    with transaction():
        return add_offer(session, add_host(session))


def read(session, offer, within=WEDNESDAY, moving=None):
    session.rollback()
    host = host_queries.by_id(session, offer.host_id)
    return availability.for_one(session, host, offer, within, NOW, moving)


def starts(session, offer, within=WEDNESDAY):
    return [f"{each:%H:%M}" for each in slots.open_starts(read(session, offer, within), within)]


def organise(session, offer, **fields):
    host = host_queries.by_id(session, offer.host_id)
    series = add_series(session, zone="Europe/Berlin", **fields)
    session.execute(insert(series_organizers).values(series_id=series.id, person_id=host.person_id))
    return series


def speak(session, event, email="host-a@example.org"):
    talk = add_talk(session, event, title="A talk", position=7)
    session.add(SpeakerRow(talk_id=talk.id, position=0, name="Host A", email=email))


def test_long_buffer_of_another_office_hour_reaches_far(session, offer):
    with transaction():
        host = host_queries.by_id(session, offer.host_id)
        other = add_offer(session, host, "other", buffer_before=240, buffer_after=120)
        add_booking(session, other, at("2026-06-03 11:30"))
    start = Interval(NINE + HALF_HOUR, NINE + 2 * HALF_HOUR)

    assert not slots.is_open(read(session, offer, start), start.start)
    assert starts(session, offer)[:2] == ["07:00", "14:00"]


@pytest.mark.parametrize("count", [1, 200])
def test_situation_costs_one_statement_however_many_bookings(app, session, offer, count):
    with transaction():
        for number in range(count):
            add_booking(session, offer, NINE + number * HALF_HOUR)
    host = host_queries.by_id(session, offer.host_id)
    session.rollback()

    with statements(app) as sent:
        found = availability.for_one(session, host, offer, MONTH, NOW)

    assert (len(sent), len(found.bookings)) == (1, count)


def test_bookings_of_every_office_hour_come_with_their_own_buffers(session, offer):
    with transaction():
        host = host_queries.by_id(session, offer.host_id)
        other = add_offer(session, host, "other", buffer_after=10, pending_blocks=False)
        add_booking(session, other, NINE)
        add_booking(session, other, NINE + 2 * HALF_HOUR, status=BookingStatus.PENDING)
        add_booking(session, offer, NINE + 4 * HALF_HOUR, status=BookingStatus.CANCELLED)

    found = read(session, offer)

    by_start = sorted(found.bookings, key=lambda each: each.interval)
    assert [(each.office_hours, each.status, each.blocks) for each in by_start] == [
        ("other", BookingStatus.CONFIRMED, True),
        ("other", BookingStatus.PENDING, False),
    ]
    assert {each.buffer_after for each in found.bookings} == {timedelta(minutes=10)}
    assert starts(session, offer)[:3] == ["08:00", "08:30", "09:00"]


def test_booking_that_is_moved_is_not_there(session, offer):
    with transaction():
        ref = add_booking(session, offer, NINE).ref
    booking = booking_queries.by_ref(session, ref)

    assert len(read(session, offer).bookings) == 1
    assert read(session, offer, moving=booking).bookings == []


def test_events_without_a_row_keep_their_organiser_busy(session, offer):
    with transaction():
        organise(session, offer, kind="service", timetable=(MORNINGS,))

    assert starts(session, offer)[0] == "08:00"


def test_open_slots_keep_nobody_busy(session, offer):
    with transaction():
        organise(session, offer, timetable=(MORNINGS,))

    assert starts(session, offer)[0] == "07:00"


@pytest.mark.parametrize(("status", "first"), [("tentative", "08:00"), ("cancelled", "07:00")])
def test_talks_keep_their_organiser_busy_unless_cancelled(session, offer, status, first):
    with transaction():
        series = organise(session, offer, timetable=(MORNINGS,))
        add_event(session, series, "2026-06-03", title="A talk", status=status)

    assert starts(session, offer)[0] == first


@pytest.mark.parametrize(
    ("email", "status", "first"),
    [
        ("host-a@example.org", "scheduled", "08:00"),
        ("host-a@example.org", "cancelled", "07:00"),
        ("somebody@example.org", "scheduled", "07:00"),
    ],
)
def test_talks_keep_their_speaker_busy(session, offer, email, status, first):
    with transaction():
        series = add_series(session, zone="Europe/Berlin", timetable=(MORNINGS,))
        speak(session, add_event(session, series, "2026-06-03", status=status), email)

    assert starts(session, offer)[0] == first


def test_all_day_events_keep_their_organiser_busy(session, offer):
    with transaction():
        series = organise(session, offer, kind="social", timetable=())
        add_event(
            session, series, "2026-06-02", extra=True, starts=datetime(2026, 6, 2),
            all_day=True, days=2,
        )  # fmt: skip

    assert starts(session, offer) == []


def test_limits_count_bookings_far_from_the_wanted_start(session):
    with transaction():
        offer = add_offer(session, add_host(session, per_week=1))
        add_booking(session, offer, at("2026-06-05 07:00"))

    assert starts(session, offer) == []


def test_long_booking_that_began_before_the_window_keeps_others_out(session, offer):
    with transaction():
        host = host_queries.by_id(session, offer.host_id)
        other = add_offer(session, host, "workshop", minutes=[480])
        add_booking(session, other, NINE, minutes=480)
    last = Interval(NINE + 15 * HALF_HOUR, NINE + 16 * HALF_HOUR)

    assert not slots.is_open(read(session, offer, last), last.start)


@pytest.mark.parametrize(
    ("buffers", "booked_at", "start_at"),
    [
        ({"buffer_after": 240}, "2026-06-03 07:00", "2026-06-03 11:00"),
        ({"buffer_before": 240}, "2026-06-03 12:00", "2026-06-03 08:00"),
    ],
)
def test_each_buffer_of_another_office_hour_reaches_far(
    session, offer, buffers, booked_at, start_at
):
    with transaction():
        host = host_queries.by_id(session, offer.host_id)
        other = add_offer(session, host, "other", **buffers)
        add_booking(session, other, at(booked_at))
    start = Interval(at(start_at), at(start_at) + HALF_HOUR)

    assert not slots.is_open(read(session, offer, start), start.start)
