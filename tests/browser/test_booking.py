"""A guest's way in a real browser: book, move, cancel, with and without scripts; axe looks on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking.models import BookingRow
from core.db.base import db
from core.db.transaction import transaction
from tests.browser.conftest import OpenPage, Place
from tests.factories_booking import WEEKDAYS, add_host, add_offer

ALL_DAYS = {"weekly": [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "09:00", "to": "12:00"}]}
QUESTION = {"label": "What is it about?", "kind": "long", "required": True}
PAGE = "/office-hours/host-a/career-chat/"


@pytest.fixture(scope="module")
def url(place: Place) -> str:
    """The address of a community with a host in Los Angeles, free every day."""
    with place.app.app_context(), transaction() as session:
        host = add_host(
            session,
            zone="America/Los_Angeles",
            hours=ALL_DAYS,
            topics=["first paper"],
            languages=["en"],
            bio="Reads drafts.",
        )
        add_offer(session, host, questions=[QUESTION], minutes=[30, 60])
        add_offer(session, add_host(session, "host-b", hours=WEEKDAYS), approval=True)
    return place.url


def fill_in(page: Page, email: str, name: str = "Ann Guest") -> None:
    form = page.locator(".booking-form")
    form.get_by_label("Your name").fill(name)
    form.get_by_label("Your e-mail address").fill(email)
    form.get_by_label("What is it about?").fill("A first paper.")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_guest_books_moves_and_cancels(
    url: str, open_page: OpenPage, violations: Callable[[Page], list[str]], scripts: bool
) -> None:
    def judged() -> list[str]:
        return violations(page) if scripts else []

    page = open_page(url + "/office-hours/", scripts=scripts)
    assert judged() == []
    page.get_by_role("link", name="Host A").click()
    assert judged() == []
    page.get_by_role("link", name="Choose a time").first.click()
    page.get_by_role("button", name="1 hour").click()
    expect(page.get_by_role("button", name="1 hour")).to_have_attribute("aria-pressed", "true")
    assert judged() == []
    page.locator("button.day").last.click()
    expect(page.locator("button.day").last).to_have_attribute("aria-pressed", "true")
    page.locator(".booking-starts .start").first.click()
    expect(page.locator(".summary")).to_be_visible()
    assert judged() == []
    fill_in(page, f"ann-{scripts}@example.org".lower(), "Ann www.evil.test")
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_role("alert")).to_contain_text("without web addresses")
    assert judged() == []
    page.get_by_label("Your name").fill("Ann Guest")
    page.get_by_role("button", name="Book").click()

    expect(page.get_by_role("status").first).to_contain_text("Booked.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Career chat with Host A")
    assert judged() == []
    page.get_by_text("Move to another time").click()
    assert judged() == []
    page.locator(".booking-starts .start").first.click()
    page.get_by_role("button", name="Move to").click()

    expect(page.get_by_role("status").first).to_contain_text("Moved.")
    assert judged() == []
    page.get_by_text("Cancel this booking").click()
    page.get_by_label("Why?").fill("I am ill.")
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("This booking was cancelled")).to_be_visible()
    expect(page.get_by_text("I am ill.")).to_be_visible()
    assert judged() == []


def test_times_are_in_the_readers_own_zone(url: str, open_page: OpenPage) -> None:
    page = open_page(url + PAGE, zone="Asia/Kolkata")

    expect(page.get_by_label("Times are in")).to_have_value("Asia/Kolkata")
    expect(page.locator(".booking-starts .start").first).to_contain_text("Los Angeles")
    page.locator(".booking-starts .start").first.click()
    expect(page.locator(".summary")).to_contain_text("in Kolkata (UTC+05:30)")
    expect(page.get_by_label("Your time zone")).to_have_value("Asia/Kolkata")


def test_taken_start_keeps_what_was_typed_and_books_another(url: str, open_page: OpenPage) -> None:
    pages = [open_page(url + PAGE) for _ in range(2)]
    for number, page in enumerate(pages):
        expect(page.get_by_label("Times are in")).to_have_value("Europe/Berlin")
        page.locator(".booking-starts .start").first.click()
        fill_in(page, f"late-{number}@example.org")
    pages[0].get_by_role("button", name="Book").click()
    expect(pages[0].get_by_role("status").first).to_contain_text("Booked.")

    late = pages[1]
    late.get_by_role("button", name="Book").click()
    expect(late.get_by_role("alert")).to_contain_text("That time is no longer available.")
    expect(late.get_by_label("What is it about?")).to_have_value("A first paper.")
    late.get_by_label("Your name").press("Enter")  # the first of the buttons must not take it
    expect(late.get_by_role("alert")).to_be_visible()
    late.locator(".start").first.click()

    expect(late.get_by_role("status").first).to_contain_text("Booked.")


def test_double_click_books_once(url: str, open_page: OpenPage, place: Place) -> None:
    page = open_page(url + PAGE)
    expect(page.get_by_label("Times are in")).to_have_value("Europe/Berlin")
    page.locator(".booking-starts .start").first.click()
    fill_in(page, "double@example.org")

    page.get_by_role("button", name="Book").dblclick(no_wait_after=True)

    expect(page.get_by_role("status").first).to_contain_text("Booked.")
    with place.app.app_context():
        booked = select(BookingRow.id).where(BookingRow.guest_email == "double@example.org")
        assert len(db.session.scalars(booked).all()) == 1


def test_phone_shows_the_next_three_days_first(
    url: str,
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    fits: Callable[[Page], bool],
) -> None:
    page = open_page(url + PAGE, width=360, height=740)
    expect(page.get_by_label("Times are in")).to_have_value("Europe/Berlin")

    expect(page.locator(".next-days h2")).to_have_count(3)
    expect(page.locator(".booking-starts")).to_be_hidden()
    assert fits(page)
    assert violations(page) == []
    page.locator(".next-days .start").first.click()
    fill_in(page, "phone@example.org")
    assert fits(page)
    assert violations(page) == []
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_role("status").first).to_contain_text("Booked.")
    page.get_by_text("Move to another time").click()
    assert fits(page)
    assert violations(page) == []


def test_keyboard_alone_chooses_a_day_and_a_start(url: str, open_page: OpenPage) -> None:
    page = open_page(url + PAGE)
    expect(page.get_by_label("Times are in")).to_have_value("Europe/Berlin")
    last = page.locator("button.day").last
    label = last.text_content() or ""
    day, count = " ".join(label.split()).split(", ")
    expect(page.get_by_role("button", name=f"{day}, {count}", exact=True)).to_have_count(1)
    last.focus()

    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text(f"{count} on {day}")
    assert page.evaluate("document.activeElement.textContent") == label
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".summary")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_another_zone_in_the_last_step_shows_the_time_first(
    place: Place, url: str, open_page: OpenPage, scripts: bool
) -> None:
    page = open_page(url + f"{PAGE}?zone=Asia/Tokyo", scripts=scripts, zone="Asia/Tokyo")
    page.locator("button.day").last.click()
    page.locator(".booking-starts .start").first.click()
    expect(page.get_by_role("button", name="Book")).to_contain_text("in Tokyo")
    email = f"zone-{scripts}@example.org".lower()
    fill_in(page, email)

    page.get_by_label("Your time zone").select_option("Europe/Lisbon")
    if not scripts:
        page.get_by_role("button", name="Book").click()

    expect(page.locator(".booking-form")).to_contain_text("The time is now shown in Lisbon.")
    expect(page.locator(".summary")).to_contain_text("in Lisbon")
    expect(page.get_by_role("button", name="Book")).to_contain_text("in Lisbon")
    expect(page.get_by_label("Your name")).to_have_value("Ann Guest")
    if scripts:
        expect(page.get_by_label("Your time zone")).to_be_focused()
    with place.app.app_context():
        mine = select(BookingRow).where(BookingRow.guest_email == email)
        assert db.session.scalars(mine).all() == []
        db.session.rollback()
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_role("status").first).to_contain_text("Booked.")
