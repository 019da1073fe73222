"""What holds for every page of the site."""

import re
from collections import Counter
from datetime import UTC, datetime

import time_machine
from flask import Flask

from tests import whole_site

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday
REDIRECTS = {"scheduler.short", "scheduler.next_event"}
NAMED = re.compile(r"<(?:a|button)\b[^>]*aria-label=\"([^\"]+)\"[^>]*>(.*?)</(?:a|button)>", re.S)


def test_every_page_is_described_and_has_one_heading_and_no_id_twice(sqlite_app: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        private = whole_site.fill(sqlite_app, NOW)
        stranger, admin = sqlite_app.test_client(), sqlite_app.test_client()
        whole_site.sign_in(sqlite_app, admin, NOW)
        found = [
            *whole_site.crawl(
                stranger, ["/", "/api/docs", "/sign-in/sent/", "/bookings/sent/", *private]
            ),
            *whole_site.crawl(admin, ["/me/", "/organise/", "/host/", "/admin/"]),
        ]
    seen = set()
    for page in found:
        seen.add(sqlite_app.url_map.bind("").match(page.request.path)[0])
        (description,) = re.findall(r'<meta name="description" content="([^"]*)">', page.text)
        assert 20 <= len(description) <= 200, page.request.path
        assert page.text.count("<h1") == 1, page.request.path
        ids = Counter(re.findall(r'\bid="([^"]+)"', page.text))
        assert [name for name, times in ids.items() if times > 1] == [], page.request.path
        for label, content in NAMED.findall(page.text):
            words = re.sub(r"<[^>]+>", "", content).strip()
            assert words in label or not words.isalnum(), (label, words)  # WCAG 2.5.3

    assert whole_site.endpoints(sqlite_app) - seen - REDIRECTS == set()
