"""Guests who lost the mails have their links sent again; nobody learns who has bookings."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from booking.domain.bookings import BookingStatus
from core.config import Settings
from core.db.base import db
from core.db.transaction import transaction
from core.messages import mailboxes
from core.messages.outbox import Message
from tests import pages
from tests.conftest import running
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at
from tests.statements import statements

API = "/api/v1/bookings/resend"
ANN = "ann@example.org"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/bookings/\S+/)")


@pytest.fixture(autouse=True)
def community(app: Flask, clock: time_machine.Traveller) -> None:
    """Ann has two bookings to come, and others that are over; Bob has one of them."""
    with app.app_context(), transaction() as session:
        offer = add_offer(session, add_host(session), approval=True)
        for starts_at, status, email in (
            ("2026-06-03 07:00", BookingStatus.CONFIRMED, ANN),
            ("2026-06-04 07:00", BookingStatus.PENDING, ANN),
            ("2026-06-05 07:00", BookingStatus.CANCELLED, ANN),
            ("2026-06-05 08:00", BookingStatus.HELD, ANN),  # since January: it has lapsed
            ("2026-05-05 07:00", BookingStatus.DONE, ANN),
            ("2026-06-08 07:00", BookingStatus.CONFIRMED, "bob@example.org"),
        ):
            add_booking(session, offer, at(starts_at), status=status, email=email,
                        guest_name="Zyxname", answers={"Topic": "zyxanswer"})  # fmt: skip


def limited(settings: Settings, **changed: object) -> Settings:
    return settings.model_copy(update={"rate_limits": "on", **changed})


def mails(runner: FlaskCliRunner, tmp_path: Path) -> list[object]:
    runner.invoke(args=["tick"])
    files = sorted((tmp_path / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [message_from_bytes(file.read_bytes(), policy=SMTP) for file in files]


def resent(runner: FlaskCliRunner, tmp_path: Path) -> list[object]:
    return [each for each in mails(runner, tmp_path) if "Your bookings" in each["Subject"]]


RESENT = """\
These are your bookings to come. Each link opens one.

Career chat with Host A: confirmed
Wednesday 3 June 2026, 08:00 to 08:30 in Lagos (UTC+01:00)
You can move or cancel it until Tuesday 2 June 2026, 20:00 in Lagos (UTC+01:00).
LINK

Career chat with Host A: waits for an answer
Thursday 4 June 2026, 08:00 to 08:30 in Lagos (UTC+01:00)
You can move or cancel it until Wednesday 3 June 2026, 20:00 in Lagos (UTC+01:00).
LINK

