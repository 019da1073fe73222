"""An organiser in a real browser: signs in by mail, fills, moves, cancels, skips and adds."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.db.base import db
from core.db.transaction import transaction
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from tests.browser.conftest import OpenPage, Place
from tests.factories import add_event, add_organization, add_series

PATHS = ("", "{slug}/", "{slug}/{friday}/", "{slug}/{gap}/", "{slug}/add/", "{slug}/settings/")
SERIES = ("scripted", "plain", "seen")


@pytest.fixture(scope="module")
def fridays() -> list[date]:
    """The coming Fridays of the series."""
    soon = clock.now().date() + timedelta(days=2)
    first = soon + timedelta(days=(4 - soon.weekday()) % 7)
    return [first + timedelta(weeks=week) for week in range(6)]


@pytest.fixture(scope="module")
def url(place: Place, fridays: list[date]) -> str:
    """The address of a community with three series, each with a talk and a gap."""
    place.app.test_cli_runner().invoke(args=["user", "add", "root@example.org", "--admin"])
    with place.app.app_context(), transaction() as session:
        add_organization(session)
        for slug in SERIES:
            series = add_series(session, slug, name=slug.title(), gaps=[(fridays[5], "Holidays")])
            add_event(session, series, f"{fridays[0]}", title="ConvNeXt", speakers=["Ada"])
    return place.url


def sign_in(place: Place, open_page: OpenPage, **how: object) -> Page:
    """Ask for a link, read the mail, follow it."""
    page = open_page(place.url + "/organise/", **how)
    page.get_by_label("Your e-mail address").fill("root@example.org")
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    place.app.test_cli_runner().invoke(args=["tick"])
    newest = max(place.mail.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    link = re.search(r"/sign-in/[\w-]+/", newest.read_text())
    assert link
    page.goto(place.url + link[0])
    page.get_by_role("button", name="Sign in").click()
    return page


@pytest.mark.parametrize(("slug", "scripts"), [("scripted", True), ("plain", False)])
def test_organiser_fills_moves_cancels_skips_and_adds(
    url: str, place: Place, open_page: OpenPage, fridays: list[date], slug: str, scripts: bool
) -> None:
    page = sign_in(place, open_page, scripts=scripts)
    expect(page).to_have_url(f"{url}/organise/")
    page.get_by_role("link", name=slug.title(), exact=True).click()

    cell = page.locator(f"[id='events.{fridays[1]}.talks.0.paper_url']")
    page.locator(f"[id='events.{fridays[1]}.talks.0.title']").fill("Attention Is All You Need")
    page.locator(f"[id='events.{fridays[1]}.talks.0.speakers']").fill("Bob; Eve")
    cell.fill("not an address")
    page.get_by_role("button", name="Save the weeks").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    expect(cell).to_have_value("not an address")
    cell.fill("https://arxiv.org/abs/1706.03762")
    page.get_by_role("button", name="Save the weeks").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.locator(f"#row-{fridays[1]} input[id$=speakers]")).to_have_value("Bob; Eve")

    monday = fridays[1] + timedelta(days=3)
    page.locator(f"#row-{fridays[1]} th a").click()
    page.get_by_label("New date").fill(monday.isoformat())
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("status").first).to_contain_text("Moved.")
    expect(page.locator(f"#row-{fridays[1]}")).to_contain_text("Mon")

    page.locator(f"#row-{fridays[0]} th a").click()
    page.locator("[id='field-cancel.reason']").fill("The speaker is ill.")
    page.get_by_role("button", name="Cancel Fri").click()
    expect(page.get_by_role("status").first).to_contain_text("Cancelled.")

    page.locator(f"#row-{fridays[2]} th a").click()
    page.locator("[id='field-skip.reason']").fill("A holiday")
    page.get_by_role("button", name="Skip Fri").click()
    expect(page.locator(f"#row-{fridays[2]}")).to_contain_text("A holiday")

    page.get_by_role("link", name="Add an extra event").click()
    page.get_by_label("Date", exact=True).fill((fridays[3] + timedelta(days=5)).isoformat())
    page.get_by_label("Time in Los Angeles").fill("18:00")
    page.get_by_label("Title").fill("A social evening")
    page.get_by_role("button", name="Add the event").click()
    expect(page.get_by_role("status").first).to_contain_text("Added.")

    page.goto(f"{url}/series/{slug}/")
    for words in ("Moved to Mon", "The speaker is ill.", "A holiday", "A social evening"):
        expect(page.locator("main")).to_contain_text(words)
    with place.app.app_context():
        series = find_series(db.session(), slug)
        moved = find_event(db.session(), series, f"{fridays[1]}", clock.now())
    assert (moved.starts.date(), [each.name for each in moved.talks[0].speakers]) == (
        monday,
        ["Bob", "Eve"],
    )


def test_unsaved_cells_are_not_left_without_a_question(
    url: str, place: Place, open_page: OpenPage, fridays: list[date]
) -> None:
    page = sign_in(place, open_page)
    page.goto(f"{url}/organise/seen/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    cell = page.locator(f"[id='events.{fridays[1]}.talks.0.title']")
    cell.fill("Typed")
    page.get_by_role("link", name="Later").click()
    expect(cell).to_have_value("Typed")
    assert asked == ["beforeunload"]

    page.get_by_role("button", name="Save the weeks").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    page.get_by_role("link", name="Later").click()
    expect(page).to_have_url(re.compile("first="))
    assert asked == ["beforeunload"]


def test_organisers_pages_have_nothing_that_axe_finds_and_fit_a_phone(
    url: str,
    place: Place,
    open_page: OpenPage,
    fridays: list[date],
    violations: Callable[[Page], list[str]],
    fits: Callable[[Page], bool],
) -> None:
    page = sign_in(place, open_page)
    own = [f"/organise/{path}" for path in PATHS]
    for path in (*own, "/me/", "/admin/"):
        page.goto(url + path.format(slug="seen", friday=fridays[0], gap=fridays[5]))
        assert violations(page) == [], path
        page.set_viewport_size({"width": 320, "height": 640})
        assert fits(page), path
        page.set_viewport_size({"width": 1280, "height": 800})


def test_keyboard_alone_fills_a_cell_and_saves(
    url: str, place: Place, open_page: OpenPage, fridays: list[date]
) -> None:
    page = sign_in(place, open_page)
    page.goto(f"{url}/organise/seen/")
    page.locator(f"#row-{fridays[3]} th a").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Few-shot learners")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.locator(f"[id='events.{fridays[3]}.talks.0.title']")).to_have_value(
        "Few-shot learners"
    )
