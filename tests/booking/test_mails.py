"""Letters about a booking say what was so when they were caused."""

import pytest

from booking import mails, queries
from booking.mails import Office, Role, Told
from core.db import transaction
from core.outbox import Message
from tests.factories import add_organization
from tests.factories_booking import add_booking, add_host, add_offer, at

NINE, HALF_PAST = at("2026-06-03 07:00"), at("2026-06-03 07:30")
MOVED_TO = at("2026-06-10 07:00")


@pytest.fixture
def booking(sqlite_session):
    with transaction():
        add_organization(sqlite_session)
        offer = add_offer(sqlite_session, add_host(sqlite_session), change_until=720)
        row = add_booking(sqlite_session, offer, MOVED_TO, guest_zone="Europe/Berlin")
        return queries.booking_of_row(row, offer)


def test_deadline_of_an_old_letter_is_that_of_the_start_it_tells(
    sqlite_session, sqlite_settings, booking
):
    told = Told(Role.GUEST, NINE, HALF_PAST)
    message = Message(kind="booking-confirmed", recipient="guest@example.org")

    letter = mails.letter(sqlite_session, Office.of(sqlite_settings), message, booking, told)

    until = [line for line in letter.text.splitlines() if line.startswith("Move or cancel it")]
    assert until == [
        "Move or cancel it here, until Tuesday 2 June 2026, 21:00 in Berlin (UTC+02:00):"
    ]
