"""A word of 90 letters wherever somebody can write a text: no page of a small phone is too wide."""

from collections import Counter
from collections.abc import Callable

from playwright.sync_api import Page, expect

from core import clock
from tests import whole_site
from tests.browser.conftest import OpenPage, Place

WORD = "W" * 90
PAGES_OF_A_KIND = 3


def test_long_word_makes_no_page_wider_than_a_small_phone(
    place: Place, open_page: OpenPage, fits: Callable[[Page], bool]
) -> None:
    now = clock.now()
    private = whole_site.fill(place.app, now, word=WORD)
    admin = whole_site.sign_in(place.app, place.app.test_client(), now)
    starts = ["/", "/me/", "/organise/", "/host/", "/admin/", *private]
    addresses = [page.request.full_path for page in whole_site.crawl(admin, starts)]
    page = open_page(place.url + place.sign_in_path(whole_site.ADMIN), width=320, height=640)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Admin", exact=True)).to_be_visible()
    seen: Counter[str] = Counter()
    too_wide = []
    for address in addresses:
        endpoint, _ = place.app.url_map.bind("").match(address.partition("?")[0])
        seen[endpoint] += 1
        if seen[endpoint] <= PAGES_OF_A_KIND or endpoint == "scheduler.event":
            page.goto(place.url + address)
            if not fits(page):
                too_wide.append(address)

    assert too_wide == []
    assert len(seen) > 20
