"""A program finds free starts and books, moves and cancels by the JSON API; hosts use it too."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from accounts.domain.actors import ANYONE
from accounts.services import api_tokens
from booking.models import BookingRow
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from core.db.transaction import transaction
from scheduler.models import series_organizers
from tests.factories import add_event, add_organization, add_series
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at
from tests.statements import statements

CHAT = "/api/v1/hosts/host-a/office-hours/career-chat"
WANTED = {
    "starts_at": "2026-06-03T08:00:00Z",  # a Wednesday, 10:00 in Berlin
    "name": "Guest",
    "email": "guest@example.org",
    "zone": "Africa/Lagos",
}
QUESTION = {"label": "What about?", "kind": "text", "required": True}


@pytest.fixture(autouse=True)
def _still_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def tokens(app: Flask) -> dict[str, dict[str, str]]:
    """Hosts and their offers; and the headers by which people call."""
    with app.app_context(), transaction() as session:
        add_organization(session)
        host = add_host(session, topics=["papers"], languages=["en"])
        add_offer(session, host)
        add_offer(session, host, "asked", questions=[QUESTION], approval=True)
        add_offer(session, host, "secret", visibility="unlisted")
        add_offer(session, host, "inner", visibility="members")
        add_host(session, "host-b", zone="Asia/Kolkata", hours={})
        made = {
            name: api_tokens.add(session, f"{name}@example.org", "tests", NOW)
            for name in ("host-a", "host-b", "stranger")
        }
    return {name: {"Authorization": f"Bearer {token}"} for name, token in made.items()}


@pytest.fixture
def api(client: FlaskClient, tokens: dict[str, dict[str, str]]) -> FlaskClient:
    """A caller without token."""
    return client


def book(api: FlaskClient, address: str = CHAT, **changes: Any) -> TestResponse:
    """Ask for a booking."""
    headers = changes.pop("headers", None)
    return api.post(f"{address}/bookings", json={**WANTED, **changes}, headers=headers)


def token_of(made: TestResponse) -> str:
    """Return the token of the private link."""
    return made.get_json()["manage_url"].rstrip("/").rpartition("/")[2]


def problem(answer: TestResponse) -> tuple[int, str]:
    """Return the status and the slug of a problem."""
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["type"].rpartition("/")[2]


def test_hosts_show_nothing_private(api: FlaskClient, tokens: dict[str, dict[str, str]]) -> None:
    in_list = api.get("/api/v1/hosts")
    in_public = api.get("/api/v1/hosts/host-a")
    to_member = api.get("/api/v1/hosts/host-a", headers=tokens["stranger"])
    to_host = api.get("/api/v1/hosts/host-a", headers=tokens["host-a"])

    assert in_list.get_json()["hosts"][0] == in_public.get_json()
    assert set(in_public.get_json()) == {
        *("slug", "name", "bio", "topics", "languages", "zone", "paused", "office_hours", "url")
    }
    assert in_public.get_json()["office_hours"][0]["horizon"] == {"days": 60}
    for private in ("host-a@example.org", "meet.example.org", "weekly"):
        assert private not in in_list.text + in_public.text + to_member.text
        assert private in to_host.text

    def offers(answer: TestResponse) -> list[str]:
        return [each["slug"] for each in answer.get_json()["office_hours"]]

    assert offers(in_public) == ["career-chat", "asked"]
    assert offers(to_member) == ["career-chat", "asked", "inner"]
    assert offers(to_host) == ["career-chat", "asked", "secret", "inner"]


def test_slots_are_the_same_instants_in_every_zone(api: FlaskClient) -> None:
    dates = "from=2026-06-02&to=2026-06-04"
    at_host = api.get(f"{CHAT}/slots?{dates}").get_json()
    in_tokyo = api.get(f"{CHAT}/slots?{dates}&zone=Asia/Tokyo").get_json()

    assert (at_host["zone"], in_tokyo["zone"]) == ("Europe/Berlin", "Asia/Tokyo")
    assert at_host["slots"][0] == {
        "starts_at": "2026-06-02T07:00:00Z",
        "ends_at": "2026-06-02T07:30:00Z",
    }
    assert len(at_host["slots"]) == 3 * 16
    assert in_tokyo["slots"] == [
        slot for slot in at_host["slots"] if slot["starts_at"] < "2026-06-04T15"
    ]


def test_slots_say_what_is_wrong_with_an_argument(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    expected = {
        "": ["from", "to"],
        "from=&to=": ["from", "to"],
        "from=2026-06-02&to=2026-06-01": ["to"],
        "from=2026-06-01&to=2026-08-02": ["to"],
        "from=2026-06-02&to=2026-06-03&zone=localtime": ["zone"],
        "from=2026-06-02&to=2026-06-03&zone=../../etc/passwd": ["zone"],
        "from=2026-06-02&to=2026-06-03&minutes=45": ["minutes"],
        "from=2026-06-02&to=2026-06-03&minutes=-1": ["minutes"],
        "from=2026-06-02T00:00:00Z&to=2026-13-03": ["to"],
        f"from=2026-06-02&to=2026-06-03&minutes={'9' * 400}": ["minutes"],
    }

    answers = {arguments: api.get(f"{CHAT}/slots?{arguments}") for arguments in expected}

    assert {
        arguments: [answer.status_code, *answer.get_json().get("errors", ())]
        for arguments, answer in answers.items()
    } == {arguments: [422, *fields] for arguments, fields in expected.items()}
    dates = "slots?from=2026-06-01&to=2026-08-01"
    assert api.get(f"{CHAT}/{dates}").status_code == 200
    inner = f"/api/v1/hosts/host-a/office-hours/inner/{dates}"
    assert problem(api.get(inner)) == (404, "not-found")
    assert api.get(inner, headers=tokens["stranger"]).status_code == 200
    assert problem(api.get(f"/api/v1/hosts/host-b/office-hours/inner/{dates}"))[0] == 404


def test_guest_books_moves_and_cancels(api: FlaskClient) -> None:
    made = book(api, starts_at="2026-06-03T10:00:00+02:00")
    token = token_of(made)
    shown = api.get(f"/api/v1/bookings/{token}")

    assert made.status_code == 201
    assert made.get_json() == {
        "id": made.get_json()["id"],
        "status": "confirmed",
        "starts_at": "2026-06-03T08:00:00Z",
        "ends_at": "2026-06-03T08:30:00Z",
        "manage_url": f"http://127.0.0.1:8000/bookings/{token}/",
    }
    booking = {
        "id": made.get_json()["id"],
        "host": "host-a",
        "office_hours": "career-chat",
        "title": "Career chat",
        "starts_at": "2026-06-03T08:00:00Z",
        "ends_at": "2026-06-03T08:30:00Z",
        "status": "confirmed",
        "name": "Guest",
        "email": "guest@example.org",
        "zone": "Africa/Lagos",
        "answers": {},
        "absent_at": None,
        "change_until": "2026-06-02T20:00:00Z",
    }
    assert shown.get_json() == booking
    assert (shown.headers["Cache-Control"], shown.headers["Referrer-Policy"]) == (
        "no-store",
        "no-referrer",
    )

    moved = api.post(
        f"/api/v1/bookings/{token}/reschedule", json={"starts_at": "2026-06-04T08:00:00Z"}
    )
    assert (moved.status_code, moved.get_json()["starts_at"]) == (200, "2026-06-04T08:00:00Z")

    cancelled = api.post(f"/api/v1/bookings/{token}/cancel", json={"reason": "ill"})
    again = api.post(f"/api/v1/bookings/{token}/cancel")
    assert (cancelled.status_code, again.status_code) == (200, 200)
    assert again.get_json() == {**moved.get_json(), "status": "cancelled"}
    assert problem(
        api.post(f"/api/v1/bookings/{token}/reschedule", json={"starts_at": WANTED["starts_at"]})
    ) == (409, "settled")


def test_start_that_is_taken_names_the_nearest_free_ones(api: FlaskClient) -> None:
    assert book(api).status_code == 201

    taken = book(api, email="other@example.org")
    off_grid = book(api, starts_at="2026-06-03T08:10:00Z", email="other@example.org")

    assert problem(taken) == (409, "slot-taken")
    assert taken.get_json()["alternatives"] == [
        "2026-06-03T07:00:00Z",
        "2026-06-03T07:30:00Z",
        "2026-06-03T08:30:00Z",
        "2026-06-03T09:00:00Z",
        "2026-06-03T09:30:00Z",
    ]
    assert problem(off_grid) == (409, "slot-taken")
    assert problem(book(api, starts_at="2026-06-01T15:00:00Z")) == (409, "slot-taken")


def test_guest_has_two_open_bookings_at_most(api: FlaskClient) -> None:
    starts = [f"2026-06-0{day}T08:00:00Z" for day in (3, 4, 5)]

    answers = [book(api, starts_at=start) for start in starts]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert problem(answers[2]) == (409, "guest-limit")


def test_same_key_books_once(api: FlaskClient) -> None:
    headers = {"Idempotency-Key": "one"}

    first, second = (book(api, headers=headers) for _ in range(2))
    other = book(api, headers=headers, name="Somebody else")
    endless = book(api, headers={"Idempotency-Key": "a" * 256})
    unprintable = book(api, headers={"Idempotency-Key": "a\x00"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    for refused in (other, endless, unprintable):
        assert list(refused.get_json()["errors"]) == ["idempotency_key"]


def test_deadline_ends_moves_and_cancellations(api: FlaskClient) -> None:
    token = token_of(book(api))

    with time_machine.travel(at("2026-06-02 20:01"), tick=False):
        cancelled = api.post(f"/api/v1/bookings/{token}/cancel", json={})
        moved = api.post(
            f"/api/v1/bookings/{token}/reschedule", json={"starts_at": "2026-06-05T08:00:00Z"}
        )

    assert [problem(cancelled), problem(moved)] == [(409, "too-late"), (409, "too-late")]


def test_booking_says_what_is_wrong(api: FlaskClient) -> None:
    asked = "/api/v1/hosts/host-a/office-hours/asked"
    answers = [
        (book(api, starts_at="2026-06-03T08:00:00"), "starts_at"),
        (book(api, starts_at=1780473600), "starts_at"),
        (book(api, starts_at="2020-06-03T08:00:00Z"), "starts_at"),
        (book(api, starts_at="9999-12-31T23:59:59Z"), "starts_at"),
        (book(api, name=""), "name"),
        (book(api, name="Ann www.evil.test/x"), "name"),
        (book(api, name="A\r\nBcc: b@example.org"), "name"),
        (book(api, email="=?utf-8?q?a=40evil.com=3e=20?=x@example.com"), "email"),
        (book(api, zone="right/UTC"), "zone"),
        (book(api, minutes=45), "minutes"),
        (book(api, minutes=10**30), "minutes"),
        (book(api, price=1), "price"),
        (book(api, answers=[]), "answers"),
        (book(api, answers={"Nothing": "x"}), "answers"),
        (book(api, answers={"a\x00": "x"}), "answers"),
        (book(api, asked), "answers"),
        (book(api, asked, answers={"What about?": "\ud800"}), "answers"),
    ]

    assert [(*problem(answer), *answer.get_json()["errors"]) for answer, _ in answers] == [
        (422, "invalid", field) for _, field in answers
    ]


def test_link_that_nobody_gave_opens_nothing(api: FlaskClient) -> None:
    token = token_of(book(api))
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    odd = ["x", altered, token[:16], "%00" * 20, "%F0%9F%98%80" * 20, "a" * 5000]

    answers = [api.get(f"/api/v1/bookings/{each}") for each in odd]
    answers += [api.post(f"/api/v1/bookings/{each}/cancel", json={}) for each in odd]

    assert [problem(answer) for answer in answers] == [(404, "not-found")] * len(answers)


def test_host_approves_and_declines(api: FlaskClient, tokens: dict[str, dict[str, str]]) -> None:
    asked = "/api/v1/hosts/host-a/office-hours/asked"
    made = [
        book(api, asked, starts_at=f"2026-06-0{day}T08:00:00Z", answers={"What about?": "Maps"})
        for day in (3, 4)
    ]
    bookings = [f"/api/v1/hosts/host-a/bookings/{each.get_json()['id']}" for each in made]

    def ask(headers: dict[str, str] | None) -> list[int]:
        return [
            api.post(f"{bookings[0]}/approve", headers=headers).status_code,
            api.post(f"{bookings[1]}/decline", json={"reason": "Ill"}, headers=headers).status_code,
        ]

    assert [each.get_json()["status"] for each in made] == ["pending", "pending"]
    assert ask(None) == [401, 401]
    assert ask(tokens["host-b"]) == [404, 404]
    assert ask(tokens["host-a"]) == [200, 200]
    listed = api.get("/api/v1/hosts/host-a/bookings", headers=tokens["host-a"]).get_json()
    assert listed == {
        "bookings": [
            {
                "id": made[number].get_json()["id"],
                "office_hours": "asked",
                "starts_at": f"2026-06-0{number + 3}T08:00:00Z",
                "ends_at": f"2026-06-0{number + 3}T08:30:00Z",
                "status": status,
                "name": "Guest",
                "email": "guest@example.org",
                "zone": "Africa/Lagos",
                "answers": {"What about?": "Maps"},
                "absent_at": None,
            }
            for number, status in enumerate(["confirmed", "declined"])
        ],
        "next": None,
    }
    assert problem(api.post(f"{bookings[1]}/approve", headers=tokens["host-a"]))[0] == 409


def test_bookings_of_a_host_come_in_pages(
    app: Flask, api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    fill(app, 230)
    address = "/api/v1/hosts/host-a/bookings"

    pages = [api.get(address, headers=tokens["host-a"]).get_json()]
    while pages[-1]["next"]:
        cursor = pages[-1]["next"]
        pages.append(api.get(f"{address}?cursor={cursor}", headers=tokens["host-a"]).get_json())

    starts = [each["starts_at"] for page in pages for each in page["bookings"]]
    assert [len(page["bookings"]) for page in pages] == [100, 100, 30]
    assert (len(set(starts)), starts) == (230, sorted(starts))
    odd = api.get(f"{address}?cursor=abc", headers=tokens["host-a"])
    assert (problem(odd), list(odd.get_json()["errors"])) == ((422, "invalid"), ["cursor"])
    assert problem(api.get(address)) == (401, "sign-in-needed")
    assert problem(api.get(address, headers=tokens["host-b"])) == (404, "not-found")


def test_host_puts_hours_and_offers_but_never_bookings(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    token = token_of(book(api))
    saturdays = [{"days": [6], "from": "10:00", "to": "11:00"}]

    answer = api.put(
        "/api/v1/hosts/host-a",
        json={"weekly": saturdays, "bio": "New"},
        headers=tokens["host-a"],
    )
    with_bookings = api.put(
        "/api/v1/hosts/host-a", json={"bio": "Newer", "bookings": []}, headers=tokens["host-a"]
    )

    assert answer.status_code == 200
    assert (problem(with_bookings), list(with_bookings.get_json()["errors"])) == (
        (422, "invalid"),
        ["bookings"],
    )
    changed = answer.get_json()
    assert (changed["weekly"], changed["bio"], changed["topics"]) == (saturdays, "New", ["papers"])
    assert len(changed["office_hours"]) == 4
    slots = api.get(f"{CHAT}/slots?from=2026-06-02&to=2026-06-08").get_json()["slots"]
    assert [slot["starts_at"] for slot in slots] == ["2026-06-06T08:00:00Z", "2026-06-06T08:30:00Z"]
    assert api.get(f"/api/v1/bookings/{token}").get_json()["status"] == "confirmed"


def test_host_moves_proposes_cancels_and_records_attendance(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    made = [
        book(api, starts_at=f"2026-06-0{day}T08:00:00Z", email=f"{day}@example.org")
        for day in (3, 4, 5)
    ]
    ids = [each.get_json()["id"] for each in made]

    def ask(number: int, action: str, caller: str = "host-a", **body: object) -> TestResponse:
        path = f"/api/v1/hosts/host-a/bookings/{ids[number]}/{action}"
        return api.post(path, json=body, headers=tokens.get(caller))

    moved = ask(0, "move", starts_at="2026-06-03T20:15:00Z")
    proposed = ask(1, "propose", starts=["2026-06-08T08:00:00Z", "2026-06-09T08:00:00Z"])
    shown = api.get(f"/api/v1/bookings/{token_of(made[1])}").get_json()
    chosen = api.post(
        f"/api/v1/bookings/{token_of(made[1])}/choose", json={"starts_at": "2026-06-09T08:00:00Z"}
    )
    cancelled = ask(2, "cancel", reason="Ill")

    assert (moved.get_json()["starts_at"], moved.get_json()["status"]) == (
        "2026-06-03T20:15:00Z",
        "confirmed",
    )
    assert proposed.get_json()["starts_at"] == "2026-06-04T08:00:00Z"
    assert shown["proposed"] == ["2026-06-08T08:00:00Z", "2026-06-09T08:00:00Z"]
    assert (chosen.get_json()["starts_at"], chosen.get_json()["status"]) == (
        "2026-06-09T08:00:00Z",
        "confirmed",
    )
    assert "proposed" not in api.get(f"/api/v1/bookings/{token_of(made[1])}").get_json()
    assert cancelled.get_json()["status"] == "cancelled"
    assert problem(ask(0, "done")) == (409, "settled")  # it is still to come
    for action, body in (
        ("move", {"starts_at": "2026-06-10T08:00:00Z"}),
        ("propose", {"starts": ["2026-06-10T08:00:00Z"]}),
        ("cancel", {}),
        ("done", {}),
        ("no-show", {}),
    ):
        assert problem(ask(0, action, "nobody", **body)) == (401, "sign-in-needed")
        assert problem(ask(0, action, "host-b", **body)) == (404, "not-found")
    with time_machine.travel(at("2026-06-03 20:20"), tick=False):
        assert ask(0, "no-show").get_json()["status"] == "no_show"
        assert ask(0, "done").get_json()["status"] == "done"


def test_closed_office_hours_are_bookable_by_nobody_until_they_are_opened(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    def put(closed: bool) -> None:
        shown = api.get("/api/v1/hosts/host-a", headers=tokens["host-a"]).get_json()
        offered = [
            {**each, "closed": closed} if each["slug"] == "career-chat" else each
            for each in shown["office_hours"]
        ]
        api.put("/api/v1/hosts/host-a", json={"office_hours": offered}, headers=tokens["host-a"])

    token = token_of(book(api))
    put(True)
    slots = api.get(f"{CHAT}/slots?from=2026-06-02&to=2026-06-08").get_json()
    refused = book(api, starts_at="2026-06-04T09:00:00Z", email="ben@example.org")
    moved = api.post(
        f"/api/v1/bookings/{token}/reschedule", json={"starts_at": "2026-06-04T09:00:00Z"}
    )
    kept = api.get(f"/api/v1/bookings/{token}").get_json()["status"]
    put(False)

    assert slots == {"zone": "Europe/Berlin", "slots": [], "reason": "closed"}
    assert (problem(refused), refused.get_json()["alternatives"]) == ((409, "slot-taken"), [])
    assert (problem(moved), kept) == ((409, "slot-taken"), "confirmed")
    assert book(api, starts_at="2026-06-04T09:00:00Z").status_code == 201


def test_office_hours_are_deleted_unless_bookings_refer_to_them(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    booked = book(api).status_code
    asked = "/api/v1/hosts/host-a/office-hours/asked"

    def delete(address: str, caller: str) -> TestResponse:
        return api.delete(address, headers=tokens[caller])

    assert (booked, problem(api.delete(asked))) == (201, (401, "sign-in-needed"))
    assert problem(delete(asked, "host-b")) == (404, "not-found")
    assert problem(delete(CHAT, "host-a")) == (409, "has-bookings")
    left = delete(asked, "host-a").get_json()["office_hours"]
    assert "asked" not in [each["slug"] for each in left]
    assert problem(delete(asked, "host-a")) == (404, "not-found")


def test_only_the_host_puts_a_host(api: FlaskClient, tokens: dict[str, dict[str, str]]) -> None:
    def put(name: str | None) -> tuple[int, str]:
        headers = tokens[name] if name else None
        return problem(api.put("/api/v1/hosts/host-a", json={"bio": "x"}, headers=headers))

    assert put(None) == (401, "sign-in-needed")
    assert put("host-b") == put("stranger") == (403, "not-allowed")
    wrong = api.put(
        "/api/v1/hosts/host-a",
        json={"weekly": [{"days": [9], "from": "10:00", "to": "25:00"}]},
        headers=tokens["host-a"],
    )
    assert problem(wrong) == (422, "invalid")
    assert set(wrong.get_json()["errors"]) == {
        "weekly.0.days",
        "weekly.0.days.0",
        "weekly.0.to",
    }


def test_host_that_get_shows_can_be_put_back(
    app: Flask, api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    address, headers = "/api/v1/hosts/host-a", tokens["host-a"]
    calendars = {"calendars": ["https://cal.example.org/busy.ics"]}
    assert api.put(address, json=calendars, headers=headers).status_code == 200
    shown = api.get(address, headers=headers).get_json()
    asked = {**shown["office_hours"][1], "url": shown["url"]}

    again = api.put(address, json=shown, headers=headers)
    other = api.put(address, json={"url": f"{shown['url']}x"}, headers=headers)
    nested = api.put(address, json={"office_hours": [asked]}, headers=headers)

    assert shown["calendars"] == calendars["calendars"]
    assert (again.status_code, again.get_json()) == (200, shown)
    assert [list(each.get_json()["errors"]) for each in (other, nested)] == [
        ["url"],
        ["office_hours.0.url"],
    ]


def fill(app: Flask, count: int) -> None:
    """Add `count` bookings of host A, from Monday 8 June on, 16 a day but for weekends."""
    with app.app_context(), transaction() as session:
        host = host_queries.by_slug(session, "host-a")
        offer = office_hours_queries.visible(session, host, "career-chat", ANYONE)
        for number in range(count):
            days, place = divmod(number, 16)
            weeks, day = divmod(days, 5)
            start = at("2026-06-08 07:00") + timedelta(weeks=weeks, days=day)
            add_booking(session, offer, start + place * timedelta(minutes=30))


def test_slots_cost_as_many_statements_with_many_bookings(
    app: Flask, api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    month = f"{CHAT}/slots?from=2026-06-08&to=2026-07-08"
    fill(app, 1)
    with statements(app) as few:
        one = api.get(month).get_json()["slots"]
    with app.app_context(), transaction() as session:
        session.execute(delete(BookingRow))
    fill(app, 200)
    with statements(app) as many:
        full = api.get(month).get_json()["slots"]

    assert len(few) == len(many) == 3
    assert len(one) - len(full) == 199


def test_slots_of_a_host_who_organises_cost_as_few_statements(
    app: Flask, api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    with app.app_context(), transaction() as session:
        series = add_series(session)
        host = host_queries.by_slug(session, "host-a")
        session.execute(
            series_organizers.insert().values(series_id=series.id, person_id=host.person_id)
        )
        add_event(session, series, "2026-06-12", title="Own")

    with statements(app) as sent:
        api.get(f"{CHAT}/slots?from=2026-06-08&to=2026-07-08")

    assert len(sent) == 8


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": "\u200b"}, {"name": "is required"}),
        ({"name": "\u3164 \u2800"}, {"name": "is required"}),
        (
            {"email": f"{'a' * 60}@{'d' * 60}.{'d' * 60}.{'d' * 60}.{'d' * 60}.org"},
            {"email": "Please give an e-mail address of at most 254 characters."},
        ),
        ({"name": "Ann evil.com"}, {"name": "must be a name, without web addresses"}),
        ({"answers": {"What about?": "\u115f\u200d"}}, {"answers": "What about?: needs an answer"}),
    ],
)
def test_text_that_no_reader_sees_and_long_address_are_invalid(
    api: FlaskClient, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    wanted = {"answers": {"What about?": "A paper"}, **changes}
    refused = book(api, "/api/v1/hosts/host-a/office-hours/asked", **wanted)

    assert problem(refused) == (422, "invalid")
    assert refused.get_json()["errors"] == errors


def test_address_with_an_internationalized_domain_is_stored_in_ascii(api: FlaskClient) -> None:
    made = book(api, email="Ann@BÜCHER.example")

    assert made.status_code == 201
    stored = api.get(f"/api/v1/bookings/{token_of(made)}").get_json()["email"]
    assert stored == "ann@xn--bcher-kva.example"
