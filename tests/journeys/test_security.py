"""What an attacker or a failing machine tries over HTTP, and what the product answers."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from accounts import sign_in_links
from booking.models import BookingRow
from core import tokens
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from core.http import errors
from core.messages.outbox import Message
from tests import pages
from tests.conftest import make_settings, running
from tests.factories import add_event, add_person, add_series
from tests.factories_booking import NOW, add_host, add_offer

HOST = "host-a@example.org"
ORGANISER = "ada@example.org"
BOOK = "/office-hours/host-a/career-chat/"
API_BOOK = "/api/v1/hosts/host-a/office-hours/career-chat/bookings"
SLOTS = "/api/v1/hosts/host-a/office-hours/career-chat/slots?from=2026-06-02&to=2026-06-05"
ANN = {
    "starts_at": "2026-06-03T08:00:00Z",
    "name": "Ann Guest",
    "email": "ann@example.org",
    "zone": "Africa/Lagos",
}
NAMED_BY_ADDRESS = (
    "/{}/",
    "/series/{}/",
    "/series/{}.ics",
    "/series/{}/next",
    "/series/dlct/{}/",
    "/series/dlct/{}.ics",
    "/events/{}/join",
    "/office-hours/{}/",
    "/office-hours/host-a/{}/",
    "/bookings/{}/",
    "/bookings/{}/invitation.ics",
    "/host/{}/",
    "/host/{}/bookings/",
    "/host/host-a/office-hours/{}/",
    "/organise/{}/",
    "/organise/dlct/{}/",
    "/api/v1/series/{}",
    "/api/v1/events/{}",
    "/api/v1/hosts/{}",
    "/api/v1/bookings/{}",
)
ODD_NAMES = (
    "%00",
    "a%00b",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%c0%ae%c0%ae",
    "%ff%fe",
    "%ed%a0%80",
    "%e2%80%a8",
    "%0d%0aX:%20y",
    "9999-12-31",
    "0001-01-01",
    "2026-06-05-%C2%B2",
    "x" * 2000,
)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def fill(app: Flask) -> None:
    """Add a series with one talk, and a host with an offer."""
    with app.app_context(), transaction() as session:
        add_event(session, add_series(session), "2026-06-05", title="A talk")
        add_offer(session, add_host(session))


@pytest.fixture
def community(app: Flask) -> None:
    fill(app)


def sign_in(client: FlaskClient, runner: FlaskCliRunner, email: str = HOST) -> FlaskClient:
    link = runner.invoke(args=["user", "link", email]).output.strip()
    path = link.removeprefix("http://127.0.0.1:8000")
    assert pages.submit(client, client.get(path)).status_code == 303
    return client


def admin(client: FlaskClient, runner: FlaskCliRunner) -> FlaskClient:
    runner.invoke(args=["user", "add", ORGANISER, "--admin"])
    return sign_in(client, runner, ORGANISER)


def counts(app: Flask) -> list[int]:
    """Return how many bookings, messages and audit entries there are."""
    with app.app_context():
        return [
            db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (BookingRow, Message, AuditEntry)
        ]


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize("odd", ODD_NAMES)
def test_address_that_nobody_gave_is_not_found(
    client: FlaskClient, runner: FlaskCliRunner, odd: str
) -> None:
    browser = admin(client, runner)

    answers = {path: browser.get(path.format(odd)).status_code for path in NAMED_BY_ADDRESS}

    # "/..%2f../" is sent to its own slash first; an address with a slash in it meets no route.
    assert {path: status for path, status in answers.items() if status not in (404, 308)} == {}


@pytest.mark.parametrize("path", ["/", "/a%00b/", "/nothing/here", "/api/v1/events", "/me/"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000@evil.example", "evil.example:80"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_foreign_host_is_refused_on_every_path(
    sqlite_client: FlaskClient, path: str, host: str, method: str
) -> None:
    answer = sqlite_client.open(path, method=method, headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(
    ("path", "action", "field"),
    [
        (f"{BOOK}?starts_at={ANN['starts_at']}", BOOK, "nonce"),
        (f"{BOOK}?starts_at={ANN['starts_at']}", BOOK, "name"),
        ("/me/", "/me/", "name"),
        ("/host/host-a/about/", "about", "bio"),
    ],
)
def test_nul_in_a_form_is_refused_in_words(
    client: FlaskClient, runner: FlaskCliRunner, path: str, action: str, field: str
) -> None:
    browser = sign_in(client, runner)

    answer = pages.submit(browser, browser.get(path), {**ANN, field: "a\0b"}, action=action)

    assert answer.status_code == 422
    assert "contains a character" in pages.text(answer)


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(
    ("path", "action", "field"),
    [
        ("/me/", "/me/", "zone"),
        ("/host/host-a/about/", "about", "zone"),
        ("/organise/dlct/settings/", "settings", "zone"),
    ],
)
@pytest.mark.parametrize("zone", ["../../etc/passwd", "localtime", "right/UTC", "<b>", "x" * 5000])
def test_zone_that_is_none_is_refused_beside_its_field(
    client: FlaskClient, runner: FlaskCliRunner, path: str, action: str, field: str, zone: str
) -> None:
    browser = admin(client, runner)

    answer = pages.submit(browser, browser.get(path), {field: zone}, action=action)

    assert answer.status_code == 422
    assert "<b>" not in answer.text


@pytest.mark.parametrize(
    "outside", ["//[", "http://[", "///evil.example", "\x00/me/", "javascript:x", "?"]
)
def test_next_that_is_no_page_leads_home(client: FlaskClient, outside: str) -> None:
    page = client.get("/sign-in/", query_string={"next": outside})

    assert pages.forms(page)[0].values["next"] == ["/me/"]


def test_log_of_a_failure_is_one_line_without_the_token() -> None:
    token = "a" * 43

    assert errors.mask_tokens(f"/sign-in/{token}/") == "/sign-in/.../"
    assert errors.mask_tokens("/x\nERROR all is lost\x1b[2J\u2028/") == (
        "/x\\nERROR all is lost\\x1b[2J\\u2028/"
    )


@pytest.mark.parametrize("path", ["/", "/calendar.ics", "/api/v1/events", "/sign-in/x/"])
def test_database_that_is_away_is_said_to_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    nowhere = make_settings(f"postgresql://postgres@/none?host={tmp_path}", tmp_path)
    with running(nowhere) as app, caplog.at_level(logging.ERROR):
        answer = app.test_client().get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert f"database outage at {path}" in caplog.text


def test_disk_that_is_full_keeps_no_half_booking_and_recovers(
    sqlite_app: Flask, sqlite_client: FlaskClient
) -> None:
    fill(sqlite_app)

    def leave_no_room(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.cursor().execute("PRAGMA max_page_count=1")  # no more pages than there are

    with sqlite_app.app_context():
        engine = db.engine
    event.listen(engine, "connect", leave_no_room)
    engine.dispose()
    slots = [slot["starts_at"] for slot in sqlite_client.get(SLOTS).get_json()["slots"]]
    for number, starts_at in enumerate(slots):
        body = {**ANN, "starts_at": starts_at, "email": f"g{number}@example.org"}
        before = counts(sqlite_app)
        answer = sqlite_client.post(API_BOOK, json=body)
        if answer.status_code != 201:
            break

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert counts(sqlite_app) == before
    assert [sqlite_client.get(path).status_code for path in ("/", SLOTS, BOOK)] == [200, 200, 200]

    event.remove(engine, "connect", leave_no_room)
    engine.dispose()
    assert sqlite_client.post(API_BOOK, json=body).status_code == 201


def test_every_form_and_call_of_another_site_is_refused(sqlite_app: Flask) -> None:
    client, asked = sqlite_app.test_client(), 0
    for rule in sqlite_app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                asked += 1
                answer = client.open(path, method=method, headers=foreign)
                assert answer.status_code == 403, (method, path, foreign)

    assert asked > 40
    assert counts(sqlite_app) == [0, 0, 0]


def test_every_form_needs_its_token(sqlite_app: Flask) -> None:
    client = sqlite_app.test_client()
    for rule in sqlite_app.url_map.iter_rules():
        if "POST" in (rule.methods or set()) and not rule.rule.startswith("/api/"):
            answer = client.post(re.sub(r"<[^>]+>", "x", rule.rule), data={"a": "1"})
            assert answer.status_code == 400, rule


@pytest.mark.usefixtures("community")
def test_every_answer_has_the_headers_that_protect_it(app: Flask, client: FlaskClient) -> None:
    paths = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    answers = [client.get(re.sub(r"<[^>]+>", "dlct", path)) for path in paths]
    answers += [client.post("/sign-in/"), client.get("/no/where"), client.delete("/")]
    answers.append(client.post("/sign-in/", data=b"x" * 1_000_001))

    assert {200, 302, 303, 400, 404, 405, 410, 413} <= {each.status_code for each in answers}
    for each in answers:
        policy = each.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert each.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "Cache-Control" in each.headers
    kept = [each for each in answers if "public" in each.headers["Cache-Control"]]
    assert kept
    assert [each for each in kept if "Set-Cookie" in each.headers] == []


def test_https_makes_cookies_that_no_other_host_can_set(sqlite_url: str, tmp_path: Path) -> None:
    address = {"base_url": "https://calendar.example.org", "env": "production"}
    settings = make_settings(sqlite_url, tmp_path).model_copy(update=address)
    with running(settings) as app:
        client = app.test_client()
        page = client.get("/sign-in/", base_url=settings.base_url)
        values = {**pages.forms(page)[0].values, "email": "ann@example.org"}
        statuses = {
            origin: client.post(
                "/sign-in/", base_url=settings.base_url, data=values, headers={"Origin": origin}
            ).status_code
            for origin in (
                "https://calendar.example.org",
                "http://calendar.example.org",
                "https://calendar.example.org:444",
                "https://calendar.example.org.evil.example",
            )
        }
        elsewhere = client.get("/", base_url="https://127.0.0.1").status_code

    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-convenor=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert list(statuses.values()) == [303, 403, 403, 403]
    assert elsewhere == 400


def test_failure_on_a_private_page_tells_neither_log_nor_reader_the_token(
    sqlite_app: Flask, sqlite_client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_app.debug = True  # the worst that FLASK_DEBUG in the environment can do
    token, link = tokens.new(), tokens.link("k" * 32, "booking", tokens.new_ref(), 1)
    with sqlite_app.app_context(), transaction() as session:
        session.execute(text("DROP TABLE sign_in_links"))
        session.execute(text("DROP TABLE idempotency_keys"))
        session.execute(text("DROP TABLE bookings"))

    answers = [sqlite_client.get(f"/sign-in/{token}/"), sqlite_client.get(f"/bookings/{link}/")]
    answers.append(sqlite_client.get(f"/api/v1/bookings/{link}"))

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    for said in (caplog.text, *(answer.text for answer in answers)):
        assert token not in said
        assert link not in said
    assert "Traceback" in caplog.text
    assert [answer for answer in answers if "Traceback" in answer.text] == []


def test_mail_that_is_tried_again_is_not_too_often(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        add_person(session, ORGANISER)
        for number in range(sign_in_links.MAILS_PER_HOUR):
            sign_in_links.create(session, ORGANISER, NOW, request=f"request {number}")
            session.flush()

        assert not sign_in_links.asked_too_often(session, ORGANISER, NOW, request="request 4")
        assert sign_in_links.asked_too_often(session, ORGANISER, NOW, request="request 5")
