"""Reminders of bookings: derived at each tick, queued once, withdrawn when no longer true."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from accounts.domain.actors import Actor
from booking import jobs, mails
from booking.domain.bookings import BookingStatus
from booking.queries import bookings as booking_queries
from booking.services import bookings, host_bookings
from core.db.base import db
from core.db.transaction import transaction
from core.messages import outbox
from core.messages.mail import MailSettings
from core.messages.outbox import Message
from tests.factories import add_organization
from tests.factories_booking import MADE_AT, add_booking, add_host, add_offer, at

NINE = at("2026-06-03 07:00")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TO_GUEST = """\
This is to remind you of your booking.

What: Career chat with Host A
When: Wednesday 3 June 2026, 08:00 to 08:30 in Lagos (UTC+01:00)
      Wednesday 3 June 2026, 09:00 to 09:30 in Berlin (UTC+02:00)
Where: https://meet.example.org/host-a

Move or cancel it here, until Tuesday 2 June 2026, 20:00 in Lagos (UTC+01:00):
LINK

ML Collective sent this mail because you booked office hours there.
"""


@pytest.fixture
def offer(session):
    with transaction():
        add_organization(session)
        return add_offer(session, add_host(session))


def make(session, offer, starts_at=NINE, **fields):
    with transaction():
        return add_booking(session, offer, starts_at, **fields).ref


def tick(now):
    with transaction() as session:
        return jobs.enqueue_due(session, now)


def keys(session):
    return list(session.scalars(select(Message.key).order_by(Message.id)))


def composed(session, settings, now):
    compose = mails.composers(MailSettings.of(settings))["booking-reminder"]
    with transaction():
        queued = session.scalars(select(Message).order_by(Message.id)).all()
        return [compose(session, message, now) for message in queued]


def test_both_are_reminded_a_day_and_an_hour_before(session, offer):
    ref = make(session, offer)

    counts = [tick(NINE - before) for before in (DAY + MINUTE, DAY, DAY, HOUR, HOUR, MINUTE)]

    assert counts == [0, 2, 0, 2, 0, 0]
    assert keys(session) == [
        f"reminder:booking:{ref}:20260603T070000Z:1440:guest",
        f"reminder:booking:{ref}:20260603T070000Z:1440:host",
        f"reminder:booking:{ref}:20260603T070000Z:60:guest",
        f"reminder:booking:{ref}:20260603T070000Z:60:host",
    ]
    rows = session.scalars(select(Message).order_by(Message.id)).all()
    assert [(row.recipient, row.reminder) for row in rows[:2]] == [
        ("guest@example.org", True),
        ("host-a@example.org", True),
    ]
    assert [(row.due_at, row.useful_until) for row in rows[::2]] == [
        (NINE - DAY, NINE - 2 * HOUR),
        (NINE - HOUR, NINE - 5 * MINUTE),
    ]


def test_after_an_outage_the_latest_useful_one_goes_out_alone(session, offer):
    ref = make(session, offer)

    assert tick(NINE - 30 * MINUTE) == 2
    assert keys(session)[0] == f"reminder:booking:{ref}:20260603T070000Z:60:guest"


def test_a_lead_that_had_passed_when_it_was_booked_is_not_sent(session, offer):
    make(session, offer, placed_at=NINE - 3 * HOUR)

    assert [tick(NINE - 150 * MINUTE), tick(NINE - HOUR)] == [0, 2]


def test_late_approval_sends_no_reminder_whose_time_had_passed(session):
    with transaction():
        host = add_host(session)
        offer = add_offer(session, host, approval=True)
        ref = add_booking(session, offer, NINE, status=BookingStatus.PENDING).ref
        actor = Actor.person(host.person_id, host.email)
        host_bookings.approve(session, "host-a", ref, actor, NINE - 16 * HOUR)
    confirmed = [f"booking-confirmed:{ref}:0:{role}" for role in ("guest", "host")]

    assert tick(NINE - 16 * HOUR) == 0
    assert sorted(keys(session)) == confirmed
    assert [tick(NINE - before) for before in (3 * HOUR, HOUR)] == [0, 2]
    assert keys(session)[2:] == [
        f"reminder:booking:{ref}:20260603T070000Z:60:{role}" for role in ("guest", "host")
    ]


@pytest.mark.parametrize(
    "status", [each for each in BookingStatus if each is not BookingStatus.CONFIRMED]
)
def test_only_confirmed_bookings_are_reminded_of(session, offer, status):
    make(session, offer, status=status)

    assert tick(NINE - HOUR) == 0


def test_reminder_says_all_that_is_needed(session, settings, offer):
    ref = make(session, offer)
    tick(NINE - DAY)

    to_guest, to_host = composed(session, settings, NINE - DAY)

    booking = booking_queries.by_ref(session, ref)
    link = settings.base_url + booking_queries.mailed_path(booking, settings.secret_key)
    assert to_guest.text == TO_GUEST.replace("LINK", link)
    assert to_guest.subject == "Career chat with Host A, Wed 3 Jun 2026, 08:00 (Lagos)"
    assert to_host.subject == "Career chat with Guest, Wed 3 Jun 2026, 09:00 (Berlin)"
    assert to_guest.calendar is None


def test_reminder_of_a_cancelled_booking_is_withdrawn(session, settings, offer):
    make(session, offer)
    tick(NINE - DAY)
    with transaction():
        booking = booking_queries.by_ref(session, keys(session)[0].split(":")[2])
        token = booking_queries.link_token(booking, settings.secret_key)
        bookings.cancel(session, token, NINE - DAY, secret_key=settings.secret_key)
    with transaction():
        session.query(Message).filter(Message.kind != "booking-reminder").delete()

    assert composed(session, settings, NINE - DAY) == [None, None]


def test_moved_booking_gets_new_reminders_and_the_old_are_withdrawn(session, settings, offer):
    ref = make(session, offer)
    tick(NINE - DAY)
    later = NINE + 2 * DAY
    with transaction():
        booking = booking_queries.by_ref(session, ref)
        token = booking_queries.link_token(booking, settings.secret_key)
        bookings.reschedule(session, token, later, NINE - DAY, secret_key=settings.secret_key)
    with transaction():
        session.query(Message).filter(Message.kind != "booking-reminder").delete()

    assert [tick(NINE - DAY), tick(later - DAY)] == [0, 2]
    assert [letter is None for letter in composed(session, settings, later - DAY)] == [
        True,
        True,
        False,
        False,
    ]


def test_tick_reads_three_times_however_many_bookings(session, offer):
    for number in range(30):
        make(session, offer, NINE + number * 30 * MINUTE, placed_at=MADE_AT)
    tick(NINE + 14 * HOUR - DAY)
    read = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        read.append(statement.split()[0])

    tick(NINE + 14 * HOUR - DAY)
    event.remove(db.engine, "before_cursor_execute", count)

    assert read.count("SELECT") == 3  # bookings, requests, what is queued
    assert read.count("INSERT") == 0


def test_keys_are_those_of_the_outbox():
    assert outbox.key("reminder", "booking", "r", NINE, 60, "guest") == (
        "reminder:booking:r:20260603T070000Z:60:guest"
    )
