"""Every form of the site, refused: the title, the focus and the links of what is wrong."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import pages, whole_site
from tests.pages import Form

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday
NOTHING_FITS = "\x02" * 400
"""Too long for every short text, no date, no number, no choice, and not printable."""


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(sqlite_app: Flask) -> FlaskClient:
    return sqlite_app.test_client()


def typed_forms(client: FlaskClient, starts: list[str]) -> dict[str, Form]:
    """Return every form with something to fill in, by its address and inputs."""
    found: dict[str, Form] = {}
    for page in whole_site.crawl(client, starts):
        for form in pages.forms(page):
            if form.method == "post" and form.typed:
                address = form.action or page.request.full_path.rstrip("?")
                key = f"{address.partition('?')[0]} {sorted(form.typed)}"
                found.setdefault(key, replace(form, action=address))
    return found


def summary(page: TestResponse) -> str:
    """Return the error summary of a page, which has exactly one."""
    (found,) = re.findall(r'<div class="notice is-error".*?</div>', page.text, re.S)
    assert found.startswith(
        '<div class="notice is-error" role="alert" id="errors" tabindex="-1" autofocus>'
    )
    return found


def test_every_refused_form_says_so_first_and_links_to_its_fields(
    sqlite_app: Flask, client: FlaskClient
) -> None:
    private = whole_site.fill(sqlite_app, NOW)
    forms = typed_forms(client, ["/", *private])
    admin = whole_site.sign_in(sqlite_app, sqlite_app.test_client(), NOW)
    own = typed_forms(admin, ["/me/", "/host/", "/organise/"])
    every = [(client, form) for form in forms.values()] + [(admin, form) for form in own.values()]
    without_links = []
    for reader, form in every:
        values = {**form.values, **form.pressed, **dict.fromkeys(form.typed, NOTHING_FITS)}
        answer = reader.post(form.action, data=values)
        assert answer.status_code in (409, 422), form
        assert "<title>Error: " in answer.text, form.action
        errors = summary(answer).replace("<li>Nothing was saved yet.</li>", "")
        links = re.findall(r'href="#([^"]+)"', errors)
        assert len(links) == errors.count("<li>"), errors
        for link in links:
            assert re.search(
                rf'<(input|select|textarea|button)[^>]* id="{re.escape(link)}"', answer.text
            )
        if not links:
            without_links.append((form.action, answer.text))

    assert without_links == []
    assert {form.action.split("/")[1] for _, form in every} == {
        "bookings", "host", "me", "office-hours", "organise", "sign-in",
    }  # fmt: skip
