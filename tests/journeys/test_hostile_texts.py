"""Texts that would run as code, kept wherever people write, and read on every page and mail."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from html.parser import HTMLParser
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from core.db.transaction import transaction
from tests import pages
from tests.factories import add_event, add_organization, add_series
from tests.factories_booking import NOW, add_host, add_offer

ADMIN = "ada@example.org"
LINE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'`{{7*7}}${7*7}\\;,:"
PROSE = f"""{LINE}
[a](javascript:alert(1)) [b](data:text/html,x) ![i](javascript:1) <javascript:alert(1)>
<a href="javascript:1">z</a> <svg onload=alert(1)> <iframe src=//evil.example></iframe>
$\\href{{javascript:alert(1)}}{{x}}$ &#106;avascript:x
BEGIN:VEVENT
=1+1"""
HARMLESS_TO_LOAD = re.compile(r"/(?!/)|#|https?://|mailto:|webcal:|\?|$|[\w-]+\.html$")
BOOK = "/api/v1/hosts/host-a/office-hours/career-chat/bookings"


class Findings(HTMLParser):
    """Everything in a page that runs, or loads from elsewhere what runs."""

    def __init__(self, page: str, *, styles: bool = False) -> None:
        super().__init__()
        self.found: list[str] = []
        self._styles = styles
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what this tag does."""
        has = {name: value or "" for name, value in attrs}
        if tag == "script" and not has.get("src", "").startswith("/static/"):
            self.found.append(f"script {has}")
        if tag in ("iframe", "object", "embed", "base"):
            self.found.append(tag)
        for name, value in has.items():
            if name.startswith("on") or (name == "style" and not self._styles):
                self.found.append(f"{tag} {name}")
            leads = name in ("href", "src", "action", "formaction")
            if leads and not HARMLESS_TO_LOAD.match(value.strip()):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader(sqlite_app: Flask, sqlite_runner: FlaskCliRunner) -> FlaskClient:
    """An admin's browser in a community whose every text is hostile."""
    with sqlite_app.app_context(), transaction() as session:
        add_organization(session, LINE)
        series = add_series(session, name=LINE, short_name=LINE[:60], description=PROSE)
        for key in ("2026-05-22", "2026-06-05", "2026-06-12"):
            add_event(
                session,
                series,
                key,
                title=LINE,
                abstract=PROSE,
                topics=[LINE],
                speakers=[f"{LINE[:40]}, {LINE}"],
                reason=LINE,
                status="cancelled" if key == "2026-06-12" else "scheduled",
            )
        host = add_host(session, email=ADMIN, name=LINE, bio=PROSE, topics=[LINE], languages=[LINE])
        questions = [
            {"label": LINE, "kind": "long", "required": True},
            {"label": "Pick", "kind": "choice", "choices": [LINE]},
        ]
        add_offer(session, host, title=LINE, description=PROSE, questions=questions)
    sqlite_runner.invoke(args=["user", "add", ADMIN, "--admin"])
    client = sqlite_app.test_client()
    link = sqlite_runner.invoke(args=["user", "link", ADMIN]).output.strip()
    answer = pages.submit(client, client.get(link.removeprefix("http://127.0.0.1:8000")))
    assert answer.status_code == 303
    return client


def book(client: FlaskClient) -> str:
    body = {
        "starts_at": "2026-06-03T08:00:00Z",
        "name": LINE,
        "email": "ann@example.org",
        "zone": "Africa/Lagos",
        "answers": {LINE: PROSE, "Pick": LINE},
    }
    answer = client.post(BOOK, json=body)
    assert answer.status_code == 201
    return str(answer.get_json()["manage_url"]).removeprefix("http://127.0.0.1:8000")


def test_no_page_runs_what_people_wrote(reader: FlaskClient) -> None:
    manage = book(reader)
    shown = [
        *("/", "/events/", "/series/dlct/", "/series/dlct/2026-06-05/", "/series/dlct/2026-06-12/"),
        *("/subscribe/", "/admin/", "/me/", "/host/", "/sign-in/", f"/events/?{LINE}"),
        *("/organise/", "/organise/dlct/", "/organise/dlct/settings/", "/organise/dlct/add/"),
        *("/organise/dlct/2026-06-05/", "/organise/dlct/2026-06-12/"),
        *("/office-hours/", "/office-hours/host-a/", "/office-hours/host-a/career-chat/"),
        *("/host/host-a/", "/host/host-a/about/", "/host/host-a/bookings/?all=1"),
        *("/host/host-a/office-hours/", "/host/host-a/office-hours/career-chat/", manage),
    ]
    answers = {path: reader.get(path) for path in shown}
    answers["topic"] = reader.get("/office-hours/", query_string={"topic": LINE})
    typed = {"name": LINE, "email": LINE, "zone": LINE, "answer-1": LINE, "starts_at": LINE}
    path = "/office-hours/host-a/career-chat/"
    page = reader.get(f"{path}?starts_at=2026-06-04T08:00:00Z")
    answers["refused"] = pages.submit(reader, page, typed, action=path)

    assert {
        path: each.status_code for path, each in answers.items() if each.status_code != 200
    } == {"refused": 422}
    found = {path: Findings(each.text).found for path, each in answers.items()}
    assert {path: what for path, what in found.items() if what} == {}


def test_no_mail_runs_what_people_wrote(
    reader: FlaskClient, sqlite_runner: FlaskCliRunner, tmp_path: Path
) -> None:
    book(reader)
    sqlite_runner.invoke(args=["tick"])

    files = sorted((tmp_path / "mail").glob("*.eml"))
    assert len(files) == 2
    for file in files:
        message = message_from_bytes(file.read_bytes(), policy=SMTP)
        html = message.get_body(("html",))
        assert html is not None
        assert Findings(html.get_content(), styles=True).found == []
        assert message.keys().count("To") == 1
        assert "Bcc" not in message
        assert message["To"].addresses[0].addr_spec in ("ann@example.org", ADMIN)


def test_harness_sees_what_runs() -> None:
    for hostile in (LINE, '<a href="javascript:1">', "<p onclick=x>", "<p style=x>", "<iframe>"):
        assert Findings(hostile).found
