"""Signing in by a mailed link, as a person and as those who would abuse it."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import func, select, update

from accounts.models import PersonRow, SignInLink, SignInSession
from accounts.services import people
from core.audit import AuditEntry
from core.config import Settings
from core.db.base import db
from core.db.transaction import transaction
from core.messages import mailboxes, outbox
from core.messages.outbox import Draft, Message, State
from tests import pages
from tests.conftest import running
from tests.factories import add_event, add_organization, add_series

EMAIL = "ada@example.org"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def known_person(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["user", "add", EMAIL])


def ask(client: FlaskClient, email: str = EMAIL, next_path: str = "") -> None:
    page = client.get("/sign-in/", query_string={"next": next_path} if next_path else {})
    answer = pages.submit(client, page, {"email": email})
    assert (answer.status_code, answer.location) == (303, "/sign-in/sent/")


def mails(tmp_path: Path) -> list[str]:
    files = sorted((tmp_path / "mail").glob("*.eml"))
    parts = [message_from_bytes(file.read_bytes(), policy=SMTP) for file in files]
    return [part.get_body(("plain",)).get_content() for part in parts]


def mailed_link(runner: FlaskCliRunner, tmp_path: Path) -> str:
    runner.invoke(args=["tick"])
    (text,) = mails(tmp_path)
    found = re.search(r"http://127\.0\.0\.1:8000(/sign-in/\S+/)", text)
    assert found
    return found[1]


def test_mailed_link_signs_in_after_a_press_and_leads_back(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client, next_path="/me/?from=mail")
    link = mailed_link(runner, tmp_path)

    for _ in range(3):
        page = client.get(link)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    signed_in = pages.submit(client, page)

    assert (signed_in.status_code, signed_in.location) == (303, "/me/?from=mail")
    assert f"Signed in as {EMAIL}." in pages.text(client.get("/me/"))


def test_signing_in_confirms_the_mailbox_and_opening_the_link_does_not(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client)
    link = mailed_link(runner, tmp_path)
    client.head(link)
    page = client.get(link)
    with app.app_context():
        assert not mailboxes.is_confirmed(db.session(), EMAIL)

    pages.submit(client, page)

    with app.app_context():
        assert mailboxes.is_confirmed(db.session(), EMAIL)


def test_link_works_only_once(client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path) -> None:
    ask(client)
    link = mailed_link(runner, tmp_path)
    page = client.get(link)
    pages.submit(client, page)

    again = pages.submit(client, page)

    assert again.status_code in (400, 410)
    assert client.get(link).status_code == 410


def test_link_ends_after_ten_minutes(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    with time_machine.travel(NOW, tick=False):
        ask(client)
        link = mailed_link(runner, tmp_path)
        page = client.get(link)
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert pages.submit(client, page).status_code == 410
        assert client.get(link).status_code == 410


def test_newer_link_ends_the_older(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client)
    link = mailed_link(runner, tmp_path)

    runner.invoke(args=["user", "link", EMAIL])

    assert client.get(link).status_code == 410


def only_the_invited(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        add_organization(session, accounts="invited")


def people_known(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(PersonRow.email).order_by(PersonRow.email)))


def test_new_address_signs_in_and_has_an_account_from_the_press_of_the_button_on(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client, "new@example.org", next_path="/host/")
    link = mailed_link(runner, tmp_path)
    page = client.get(link)
    assert "it also creates your account" in pages.text(page)
    assert people_known(app) == [EMAIL]

    signed_in = pages.submit(client, page)

    assert (signed_in.status_code, signed_in.location) == (303, "/host/")
    assert people_known(app) == [EMAIL, "new@example.org"]
    begun = pages.submit(client, client.get("/host/"), {"name": "New Host", "zone": "UTC"})
    assert begun.location == "/host/new-host/"
    with app.app_context():
        actions = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.actor == "new@example.org")
        )
        assert sorted(actions) == ["account made", "host created", "signed in"]


@time_machine.travel(NOW, tick=False)
def test_new_account_attends_a_jam(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    with app.app_context(), transaction() as session:
        jam = add_series(session, "jam", join_access="registered")
        add_event(session, jam, "2026-03-06", title="Work in progress")
    page = client.get("/series/jam/2026-03-06/")
    join = re.findall(r'href="(/events/[^"]+/join)"', page.text)[0]
    asked = client.get(join)
    # Not to the link itself: browsers refuse to follow a form to the meeting's site.
    assert (asked.status_code, asked.location) == (303, f"/sign-in/?next={page.request.path}")

    ask(client, "new@example.org", next_path=page.request.path)
    signed_in = pages.submit(client, client.get(mailed_link(runner, tmp_path)))

    event = client.get(signed_in.location)
    assert f'<a class="button" href="{join}">Join</a>' in event.text
    assert "as you are" in pages.text(event)
    assert client.get(join).location == "https://meet.example.org/jam"


def test_known_and_unknown_addresses_get_the_same_answer_and_mail(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    for email in (EMAIL, "new@example.org"):
        ask(app.test_client(), email)

    runner.invoke(args=["tick"])

    known, unknown = (re.sub(r"/sign-in/\S+/", "/sign-in/", text) for text in mails(tmp_path))
    assert known == unknown


@pytest.mark.parametrize("limits", ["on", "off"])
def test_mailbox_that_nobody_has_confirmed_gets_three_links_a_day(
    settings: Settings, tmp_path: Path, limits: str
) -> None:
    """Dots and tags do not make it another mailbox; a mailbox that signed in gets five an hour."""
    with running(settings.model_copy(update={"rate_limits": limits})) as app:
        with app.app_context(), transaction() as session:
            people.ensure(session, EMAIL, NOW)
            mailboxes.confirm(session, EMAIL, NOW)
        for email in [EMAIL] * 4 + ["new@example.org", "n.ew@example.org", "new+a@example.org"] * 2:
            ask(app.test_client(), email)

        app.test_cli_runner().invoke(args=["tick"])

        sent = {True: 4 + 3, False: 4 + 6}[limits == "on"]
        assert len(mails(tmp_path)) == sent


def test_only_people_with_an_account_sign_in_where_accounts_are_by_invitation(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    only_the_invited(app)
    ask(client, "nobody@example.org")
    ask(app.test_client(), EMAIL)

    runner.invoke(args=["tick"])

    assert len(mails(tmp_path)) == 1
    with app.app_context():
        states = db.session.scalars(select(Message.state).order_by(Message.id)).all()
    assert states == [State.WITHDRAWN, State.SENT]


def test_link_to_a_new_account_ends_when_accounts_are_by_invitation_from_now_on(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client, "new@example.org")
    link = mailed_link(runner, tmp_path)
    page = client.get(link)
    only_the_invited(app)

    assert client.get(link).status_code == 410
    assert pages.submit(client, page).status_code == 410
    assert people_known(app) == [EMAIL]


def test_newest_request_of_one_browser_is_mailed_alone(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client, next_path="/me/?from=first")
    ask(client, next_path="/me/?from=second")
    link = mailed_link(runner, tmp_path)

    page = client.get(link)

    assert pages.submit(client, page).location == "/me/?from=second"
    with app.app_context():
        states = db.session.scalars(select(Message.state).order_by(Message.id)).all()
    assert states == [State.WITHDRAWN, State.SENT]


def test_form_sent_twice_at_once_is_one_request(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    page = client.get("/sign-in/")
    for _ in range(2):
        pages.submit(client, page, {"email": EMAIL})

    assert mailed_link(runner, tmp_path)


def test_requests_of_two_browsers_are_both_mailed(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client)
    ask(app.test_client())

    runner.invoke(args=["tick"])

    assert len(mails(tmp_path)) == 2


def test_mailbox_gets_five_links_an_hour_at_most(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    for _ in range(7):
        ask(app.test_client())

    runner.invoke(args=["tick"])

    assert len(mails(tmp_path)) == 5


def test_hostile_address_is_refused_and_kept_for_mending(client: FlaskClient) -> None:
    page = client.get("/sign-in/")
    hostile = "=?utf-8?q?a=40evil.com=3e=20?=x@example.com"

    answer = pages.submit(client, page, {"email": hostile})

    assert answer.status_code == 422
    assert pages.forms(answer)[0].values["email"] == [hostile]


@pytest.mark.parametrize(
    "outside",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/nowhere/at/all",
        "/me/\r\nX: y",
    ],
)
def test_next_never_leads_outside(client: FlaskClient, outside: str) -> None:
    page = client.get("/sign-in/", query_string={"next": outside})

    assert pages.forms(page)[0].values["next"] == ["/me/"]


def test_sign_out_ends_the_session_for_its_old_cookie_too(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client)
    pages.submit(client, client.get(mailed_link(runner, tmp_path)))
    cookie = client.get_cookie("convenor")
    assert cookie
    left = pages.submit(client, client.get("/me/"), action="/sign-out/")

    client.set_cookie("convenor", cookie.value)

    assert (left.status_code, left.location) == (303, "/")
    answer = client.get("/me/")
    assert (answer.status_code, answer.location) == (303, "/sign-in/?next=/me/")


def test_session_idles_out_after_a_week(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    with time_machine.travel(NOW, tick=False):
        ask(client)
        pages.submit(client, client.get(mailed_link(runner, tmp_path)))
    with time_machine.travel(NOW + timedelta(days=6), tick=False):
        assert client.get("/me/").status_code == 200
    with time_machine.travel(NOW + timedelta(days=12), tick=False):
        assert client.get("/me/").status_code == 200
    with time_machine.travel(NOW + timedelta(days=19), tick=False):
        assert client.get("/me/").status_code == 303


def test_database_holds_no_usable_token(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client)
    link = mailed_link(runner, tmp_path)
    pages.submit(client, client.get(link))

    token = link.split("/")[2]
    with app.app_context():
        hashes = [
            *db.session.scalars(select(SignInLink.token_hash)),
            *db.session.scalars(select(SignInSession.token_hash)),
        ]
    assert len(hashes) == 2
    assert token not in hashes


def test_form_from_another_site_changes_nothing(app: Flask, client: FlaskClient) -> None:
    page = client.get("/sign-in/")
    values = {**pages.forms(page)[0].values, "email": EMAIL}

    answer = client.post("/sign-in/", data=values, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_form_without_its_token_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/sign-in/", data={"email": EMAIL})

    assert answer.status_code == 400
    assert "reload the page" in pages.text(answer)


def test_foreign_host_header_is_refused(client: FlaskClient) -> None:
    assert client.get("/sign-in/", headers={"Host": "evil.example"}).status_code == 400


def test_profile_is_saved_or_refused_with_what_was_typed(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client)
    pages.submit(client, client.get(mailed_link(runner, tmp_path)))

    page = client.get("/me/")
    refused = pages.submit(client, page, {"name": "Ada", "zone": "Mars/Base"}, action="/me/")
    assert refused.status_code == 422
    assert "This must be the name of a time zone such as Europe/Berlin." in pages.text(refused)
    assert pages.submit(client, page, {"name": "Ada", "zone": "UTC"}, action="/me/").location == (
        "/me/"
    )
    assert pages.forms(client.get("/me/"))[0].values["name"] == ["Ada"]


def test_admin_page_is_for_admins(
    client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    ask(client, next_path="/admin/")
    pages.submit(client, client.get(mailed_link(runner, tmp_path)))
    assert client.get("/admin/").status_code == 403

    runner.invoke(args=["user", "add", EMAIL, "--admin"])

    assert "admin made" in pages.text(client.get("/admin/"))


def test_admin_page_shows_every_failed_mail_before_the_newest(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    runner.invoke(args=["user", "add", EMAIL, "--admin"])
    ask(client, next_path="/admin/")
    pages.submit(client, client.get(mailed_link(runner, tmp_path)))
    with app.app_context(), transaction() as session:
        for number in range(250):
            name = f"n{number}"
            draft = Draft(name, "note", f"{name}@example.org", NOW, NOW + timedelta(days=1))
            outbox.enqueue(session, draft, NOW)
        failed = update(Message).where(Message.key.in_(["n0", "n1"]))
        session.execute(failed.values(state=State.FAILED, error="550 no such user"))

    shown = re.findall(r"n\d+@example", pages.text(client.get("/admin/")))

    newest = [f"n{number}@example" for number in range(249, 49, -1)]
    assert shown == ["n1@example", "n0@example", *newest]
