"""A newcomer with nothing but an address attends a jam, as a browser allows it."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

from core import clock
from core.db.transaction import transaction
from tests.browser.conftest import OpenPage, Place
from tests.factories import add_event, add_series

MEETING = re.compile(r"https://meet\.example\.org/.*")


@pytest.mark.parametrize("scripts", [True, False])
def test_newcomer_signs_in_and_joins_a_jam(
    place: Place, open_page: OpenPage, scripts: bool
) -> None:
    day = clock.now().date() + timedelta(days=3 + scripts)
    slug = f"jam-{scripts}".lower()
    with place.app.app_context(), transaction() as session:
        jam = add_series(session, slug, kind="jam", timetable=(), join_access="registered")
        starts = clock.now().replace(tzinfo=None, hour=10, minute=0, second=0, microsecond=0)
        add_event(
            session,
            jam,
            f"{day}",
            starts=starts + timedelta(days=3 + scripts),
            extra=True,
            title="A",
        )
    page = open_page(f"{place.url}/series/{slug}/{day}/", scripts=scripts)
    page.context.route(MEETING, lambda route: route.fulfill(body="the meeting"))
    page.get_by_role("link", name="Sign in to join").click()
    page.get_by_label("Your e-mail address").fill(f"new-{scripts}@example.org".lower())
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()

    place.app.test_cli_runner().invoke(args=["tick"])
    newest = max(place.mail.iterdir(), key=lambda mail: mail.stat().st_mtime_ns)
    text = message_from_bytes(newest.read_bytes(), policy=policy.default).get_body(("plain",))
    assert text is not None
    link = re.search(r"/sign-in/\S+", text.get_content())
    assert link is not None
    page.goto(place.url + link[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Join", exact=True).click()

    expect(page.get_by_text("the meeting")).to_be_visible()
