"""A booking that was approved is moved by its guest: what pages and API say before and after."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import BookingRow
from booking.queries import bookings as booking_queries
from core.config import Settings
from core.db.base import db
from core.db.transaction import transaction
from tests import pages
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at

START = at("2026-06-03 08:00")
OTHER = "2026-06-04T08:00:00Z"
GIVEN_UP = (
    "Host A approves each new time. If you move, Wed 3 Jun 2026, 09:00 in Lagos is given up at "
    "once, and others can book it."
)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def link(app: Flask, settings: Settings, **fields: object) -> str:
    with app.app_context(), transaction() as session:
        offer = add_offer(session, add_host(session), notice=0, **fields)
        found = booking_queries.by_ref(session, add_booking(session, offer, START).ref)
        assert found is not None
        return booking_queries.link_token(found, settings.secret_key)


def test_page_says_that_the_time_is_given_up_and_then_that_the_host_was_asked(
    app: Flask, client: FlaskClient, settings: Settings
) -> None:
    token = link(app, settings, approval=True)
    page = client.get(f"/bookings/{token}/")
    assert GIVEN_UP in pages.text(page)

    moved = pages.submit(client, page, {"starts_at": OTHER}, action="/move")

    words = pages.text(client.get(moved.location))
    assert "Moved. Host A has been asked about the new time, and you will get a mail" in words
    assert "calendar entry" not in words
    assert (
        "Without an answer until Thu 4 Jun 2026, 08:00 in Lagos the request ends, and you get a "
        "mail."
    ) in words
    assert GIVEN_UP not in words
    with app.app_context():
        row = db.session().scalars(select(BookingRow)).one()
        assert (row.status, row.blocks) == ("pending", True)


@pytest.mark.parametrize(
    ("offer", "status"),
    [
        ({"approval": True}, "pending"),
        ({"approval": True, "approval_on_move": False}, "confirmed"),
        ({}, "confirmed"),
    ],
)
def test_api_moves_and_says_whether_it_is_confirmed(
    app: Flask, client: FlaskClient, settings: Settings, offer: dict[str, bool], status: str
) -> None:
    token = link(app, settings, **offer)
    assert (GIVEN_UP in pages.text(client.get(f"/bookings/{token}/"))) is (status == "pending")

    moved = client.post(f"/api/v1/bookings/{token}/reschedule", json={"starts_at": OTHER})

    assert (moved.status_code, moved.get_json()["status"]) == (200, status)
    slots = "/api/v1/hosts/host-a/office-hours/career-chat/slots?from=2026-06-03&to=2026-06-03"
    free = client.get(slots).get_json()["slots"]
    assert {"starts_at": "2026-06-03T08:00:00Z", "ends_at": "2026-06-03T08:30:00Z"} in free


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (NOW, "You can move or cancel until Tuesday 2 June 2026, 20:00 in UTC."),
        (
            START - timedelta(hours=11),
            "This start is so near that you can no longer move or cancel it once it is booked. You "
            "can still tell Host A if you cannot come.",
        ),
    ],
)
def test_form_says_until_when_the_booking_can_be_changed(
    app: Flask, client: FlaskClient, now: object, words: str
) -> None:
    with app.app_context(), transaction() as session:
        add_offer(session, add_host(session), notice=0)

    with time_machine.travel(now, tick=False):
        page = client.get(
            "/office-hours/host-a/career-chat/?zone=UTC&starts_at=2026-06-03T08:00:00Z"
        )

    assert words in pages.text(page)