Somebody asked for this mail with your address on the pages of Convenor. If it was not you, \
you can ignore it.
"""


def test_guest_gets_the_links_of_the_bookings_to_come(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    page = client.get("/bookings/")

    done = pages.submit(client, page, {"email": "Ann@Example.org"}, action="/bookings/")

    assert (done.status_code, done.location) == (303, "/bookings/sent/")
    assert "a mail with their links is on its way" in pages.text(client.get(done.location))
    (mail,) = resent(runner, tmp_path)
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = mail.get_body(("html",)).get_content()
    links = LINK.findall(text)
    assert LINK.sub("LINK", text) == RESENT
    assert (mail["To"], mail["Subject"].strip()) == (ANN, "Your bookings at Convenor")
    assert re.findall(r'href="http://127\.0\.0\.1:8000([^"]+)"', html) == links
    assert "zyx" not in mail.as_string().lower()
    assert [client.get(link).status_code for link in links] == [200, 200]
    pages.submit(client, client.get(links[0]), action="/cancel")
    assert "Cancelled" in pages.text(client.get(links[0]))


def test_answer_is_the_same_for_every_address(app: Flask, client: FlaskClient) -> None:
    known, unknown = (
        client.post(API, json={"email": email}) for email in (ANN, "nobody@example.org")
    )

    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert known.status_code == 202
    assert known.headers == unknown.headers
    page = client.get("/bookings/")
    forms = [
        pages.submit(client, page, {"email": email}, action="/bookings/")
        for email in (ANN, "nobody@example.org")
    ]
    assert forms[0].location == forms[1].location == "/bookings/sent/"


@pytest.mark.parametrize("switch", ["on", "off"])
def test_known_and_unknown_addresses_cost_the_same_statements(
    settings: Settings, app: Flask, switch: str
) -> None:
    def cost(strict: Flask, email: str) -> list[str]:
        with statements(strict) as sent:
            strict.test_client().post(API, json={"email": email})
        return sent

    with running(limited(settings, rate_limits=switch)) as strict:
        cost(strict, "first@example.org")
        assert cost(strict, ANN) == cost(strict, "nobody@example.org") != []


def test_address_without_bookings_gets_no_mail(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    client.post(API, json={"email": "nobody@example.org"})

    sent = mails(runner, tmp_path)
    assert [each for each in sent if each["To"] == "nobody@example.org"] == []


@pytest.mark.parametrize(
    "body", [{}, {"email": "nobody"}, {"email": ANN, "name": "Ann"}, {"email": [ANN]}]
)
def test_malformed_request_is_invalid(client: FlaskClient, body: dict[str, object]) -> None:
    assert client.post(API, json=body).status_code == 422


def test_malformed_address_on_the_page_is_kept_for_correction(client: FlaskClient) -> None:
    refused = pages.submit(client, client.get("/bookings/"), {"email": "ann"}, action="/bookings/")

    assert refused.status_code == 422
    assert pages.forms(refused)[0].values["email"] == ["ann"]


def test_requester_over_the_limit_waits_whatever_the_address(
    settings: Settings, app: Flask, clock: time_machine.Traveller
) -> None:
    with running(limited(settings)) as strict:
        client = strict.test_client()
        told = [
            client.post(API, json={"email": f"n{number}@example.org"},
                        headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
            for number in range(10)
        ]  # fmt: skip
        refused = client.post(API, json={"email": ANN})
        page = client.get("/bookings/")
        form = pages.submit(client, page, {"email": ANN}, action="/bookings/")
        other = client.post(API, json={"email": ANN}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
        clock.shift(timedelta(hours=1))
        later = client.post(API, json={"email": ANN})

    assert told == [202] * 10
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert refused.get_json()["type"].endswith("/rate-limited")
    assert (form.status_code, form.headers["Retry-After"]) == (429, "3600")
    assert "You have asked for such mails ten times within an hour." in pages.text(form)
    assert (other.status_code, later.status_code) == (202, 202)
    with app.app_context():
        asked = select(Message.recipient).where(Message.recipient == ANN)
        assert db.session.scalars(asked).all() == [ANN, ANN]


@pytest.mark.parametrize(
    ("first", "second", "proxies"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 0),
        ("192.0.2.1", "::ffff:192.0.2.1", 0),
        ("fe80::1%eth0", "fe80::2%eth1", 0),
    ],
)
def test_addresses_of_one_network_share_a_limit(
    settings: Settings, app: Flask, first: str, second: str, proxies: int
) -> None:
    with running(limited(settings, proxies=proxies)) as strict:
        client = strict.test_client()
        told = [
            client.post(API, json={"email": ANN}, environ_base={"REMOTE_ADDR": address}).status_code
            for address in [first] * 10 + [second]
        ]

    assert told == [202] * 10 + [429]


def test_trusted_proxy_names_the_requester_by_the_last_address(
    settings: Settings, app: Flask
) -> None:
    with running(limited(settings, proxies=1)) as strict:
        client = strict.test_client()
        told = [
            client.post(API, json={"email": ANN},
                        headers={"X-Forwarded-For": f"198.51.100.{number}, {last}"}).status_code
            for number, last in enumerate(["192.0.2.1"] * 11 + ["192.0.2.2"])
        ]  # fmt: skip

    assert told == [202] * 10 + [429, 202]


def test_unconfirmed_mailbox_gets_three_of_these_mails_a_day_and_a_confirmed_one_three_an_hour(
    settings: Settings, app: Flask, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    with running(limited(settings)) as strict:
        runner = strict.test_cli_runner()

        def mailed(times: int) -> int:
            before = len(resent(runner, tmp_path))
            for number in range(times):
                strict.test_client().post(
                    API, json={"email": ANN}, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}
                )
                runner.invoke(args=["tick"])
            return len(resent(runner, tmp_path)) - before

        assert mailed(5) == 3
        clock.shift(timedelta(hours=2))
        assert mailed(1) == 0
        with strict.app_context(), transaction() as session:
            mailboxes.confirm(session, ANN, NOW)
        assert mailed(5) == 3
        clock.shift(timedelta(hours=2))
        assert mailed(1) == 1


def test_requests_before_a_round_are_one_mail(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    for _ in range(5):
        client.post(API, json={"email": ANN})

    assert len(resent(runner, tmp_path)) == 1


@pytest.mark.parametrize(
    "path", ["/bookings/nonsense/", f"/bookings/{'a' * 48}/", "/office-hours/", "/sign-in/"]
)
def test_page_is_linked_where_a_guest_without_the_mail_looks(
    client: FlaskClient, path: str
) -> None:
    assert '<a href="/bookings/">Send me my bookings again</a>' in client.get(path).text
