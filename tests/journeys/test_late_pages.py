"""After the deadline no page or file of a booking offers to move or cancel it."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.bookings import BookingStatus
from booking.models import BookingRow, ProposalRow
from booking.queries import bookings as booking_queries
from core.config import Settings
from core.db.base import db
from core.db.transaction import transaction
from tests import pages, whole_site
from tests.factories_booking import add_booking, add_host, add_offer, at

START, NEXT_WEEK = at("2026-06-03 08:00"), at("2026-06-10 08:00")
EARLY, LATE, BEGUN, OVER = (
    at(f"2026-06-{time}") for time in ("02 19:59", "02 20:01", "03 08:10", "03 08:30")
)  # change_until is 2 June 20:00
GUEST = "guest@example.org"
OFFERS = re.compile(
    r"\b(you can move|move to|move or cancel|cancel this|see or change)\b|until ", re.IGNORECASE
)
PAST = re.compile(r"It could be moved or cancelled here until [^.]+\.")


@pytest.fixture
def app_at(sqlite_app: Flask) -> Iterator[Flask]:
    with time_machine.travel(LATE, tick=False):
        yield sqlite_app


def add(app: Flask, settings: Settings, status: BookingStatus, **fields: object) -> list[str]:
    """Add a booking; return its pages by the plain link and by the mailed one."""
    with app.app_context(), transaction() as session:
        offer = add_offer(session, add_host(session), notice=0, approval=True)
        row = add_booking(session, offer, START, status=status, email=GUEST, **fields)
        found = booking_queries.by_ref(session, row.ref)
        assert found is not None
        paths = (booking_queries.manage_path, booking_queries.mailed_path)
        return [path(found, settings.secret_key) for path in paths]


def said(client: FlaskClient, path: str) -> str:
    """All that the page, its calendar file and its links to web calendars say."""
    page = client.get(path)
    assert page.status_code == 200
    linked = re.findall(r'href="(https://(?:calendar\.google|outlook)[^"]+)"', page.text)
    file = client.get(f"{path}invitation.ics").text.replace("\r\n ", "")
    return "\n".join([pages.text(page), *map(unquote, linked), file])


OPEN = [BookingStatus.PENDING, BookingStatus.CONFIRMED]


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("fields", [{}, {"absent_at": LATE, "reason": "Ill"}])
@pytest.mark.parametrize("now", [LATE, BEGUN, OVER])
def test_page_and_entries_offer_no_change(
    app_at: Flask, sqlite_settings: Settings, status: BookingStatus, fields: dict, now: object
) -> None:
    links = add(app_at, sqlite_settings, status, placed_at=START, **fields)

    with time_machine.travel(now, tick=False):
        words = [said(app_at.test_client(), path) for path in links]

    for each in words:
        shown = PAST.sub("", each).replace("Without an answer until", "")
        assert OFFERS.findall(shown) == []


@pytest.mark.parametrize("status", OPEN)
def test_before_the_deadline_page_and_entries_offer_it(
    app_at: Flask, sqlite_settings: Settings, status: BookingStatus
) -> None:
    plain, mailed = add(app_at, sqlite_settings, status)

    with time_machine.travel(EARLY, tick=False):
        words = said(app_at.test_client(), mailed)
        assert f"See or change: {sqlite_settings.base_url}{plain} (until" in words.replace("\\", "")

    assert "You can move or cancel until" in words
    assert mailed not in words  # only mails have the proof


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("verb", ["move", "cancel"])
def test_refused_change_offers_what_is_left(
    app_at: Flask, sqlite_settings: Settings, status: BookingStatus, verb: str
) -> None:
    path, _ = add(app_at, sqlite_settings, status)
    client = app_at.test_client()
    with time_machine.travel(EARLY, tick=False):
        page = client.get(path)
    late = {"starts_at": "2026-06-04T08:00:00Z"} if verb == "move" else {}

    refused = pages.submit(client, page, late, action=f"/{verb}")

    words = pages.text(refused)
    assert refused.status_code == 409
    assert "It is too late to move or cancel this booking." in words
    assert "Tell Host A I can’t come" in words
    assert [each.action for each in pages.forms(refused) if each.action.startswith(path)] == [
        f"{path}absent"
    ]


def test_agenda_of_a_guest_offers_no_change(app_at: Flask, sqlite_settings: Settings) -> None:
    add(app_at, sqlite_settings, BookingStatus.CONFIRMED)
    client = whole_site.sign_in(app_at, app_at.test_client(), LATE, GUEST)

    words = pages.text(client.get("/me/"))

    assert "Career chat with Host A" in words
    assert OFFERS.findall(words) == []


def test_proposal_can_be_chosen_after_the_deadline(
    app_at: Flask, sqlite_settings: Settings
) -> None:
    path, _ = add(app_at, sqlite_settings, BookingStatus.CONFIRMED)
    with app_at.app_context(), transaction() as session:
        row = session.query(BookingRow).one()
        session.add(
            ProposalRow(
                booking_id=row.id,
                starts=[NEXT_WEEK.isoformat()],
                instead_of=START,
                proposed_at=LATE,
                expires_at=START,
            )
        )
    client = app_at.test_client()

    page = client.get(path)
    moved = pages.submit(client, page, {"starts_at": "2026-06-10T08:00:00Z"}, action="/choose")

    assert "Host A asks for another time" in pages.text(page)
    assert "Move to another time" not in pages.text(page)
    words = pages.text(client.get(moved.location))
    assert f"The calendar entry for this time is on its way to {GUEST}." in words
    with app_at.app_context():
        assert db.session().query(BookingRow).one().starts_at == NEXT_WEEK
