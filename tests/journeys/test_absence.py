"""A guest who cannot come, too late to cancel: told to the host by page and by API."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import jobs
from booking.domain.bookings import BookingStatus
from booking.models import BookingRow
from booking.queries import bookings as booking_queries
from core.config import Settings
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from tests import pages
from tests.factories_booking import add_booking, add_host, add_offer, at

START = at("2026-06-03 08:00")
EARLY, LATE = "2026-06-02 19:59", "2026-06-02 20:01"  # change_until is 20:00
DURING, OVER = "2026-06-03 08:10", "2026-06-03 08:30"


@pytest.fixture
def token(app: Flask, settings: Settings) -> str:
    with app.app_context(), transaction() as session:
        row = add_booking(session, add_offer(session, add_host(session)), START)
        found = booking_queries.by_ref(session, row.ref)
        assert found is not None
        return booking_queries.link_token(found, settings.secret_key)


@pytest.fixture
def late() -> Iterator[None]:
    with time_machine.travel(at(LATE), tick=False):
        yield


def stored(app: Flask) -> BookingRow:
    with app.app_context():
        return db.session().scalars(select(BookingRow)).one()


def messages(app: Flask) -> list[tuple[str, str, object]]:
    with app.app_context():
        found = db.session().scalars(select(Message).order_by(Message.id))
        return [(each.kind, each.recipient, each.payload["reason"]) for each in found]


def test_guest_tells_by_the_page_that_they_cannot_come(
    app: Flask, client: FlaskClient, token: str, late: None
) -> None:
    page = client.get(f"/bookings/{token}/absent")
    words = pages.text(page)
    assert "Tell Host A I can’t come" in words
    assert "Move to another time" not in words
    assert "host-a@example.org" not in page.text

    done = pages.submit(client, page, {"reason": "I am ill."}, action="/absent")

    assert (done.status_code, done.location) == (303, f"/bookings/{token}/")
    words = pages.text(client.get(done.location))
    assert "You told Host A that you cannot come. “I am ill.”" in words
    assert "Tell Host A I can’t come" not in words
    row = stored(app)
    assert (row.absent_at, row.status, row.blocks) == (at(LATE), "confirmed", True)
    assert messages(app) == [("booking-absent", "host-a@example.org", "I am ill.")]


def test_guest_tells_by_the_api_and_nobody_is_reminded(
    app: Flask, client: FlaskClient, token: str, late: None
) -> None:
    path = f"/api/v1/bookings/{token}/absent"
    first = client.post(path, json={"reason": "I am ill."})
    again = client.post(path)

    assert (first.status_code, again.status_code) == (200, 200)
    body = first.get_json()
    assert (body["absent_at"], body["status"]) == ("2026-06-02T20:01:00Z", "confirmed")
    assert again.get_json() == body
    assert len(messages(app)) == 1
    with app.app_context():
        assert jobs.has_due(db.session(), at("2026-06-03 07:00")) is False


@pytest.mark.parametrize(
    ("now", "status", "slug"),
    [
        (EARLY, BookingStatus.CONFIRMED, "still-changeable"),
        (LATE, BookingStatus.CANCELLED, "settled"),
        (LATE, BookingStatus.LAPSED, "settled"),
        (LATE, BookingStatus.HELD, "settled"),
        (OVER, BookingStatus.CONFIRMED, "too-late"),
        (DURING, BookingStatus.DONE, "too-late"),
    ],
)
def test_absence_is_refused_where_something_else_helps(
    app: Flask, client: FlaskClient, token: str, now: str, status: BookingStatus, slug: str
) -> None:
    with app.app_context(), transaction() as session:
        row = session.scalars(select(BookingRow)).one()
        row.status, row.blocks = status, status in ("held", "confirmed")

    with time_machine.travel(at(now), tick=False):
        refused = client.post(f"/api/v1/bookings/{token}/absent")

    assert (refused.status_code, refused.get_json()["type"].rpartition("/")[2]) == (409, slug)
    assert messages(app) == []


@pytest.mark.parametrize("verb", ["cancel", "reschedule"])
def test_too_late_names_what_can_still_be_done(
    client: FlaskClient, token: str, late: None, verb: str
) -> None:
    body = {"starts_at": "2026-06-05T08:00:00Z"} if verb == "reschedule" else {}
    refused = client.post(f"/api/v1/bookings/{token}/{verb}", json=body)

    assert refused.status_code == 409
    assert refused.get_json()["detail"] == (
        "It is too late to move or cancel this booking. You can still tell the host that you "
        "cannot come."
    )
