"""Bookings of office hours that verify their guests, and limits for mailboxes nobody confirmed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select, update

from booking.models import BookingRow, OfficeHoursRow
from core.config import Settings
from core.db.base import db
from core.db.transaction import transaction
from core.messages import mailboxes
from core.messages.outbox import Message
from tests import pages
from tests.conftest import running
from tests.factories_booking import NOW, add_host, add_offer

API = "/api/v1/hosts/host-a/office-hours"
MEETING = "https://meet.example.org/host-a"
ANN = "ann@example.org"
NINE, TEN = "2026-06-03T07:00:00Z", "2026-06-03T08:00:00Z"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/bookings/\S+/)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def community(app: Flask, clock: time_machine.Traveller) -> None:
    with app.app_context(), transaction() as session:
        host = add_host(session)
        for slug, fields in {
            "chat": {},
            "ver": {"verify_guest": True},
            "both": {"verify_guest": True, "approval": True},
        }.items():
            add_offer(session, host, slug, per_guest_open=None, **fields)


@pytest.fixture
def limited(settings: Settings, app: Flask) -> Iterator[FlaskClient]:
    """The same app with RATE_LIMITS=on."""
    with running(settings.model_copy(update={"rate_limits": "on"})) as strict:
        yield strict.test_client()


def book(client: FlaskClient, slug: str = "ver", starts_at: str = NINE, **fields: str) -> dict:
    body = {"starts_at": starts_at, "name": "Ann", "email": ANN, "zone": "Africa/Lagos", **fields}
    answer = client.post(f"{API}/{slug}/bookings", json=body)
    return {"code": answer.status_code, **answer.get_json(), "headers": answer.headers}


def path_of(made: dict) -> str:
    return made["manage_url"].removeprefix("http://127.0.0.1:8000")


def mailed(runner: FlaskCliRunner, tmp_path: Path, to: str = ANN) -> list[tuple[str, str]]:
    """Deliver what is due; return subject and text of all mails to an address so far."""
    runner.invoke(args=["tick"])
    files = sorted((tmp_path / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    found = [message_from_bytes(file.read_bytes(), policy=SMTP) for file in files]
    return [
        (each["Subject"].strip(), each.get_body(("plain",)).get_content())
        for each in found
        if to in each["To"]
    ]


def link_in(mail: tuple[str, str]) -> str:
    found = LINK.search(mail[1].replace("\r\n", "\n"))
    assert found
    return found[1]


def statuses(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(BookingRow.status).order_by(BookingRow.id)))


def is_confirmed(app: Flask, email: str = ANN) -> bool:
    with app.app_context():
        return mailboxes.is_confirmed(db.session(), email)


def test_guest_confirms_by_the_button_behind_the_mailed_link(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    made = book(client)
    (asked,) = mailed(runner, tmp_path)
    assert mailed(runner, tmp_path, "host-a@example.org") == []
    assert (made["code"], made["status"]) == (201, "held")
    assert asked[0].startswith("Please confirm: Career chat with Host A")
    assert "Confirm" not in "".join(
        re.findall("<button.*?</button>", client.get(path_of(made)).text)
    )

    page = client.get(link_in(asked))
    done = pages.submit(client, page, action=link_in(asked))

    assert (done.status_code, done.location) == (303, f"{link_in(asked)}?new=1")
    words = pages.text(client.get(done.location))
    assert "Booked. A calendar invite is on its way to ann@example.org." in words
    assert statuses(app) == ["confirmed"]
    assert [subject.partition(":")[0] for subject, _ in mailed(runner, tmp_path)] == [
        "Please confirm",
        "Confirmed",
    ]
    (told,) = mailed(runner, tmp_path, "host-a@example.org")
    assert told[0].startswith("Booked: ")


def test_scanners_change_nothing(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    book(client)
    (asked,) = mailed(runner, tmp_path)
    link = link_in(asked)

    for method in ("HEAD", "GET", "GET", "GET", "OPTIONS"):
        client.open(link, method=method)
    for followed in re.findall(r'href="(/bookings/[^"]+)"', client.get(link).text):
        client.get(followed)

    assert statuses(app) == ["held"]
    assert not is_confirmed(app)
    pages.submit(client, client.get(link), action=link)
    assert (statuses(app), is_confirmed(app)) == (["confirmed"], True)


def test_with_approval_a_held_booking_becomes_pending_and_then_confirmed(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    made = book(client, "both")
    (asked,) = mailed(runner, tmp_path)
    token = runner.invoke(args=["token", "add", "host-a@example.org", "--name", "t"]).output.strip()
    approve = f"/api/v1/hosts/host-a/bookings/{made['id']}/approve"
    headers = {"Authorization": f"Bearer {token}"}
    early = client.post(approve, headers=headers)
    assert (early.status_code, early.get_json()["type"].rpartition("/")[2]) == (409, "settled")

    pages.submit(client, client.get(link_in(asked)), action=link_in(asked))
    assert statuses(app) == ["pending"]
    (told,) = mailed(runner, tmp_path, "host-a@example.org")
    assert told[0].startswith("Please approve: ")

    client.post(approve, headers=headers)

    assert statuses(app) == ["confirmed"]


def test_confirmed_mailbox_is_asked_again_for_each_booking(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    """Anybody can type an address that somebody else has confirmed."""
    with app.app_context(), transaction() as session:
        mailboxes.confirm(session, ANN, NOW)

    assert book(client)["status"] == "held"


def test_signed_in_guest_needs_no_mail_for_their_own_address(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner
) -> None:
    runner.invoke(args=["user", "add", ANN])
    link = runner.invoke(args=["user", "link", ANN]).output.strip().partition(":8000")[2]
    pages.submit(client, client.get(link))
    page = client.get("/office-hours/host-a/ver/")
    form = {"name": "Ann", "zone": "UTC"}

    pages.submit(client, page, {**form, "starts_at": NINE, "email": ANN}, action="/ver/")
    pages.submit(
        client, client.get("/office-hours/host-a/ver/"),
        {**form, "starts_at": TEN, "email": "bob@example.org"}, action="/ver/",
    )  # fmt: skip

    assert statuses(app) == ["confirmed", "held"]


def test_held_time_is_kept_and_confirmed_within_half_an_hour(
    app: Flask,
    client: FlaskClient,
    runner: FlaskCliRunner,
    tmp_path: Path,
    clock: time_machine.Traveller,
) -> None:
    book(client)
    (asked,) = mailed(runner, tmp_path)
    page = client.get(link_in(asked))
    assert book(client, email="bob@example.org")["code"] == 409

    clock.move_to(NOW + timedelta(minutes=30))
    late = pages.submit(client, page, action=link_in(asked))

    assert late.status_code == 409
    assert "not confirmed soon enough" in pages.text(late)
    clock.move_to(NOW + timedelta(minutes=30) - timedelta(seconds=1))
    assert pages.submit(client, page, action=link_in(asked)).status_code == 303
    assert statuses(app) == ["confirmed"]


def test_held_booking_is_given_up_without_a_mail_and_cannot_move(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    made = book(client)
    token = path_of(made).split("/")[2]
    refused = client.post(f"/api/v1/bookings/{token}/reschedule", json={"starts_at": TEN})
    assert (refused.status_code, refused.get_json()["type"].rpartition("/")[2]) == (409, "settled")

    pages.submit(client, client.get(path_of(made)), action="/cancel")

    assert statuses(app) == ["cancelled"]
    assert mailed(runner, tmp_path) == mailed(runner, tmp_path, "host-a@example.org") == []
    assert book(client)["code"] == 201


def test_held_booking_is_given_up_after_the_deadline_too(app: Flask, client: FlaskClient) -> None:
    """Nobody waits for its guest: there is nobody to be told that they cannot come."""
    made = book(client)
    with app.app_context(), transaction() as session:
        session.execute(update(OfficeHoursRow).values(change_until=31 * 24 * 60))
    page = client.get(path_of(made))
    assert "Give this time back" in pages.text(page)

    done = pages.submit(client, page, action="/cancel")

    assert (done.status_code, statuses(app)) == (303, ["cancelled"])


def test_meeting_link_is_shown_to_whoever_reads_the_mail(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    path = path_of(book(client, "chat"))
    (told,) = mailed(runner, tmp_path)
    link = link_in(told)
    assert MEETING in told[1]

    for page in (path, f"{path}invitation.ics"):
        assert "meet.example.org" not in client.get(page).text
    assert "The meeting link is in the mail to ann@example.org." in pages.text(client.get(path))
    assert MEETING in client.get(link).text
    assert MEETING in client.get(f"{link}invitation.ics").text
    assert not is_confirmed(app)

    pages.submit(client, client.get(link), action=link)

    assert is_confirmed(app)
    assert MEETING in client.get(path).text


def test_meeting_link_is_shown_at_once_where_the_host_says_so(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context(), transaction() as session:
        session.scalars(select(OfficeHoursRow).filter_by(slug="chat")).one().share_link = "always"

    path = path_of(book(client, "chat"))

    for page in (path, f"{path}invitation.ics"):
        assert MEETING in client.get(page).text


@pytest.mark.parametrize("action", ["move", "cancel"])
def test_post_below_the_mailed_link_confirms_even_if_it_is_refused(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path, action: str
) -> None:
    path = path_of(book(client, "chat"))
    (told,) = mailed(runner, tmp_path)
    link = link_in(told)
    pages.submit(client, client.get(path), {"starts_at": "soon", "reason": "x" * 999},
                 action=action)  # fmt: skip
    assert not is_confirmed(app)

    refused = pages.submit(
        client, client.get(link), {"starts_at": "soon", "reason": "x" * 999}, action=action
    )

    assert refused.status_code == 422
    assert is_confirmed(app)


def test_forms_below_the_mailed_link_work_as_without(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    book(client, "chat")
    link = link_in(mailed(runner, tmp_path)[0])

    moved = pages.submit(client, client.get(link, query_string={"starts_at": TEN}), action="move")
    assert (moved.status_code, moved.location) == (303, f"{link}?moved=1")
    ended = pages.submit(client, client.get(link), action="cancel")

    assert (ended.status_code, ended.location) == (303, link)
    assert statuses(app) == ["cancelled"]
    assert [client.get(f"{link}{name}").status_code for name in ("move", "cancel")] == [405, 405]


def test_proof_of_another_booking_or_generation_is_not_found(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    book(client)
    book(client, starts_at=TEN)
    first, second = (link_in(mail) for mail in mailed(runner, tmp_path))
    token, proof = first.split("/")[2:4]
    csrf = pages.forms(client.get(first))[0].values
    wrong = [
        f"/bookings/{token}/{second.split('/')[3]}/",
        f"/bookings/{second.split('/')[2]}/{proof}/",
        f"/bookings/{token}/{'A' * len(proof)}/",
        f"/bookings/{token}/{proof[:-1]}/",
        f"/bookings/{token}/{token}/",
    ]
    for path in wrong:
        assert (path, client.get(path).status_code) == (path, 404)
        assert (path, client.post(path, data=csrf).status_code) == (path, 404)
        assert client.post(f"{path}cancel", data=csrf).status_code == 404
    assert client.post(f"/bookings/{token}/", data=csrf).status_code == 404
    with app.app_context(), transaction() as session:
        for row in session.scalars(select(BookingRow)):
            row.generation = 2

    assert client.post(first, data=csrf).status_code == 404
    assert statuses(app) == ["held", "held"]
    assert not is_confirmed(app)


def test_link_that_is_used_again_shows_the_booking(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    book(client)
    link = link_in(mailed(runner, tmp_path)[0])
    page = client.get(link)

    again = [pages.submit(client, page, action=link).status_code for _ in range(3)]

    assert again == [303] * 3
    assert len(mailed(runner, tmp_path)) == 2


def test_fourth_mail_in_a_day_is_refused_and_nothing_is_booked(
    app: Flask, limited: FlaskClient, clock: time_machine.Traveller
) -> None:
    starts = [f"2026-06-03T{hour:02}:00:00Z" for hour in range(7, 12)]
    addresses = [ANN, "a.nn@example.org", "ann+x@example.org", ANN]

    made = [
        book(limited, "chat", starts_at, email=address)
        for starts_at, address in zip(starts[:4], addresses, strict=True)
    ]

    assert [each["code"] for each in made] == [201, 201, 201, 429]
    assert made[3]["type"].endswith("/rate-limited")
    assert made[3]["headers"]["Retry-After"] == "86400"
    assert len(statuses(app)) == 3
    with app.app_context():
        guests = Message.recipient.not_in(["host-a@example.org"])
        assert len(db.session.scalars(select(Message.id).where(guests)).all()) == 3
    assert book(limited, "chat", starts[4], email="bob@example.org")["code"] == 201
    clock.shift(timedelta(days=1))
    assert book(limited, "chat", "2026-06-04T07:00:00Z")["code"] == 201


def test_form_over_the_limit_is_refused_in_words(app: Flask, limited: FlaskClient) -> None:
    for starts_at in ("2026-06-03T09:00:00Z", "2026-06-03T10:00:00Z", "2026-06-03T11:00:00Z"):
        book(limited, "chat", starts_at)

    page = limited.get("/office-hours/host-a/chat/", query_string={"starts_at": NINE})
    refused = pages.submit(limited, page, {"name": "Ann", "email": ANN}, action="/chat/")

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "86400")
    assert (
        "This address has had three mails from us within a day, and nobody has used a link in them."
        in pages.text(refused)
    )
    form = next(each for each in pages.forms(refused) if each.method == "post")
    assert form.values["email"] == [ANN]


def test_moves_count_and_cancelling_is_never_refused(app: Flask, limited: FlaskClient) -> None:
    path = path_of(book(limited, "chat"))
    api = f"/api/v1{path}".rstrip("/")
    starts = [f"2026-06-03T{hour:02}:00:00Z" for hour in (8, 9, 10)]

    codes = [limited.post(f"{api}/reschedule", json={"starts_at": at}).status_code for at in starts]
    page = limited.get(path, query_string={"starts_at": starts[2]})
    moved = pages.submit(limited, page, action="move")
    ended = limited.post(f"{api}/cancel")

    assert codes == [200, 200, 429]
    assert (moved.status_code, moved.headers["Retry-After"]) == (429, "86400")
    assert (ended.status_code, ended.get_json()["status"]) == (200, "cancelled")
    with app.app_context():
        query = select(Message.kind, Message.recipient).order_by(Message.id)
        mails = db.session.execute(query).all()
    assert [kind for kind, recipient in mails if recipient == ANN] == [
        "booking-confirmed",
        "booking-moved",
        "booking-moved",
    ]
    assert [kind for kind, recipient in mails if recipient != ANN][-1] == "booking-cancelled"


def test_host_reminders_and_confirmed_guests_are_not_counted(
    app: Flask, limited: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    with app.app_context(), transaction() as session:
        offer = session.scalars(select(OfficeHoursRow).filter_by(slug="chat")).one()
        offer.approval = True
    token = runner.invoke(args=["token", "add", "host-a@example.org", "--name", "t"]).output.strip()
    for hour in (7, 8, 9):
        made = book(limited, "chat", f"2026-06-03T{hour:02}:00:00Z")
        limited.post(
            f"/api/v1/hosts/host-a/bookings/{made['id']}/approve",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert book(limited, "chat", "2026-06-03T10:00:00Z")["code"] == 429
    with app.app_context(), transaction() as session:
        mailboxes.confirm(session, ANN, NOW)

    assert book(limited, "chat", "2026-06-03T10:00:00Z")["code"] == 201


def test_repeated_request_is_answered_over_the_limit(limited: FlaskClient) -> None:
    body = {"starts_at": NINE, "name": "Ann", "email": ANN, "zone": "UTC"}
    headers = {"Idempotency-Key": "k"}
    first = limited.post(f"{API}/chat/bookings", json=body, headers=headers)
    for hour in (9, 10):
        book(limited, "chat", f"2026-06-03T{hour:02}:00:00Z")
    assert book(limited, "chat", "2026-06-03T11:00:00Z")["code"] == 429

    again = limited.post(f"{API}/chat/bookings", json=body, headers=headers)

    assert (again.status_code, again.get_json()) == (201, first.get_json())
