"""A refused form in a real browser: where the focus is, and where the links lead."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Place


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_focus_goes_to_the_summary_and_from_there_to_the_field(
    place: Place, open_page: OpenPage, scripts: bool
) -> None:
    page = open_page(f"{place.url}/sign-in/", scripts=scripts)
    page.get_by_label("Your e-mail address").fill("ada@localhost")
    page.get_by_role("button", name="Mail me a link").click()

    expect(page).to_have_title("Error: Sign in · Convenor")
    expect(page.locator("#errors")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    expect(page.get_by_label("Your e-mail address")).to_have_value("ada@localhost")
