"""A host at their own pages in a real browser: with and without scripts, on a phone, by axe."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from booking.domain.bookings import BookingStatus
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from core import clock
from core.db.base import db
from core.db.transaction import transaction
from tests.browser.conftest import OpenPage, Place
from tests.factories_booking import add_booking, add_host, add_offer

HOSTS = ("ada", "bob", "cleo", "dora")
HOURS = {
    "weekly": [
        {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "12:00"},
        {"days": [4], "from": "18:00", "to": "19:00", "every": 2, "since": "2026-01-08"},
    ],
    "time_off": [{"from": "2050-08-01", "to": "2050-08-31", "reason": "hiking"}],
}
QUESTION = {"label": "What is it about?", "kind": "long", "required": True}
BOOKED = ((1, BookingStatus.PENDING), (2, BookingStatus.CONFIRMED), (-2, BookingStatus.CONFIRMED))
PAGES = ("", "bookings/", "about/", "office-hours/", "office-hours/career-chat/")


@pytest.fixture(scope="module")
def url(place: Place) -> str:
    """The address of a community with hosts who have a booking of each kind."""
    noon = datetime.combine(clock.now().date(), datetime.min.time(), UTC) + timedelta(hours=12)
    with place.app.app_context(), transaction() as session:
        for slug in HOSTS:
            offer = add_offer(session, add_host(session, slug, hours=HOURS))
            add_offer(session, host_queries.by_slug(session, slug), "paper", questions=[QUESTION])
            for days, status in (
                (1, BookingStatus.PENDING),
                (2, BookingStatus.CONFIRMED),
                (-2, BookingStatus.CONFIRMED),
            ):
                answers = {"What is it about?": "A first paper.\nAnd a second."}
                at = noon + timedelta(days=days)
                add_booking(session, offer, at, status=status, answers=answers)
    return place.url


def sign_in(place: Place, open_page: OpenPage, slug: str, **how: object) -> Page:
    page = open_page(place.url + place.sign_in_path(f"{slug}@example.org"), **how)
    page.locator("main button").click()
    return page


def test_host_pages_have_nothing_that_axe_finds_and_fit_a_phone(
    url: str,
    place: Place,
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    fits: Callable[[Page], bool],
) -> None:
    page = sign_in(place, open_page, "cleo")
    for path in PAGES:
        page.goto(f"{url}/host/cleo/{path}")
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert violations(page) == [], path
        page.set_viewport_size({"width": 320, "height": 640})
        assert fits(page), path
        page.set_viewport_size({"width": 1280, "height": 800})


HIDDEN_AND_INVALID = """
    [...document.querySelectorAll("details :invalid")]
        .filter((each) => each.form && each.form.contains(each.closest("details")))
        .map((each) => each.name)
"""


def test_host_saves_office_hours_though_parts_of_the_form_are_folded(
    url: str, place: Place, open_page: OpenPage
) -> None:
    page = sign_in(place, open_page, "dora")
    page.goto(f"{url}/host/dora/office-hours/career-chat/")

    assert page.evaluate(HIDDEN_AND_INVALID) == []
    page.get_by_label("Closed: nobody can book this").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.get_by_label("Closed: nobody can book this")).to_be_checked()


@pytest.mark.parametrize(("slug", "scripts"), [("ada", True), ("bob", False)])
def test_host_changes_hours_and_answers_a_guest(
    url: str, place: Place, open_page: OpenPage, slug: str, scripts: bool
) -> None:
    page = sign_in(place, open_page, slug, scripts=scripts)
    page.goto(f"{url}/host/")
    expect(page).to_have_url(f"{url}/host/{slug}/")

    page.get_by_text("Add weekly hours").click()
    weekly = page.locator("#weekly")
    weekly.get_by_label("Sat", exact=True).check()
    weekly.get_by_label("From").fill("22:00")
    weekly.get_by_label("To", exact=True).fill("00:30")
    weekly.get_by_label("How often").select_option("every second week")
    weekly.get_by_role("button", name="Save these hours").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "This must be a date in a week that is open, unless it is every week."
    )
    expect(weekly.get_by_label("From")).to_have_value("22:00")
    expect(weekly.get_by_label("Sat", exact=True)).to_be_checked()
    weekly.get_by_label("A date in a week that is open").fill("2026-01-10")
    weekly.get_by_role("button", name="Save these hours").click()
    expect(page.get_by_role("status").first).to_contain_text("runs over midnight")
    expect(weekly).to_contain_text("every second Saturday 22:00 to 00:30 the next day")

    weekly.get_by_role("button", name="Remove every second Saturday").click()
    expect(weekly).not_to_contain_text("Saturday")

    page.get_by_role("link", name="Answer now").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").first).to_contain_text("Confirmed.")
    page.get_by_text("Cancel", exact=False).first.click()
    page.get_by_label("Message to Guest").first.fill("Ill, sorry")
    page.get_by_role("button", name="Cancel this booking").first.click()
    expect(page.locator("main")).to_contain_text("“Ill, sorry”")
    with place.app.app_context():
        found = booking_queries.of_host(db.session(), host_queries.by_slug(db.session(), slug))
    assert sorted(each.status for each in found) == ["cancelled", "confirmed", "confirmed"]
