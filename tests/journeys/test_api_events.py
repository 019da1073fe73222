"""A program reads and changes series and events by the JSON API."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from accounts.services import api_tokens, people
from core.db.base import db
from core.db.transaction import transaction
from scheduler.domain import identity
from scheduler.domain.recurrence import Period
from scheduler.files.community_export import write_series as exported
from scheduler.models import series_organizers
from tests.factories import add_event, add_organization, add_person, add_series
from tests.factories_booking import NOW

ORGANISER = "organiser@example.org"
REF = identity.series_ref("dlct@example.org")
FIRST = f"{REF}-2026-06-05"  # a Friday, 10:00 in Los Angeles is 17:00Z
PRIVATE = "https://meet.example.org/private"


@pytest.fixture(autouse=True)
def _still_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def tokens(app: Flask) -> dict[str, dict[str, str]]:
    """A community; and the headers by which its people call."""
    with app.app_context(), transaction() as session:
        add_organization(session)
        dlct = add_series(session, join_url=PRIVATE, join_access="on_request")
        organiser = add_person(session, ORGANISER, name="Org")
        session.execute(
            series_organizers.insert().values(series_id=dlct.id, person_id=organiser.id)
        )
        talk = {"topics": ["Vision"], "abstract": "On pictures."}
        add_event(session, dlct, "2026-06-05", title="Seeing", speakers=["Ada, Lab"], **talk)
        add_event(session, dlct, "2026-06-19", status="cancelled", reason="holiday")
        add_event(session, dlct, "2026-06-26", starts=datetime(2026, 6, 29, 10), title="Moved")
        people.ensure(session, "admin@example.org", NOW)
        people.make_admin(session, "admin@example.org", NOW)
        emails = (ORGANISER, "admin@example.org", "stranger@example.org")
        made = {email: api_tokens.add(session, email, "tests", NOW) for email in emails}
    return {
        email.partition("@")[0]: {"Authorization": f"Bearer {token}"}
        for email, token in made.items()
    }


@pytest.fixture
def api(client: FlaskClient, tokens: dict[str, dict[str, str]]) -> FlaskClient:
    """A caller without token."""
    return client


def test_events_tell_all_that_a_calendar_needs(api: FlaskClient) -> None:
    answer = api.get("/api/v1/events?from=2026-06-05&to=2026-06-06&series=dlct")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.get_json() == {
        "events": [
            {
                "id": FIRST,
                "uid": identity.event_uid("dlct@example.org", "2026-06-05"),
                "series": "dlct",
                "number": None,
                "title": "DLCT: Seeing (Ada)",
                "starts_at": "2026-06-05T17:00:00Z",
                "ends_at": "2026-06-05T18:00:00Z",
                "zone": "America/Los_Angeles",
                "status": "scheduled",
                "reason": None,
                "minutes": 60,
                "all_day": False,
                "moved_from": None,
                "url": "http://127.0.0.1:8000/series/dlct/2026-06-05/",
                "location": None,
                "registration_url": None,
                "chair": None,
                "language": None,
                "links": [],
                "talks": [
                    {
                        "key": "t1",
                        "title": "Seeing",
                        "speakers": [
                            {"name": "Ada", "affiliation": "Lab", "url": None, "bio": None}
                        ],
                        "starts_at": "2026-06-05T17:00:00Z",
                        "links": [],
                        "offset": None,
                        "minutes": None,
                        "abstract": "On pictures.",
                        "paper_url": None,
                        "slides_url": None,
                        "video_url": None,
                        "video_at": None,
                        "topics": ["Vision"],
                    }
                ],
            }
        ],
        "next": None,
    }
    assert api.get(f"/api/v1/events/{FIRST}").get_json() == answer.get_json()["events"][0]


def test_events_without_arguments_are_those_ahead(api: FlaskClient) -> None:
    found = api.get("/api/v1/events").get_json()

    assert [(event["starts_at"], event["status"]) for event in found["events"][:5]] == [
        ("2026-06-05T17:00:00Z", "scheduled"),
        ("2026-06-12T17:00:00Z", "open"),
        ("2026-06-19T17:00:00Z", "cancelled"),
        ("2026-06-29T17:00:00Z", "scheduled"),
        ("2026-07-03T17:00:00Z", "open"),
    ]
    assert found["events"][2]["title"].startswith("Cancelled: ")
    assert found["events"][3]["moved_from"] == "2026-06-26T17:00:00Z"
    assert found["next"] is None


def test_events_are_chosen_by_window_topic_and_words(api: FlaskClient) -> None:
    june = ["2026-06-05", "2026-06-12", "2026-06-19", "2026-06-26"]
    expected = {
        "to=2026-07-01&topic=vision": june[:1],
        "to=2026-07-01&topic=&q=": june,
        "to=2026-07-01&q=PICTURES": june[:1],
        "to=2026-07-01&q=%25": [],
        "to=2026-07-01&from=2026-06-05T18:00:00Z": june[1:],
        "to=2026-07-01&from=2026-06-05T19:59:00%2B02:00": june,
        "to=2026-06-05T17:00:00Z": [],
    }

    found = {
        arguments: api.get(f"/api/v1/events?{arguments}").get_json()["events"]
        for arguments in expected
    }

    assert {
        arguments: [event["id"].partition("-")[2] for event in events]
        for arguments, events in found.items()
    } == expected


def test_events_come_in_pages_that_a_cursor_joins(api: FlaskClient) -> None:
    address = "/api/v1/events?from=2020-01-03&to=2031-01-01"
    seen = []
    page = api.get(address).get_json()
    while page["next"]:
        assert len(page["events"]) == 100
        seen += page["events"]
        page = api.get(f"/api/v1/events?cursor={page['next']}").get_json()
    seen += page["events"]

    ids = [event["id"] for event in seen]
    assert len(ids) == len(set(ids)) > 200
    assert [event["starts_at"] for event in seen] == sorted(event["starts_at"] for event in seen)
    assert ids[-1] == f"{REF}-2030-12-27"


def test_events_say_what_is_wrong_with_an_argument(api: FlaskClient) -> None:
    expected = {
        "from=yesterday": "from",
        "from=2026-02-30": "from",
        "from=2026-06-05T17:00:00": "from",
        "to=99999-01-01": "to",
        "from=2026-06-05&to=2026-06-04": "to",
        "from=1970-01-01&to=2150-01-01": "to",
        "to=2020-01-01": "to",
        "cursor=abc": "cursor",
        "cursor=W10": "cursor",
        "cursor=%00": "cursor",
        "series=DLCT": "series",
        "q=a%00b": "q",
        "q=a&q=b": "q",
    }

    answers = {arguments: api.get(f"/api/v1/events?{arguments}") for arguments in expected}

    assert {
        arguments: (answer.status_code, answer.mimetype, *answer.get_json()["errors"])
        for arguments, answer in answers.items()
    } == {
        arguments: (422, "application/problem+json", field) for arguments, field in expected.items()
    }


def test_what_is_not_there_is_a_problem_in_words(api: FlaskClient) -> None:
    addresses = [
        "/api/v1/events?series=nothing",
        "/api/v1/series/nothing",
        "/api/v1/series/%00",
        f"/api/v1/events/{REF}-2026-06-06",
        f"/api/v1/events/{REF}-2026-06-05x",
        "/api/v1/events/%ff%00",
        "/api/v1/nothing",
        "/api/",
    ]

    answers = [api.get(address) for address in addresses]

    assert [(answer.status_code, answer.mimetype) for answer in answers] == [
        (404, "application/problem+json")
    ] * len(addresses)
    assert {answer.get_json()["type"].rpartition("/")[2] for answer in answers} == {"not-found"}


def test_wrong_method_names_the_right_ones(api: FlaskClient) -> None:
    answer = api.delete("/api/v1/series/dlct")

    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}


WHOLE = {
    "location": "Room 5",
    "join_url": "https://meet.example.org/own",
    "registration_url": "https://example.org/sign-up",
    "chair": {"name": "Grace", "email": "grace@example.org"},
    "language": "fr",
    "links": [{"label": "Program", "url": "https://example.org/program"}],
    "talks": [
        {
            "key": "a",
            "title": "Seeing",
            "speakers": [{"name": "Ada", "email": "ada@example.org", "bio": "Wrote *notes*."}],
            "offset": 15,
            "minutes": 10,
            "links": [{"label": "Second recording", "url": "https://example.org/2"}],
        },
        {"key": "b", "title": "More"},
    ],
}


def test_event_shows_its_place_and_people_without_what_is_private(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    by_token = api.patch(f"/api/v1/events/{FIRST}", json=WHOLE, headers=tokens["organiser"])
    assert by_token.status_code == 200
    answer = api.get(f"/api/v1/events/{FIRST}")

    found = answer.get_json()
    public = {name: found[name] for name in WHOLE if name not in ("join_url", "chair", "talks")}
    assert public == {name: WHOLE[name] for name in public}
    assert found["chair"] == {"name": "Grace"}
    assert [(talk["starts_at"], talk["offset"]) for talk in found["talks"]] == [
        ("2026-06-05T17:15:00Z", 15),
        ("2026-06-05T17:25:00Z", None),
    ]
    in_series = api.get("/api/v1/series/dlct").text
    for private in ("grace@example.org", "ada@example.org", "meet.example.org"):
        assert private not in answer.text
        assert private not in in_series
    own = api.get("/api/v1/series/dlct", headers=tokens["organiser"]).get_json()
    assert own["events"][0]["join_url"] == "https://meet.example.org/own"


def test_public_link_of_an_event_is_shown(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    headers = tokens["organiser"]
    api.put("/api/v1/series/dlct", json={"join_access": "public"}, headers=headers)
    assert api.get(f"/api/v1/events/{FIRST}").get_json()["join_url"] == PRIVATE
    api.patch(f"/api/v1/events/{FIRST}", json=WHOLE, headers=headers)
    assert api.get(f"/api/v1/events/{FIRST}").get_json()["join_url"] == WHOLE["join_url"]


def test_putting_back_what_get_shows_loses_nothing(
    app: Flask, api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    headers = tokens["organiser"]
    api.patch(f"/api/v1/events/{FIRST}", json=WHOLE, headers=headers)
    series = {"location": "Room 4", "language": "en", "registration_url": "https://example.org/"}
    api.put("/api/v1/series/dlct", json=series, headers=headers)
    before = api.get("/api/v1/series/dlct", headers=headers).get_json()
    with app.app_context():
        stored = exported(db.session())
    events = [
        {name: value for name, value in each.items() if name != "changed_at"}
        for each in before["events"]
    ]
    left_out = ("changed_at", "url", "events")
    sent = {name: value for name, value in before.items() if name not in left_out}

    answer = api.put("/api/v1/series/dlct", json={**sent, "events": events}, headers=headers)

    assert (answer.status_code, answer.get_json()) == (200, before)
    with app.app_context():
        assert exported(db.session()) == stored


def test_series_hide_addresses_and_a_private_link(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    in_public = api.get("/api/v1/series/dlct")
    to_stranger = api.get("/api/v1/series/dlct", headers=tokens["stranger"]).get_json()
    to_organiser = api.get("/api/v1/series/dlct", headers=tokens["organiser"])
    in_list = api.get("/api/v1/series").get_json()["series"][0]

    assert to_stranger == in_public.get_json()
    assert ORGANISER not in in_public.text
    assert PRIVATE not in in_public.text
    own = to_organiser.get_json()
    assert (own["organisers"], own["join_url"]) == ([ORGANISER], PRIVATE)
    assert to_organiser.headers["Cache-Control"] == "private, no-store"
    assert in_public.get_json()["timetable"] == [
        {
            "key": None,
            "track": None,
            "starts": "2018-01-05T10:00",
            "minutes": 60,
            "rule": "FREQ=WEEKLY;BYDAY=FR",
            "until": None,
        }
    ]
    assert [event["key"] for event in in_public.get_json()["events"]] == [
        "2026-06-05",
        "2026-06-19",
        "2026-06-26",
    ]
    assert in_list == {key: value for key, value in in_public.get_json().items() if key != "events"}


def test_patch_fills_an_occurrence_that_has_no_row(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    talk = {"title": "New", "speakers": [{"name": "Bo", "email": "bo@example.org"}]}

    answer = api.patch(
        f"/api/v1/events/{REF}-2026-06-12",
        json={"talks": [talk], "starts": "2026-06-13T11:00"},
        headers=tokens["organiser"],
    )

    assert answer.status_code == 200
    assert "bo@example.org" not in answer.text
    changed = answer.get_json()
    assert changed["title"] == "DLCT: New (Bo)"
    assert changed["starts_at"] == "2026-06-13T18:00:00Z"
    assert changed["moved_from"] == "2026-06-12T17:00:00Z"
    assert api.get(f"/api/v1/events/{REF}-2026-06-12").get_json() == changed


def test_patch_says_what_is_wrong(api: FlaskClient, tokens: dict[str, dict[str, str]]) -> None:
    bodies: list[tuple[object, str]] = [
        ({"starts": "2026-06-12T10:00:00Z"}, "starts"),
        ({"minutes": 10**30}, "minutes"),
        ({"nothing": 1}, "nothing"),
        ({"date": "2026-06-13"}, "date"),
        ({"talks": [{"title": "a\x00b"}]}, "talks.0.title"),
        ({"talks": [{"title": "\ud800"}]}, "talks.0.title"),
        ({"talks": [{"video_url": "javascript:alert(1)"}]}, "talks.0.video_url"),
        ([], "body"),
    ]

    answers = [
        api.patch(f"/api/v1/events/{FIRST}", json=body, headers=tokens["organiser"])
        for body, _ in bodies
    ]

    assert [(answer.status_code, *answer.get_json()["errors"]) for answer in answers] == [
        (422, field) for _, field in bodies
    ]


def test_what_is_no_json_object_is_refused_in_words(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    bodies = [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b'{"minutes": NaN}', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b'{"minutes": ' + b"9" * 5000 + b"}", "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"minutes=30", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'{"a": "' + b"a" * 1_000_001 + b'"}', "application/json", 413),
    ]

    answers = [
        api.patch(
            f"/api/v1/events/{FIRST}",
            data=body,
            content_type=content_type,
            headers=tokens["organiser"],
        )
        for body, content_type, _ in bodies
    ]

    assert [(answer.status_code, answer.mimetype) for answer in answers] == [
        (status, "application/problem+json") for _, _, status in bodies
    ]


def test_only_organisers_change_a_series_and_its_events(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    def attempts(headers: dict[str, str] | None) -> list[int]:
        return [
            api.patch(f"/api/v1/events/{FIRST}", json={"minutes": 30}, headers=headers).status_code,
            api.put("/api/v1/series/dlct", json={"name": "Mine"}, headers=headers).status_code,
            api.put("/api/v1/series/new", json={"name": "New"}, headers=headers).status_code,
        ]

    assert attempts(None) == [401, 401, 401]
    assert attempts({"Authorization": "Bearer nonsense"}) == [401, 401, 401]
    assert attempts(tokens["stranger"]) == [403, 403, 403]
    assert attempts(tokens["organiser"]) == [200, 200, 403]
    assert attempts(tokens["admin"]) == [200, 200, 201]


def test_unknown_token_is_told_how_to_sign_in(api: FlaskClient) -> None:
    answer = api.get("/api/v1/series", headers={"Authorization": "Bearer nonsense"})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_session_cookie_opens_nothing(api: FlaskClient, tokens: dict[str, dict[str, str]]) -> None:
    with api.session_transaction() as cookie:
        cookie["signed_in"] = tokens["admin"]["Authorization"].removeprefix("Bearer ")

    assert api.put("/api/v1/series/dlct", json={"name": "Mine"}).status_code == 401


def test_put_replaces_what_it_names_and_nothing_else(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    before = api.get("/api/v1/series/dlct", headers=tokens["organiser"]).get_json()
    timetable = [{"starts": "2026-01-01T09:30", "minutes": 45, "rule": "FREQ=WEEKLY;BYDAY=TH"}]

    answer = api.put(
        "/api/v1/series/dlct", json={"timetable": timetable}, headers=tokens["organiser"]
    )

    assert answer.status_code == 200
    after = answer.get_json()
    assert after["timetable"] == [{"key": None, "track": None, **timetable[0], "until": None}]
    same = ("name", "organisers", "join_url", "gaps", "uid", "description")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_put_says_what_is_wrong(api: FlaskClient, tokens: dict[str, dict[str, str]]) -> None:
    secondly = {"starts": "2026-01-01T09:30", "rule": "FREQ=SECONDLY"}
    bodies: list[tuple[object, str]] = [
        ({"slug": "other"}, "slug"),
        ({"timetable": [secondly]}, "timetable.0.rule"),
        ({"zone": "localtime"}, "zone"),
        ({"organisers": ["=?utf-8?q?a=40evil.com=3e=20?=x@example.com"]}, "organisers.0"),
        ({"name": None}, "name"),
    ]

    answers = [
        api.put("/api/v1/series/dlct", json=body, headers=tokens["organiser"]) for body, _ in bodies
    ]

    assert [(answer.status_code, *answer.get_json()["errors"]) for answer in answers] == [
        (422, field) for _, field in bodies
    ]


def test_put_makes_a_series_with_events_to_come(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    weekly = Period(datetime(2026, 6, 2, 12, 0), 30, "FREQ=WEEKLY;BYDAY=TU")
    body = {
        "name": "Town hall",
        "kind": "social",
        "zone": "Europe/Berlin",
        "timetable": [
            {"starts": weekly.starts.isoformat(), "minutes": weekly.minutes, "rule": weekly.rule}
        ],
    }

    answer = api.put("/api/v1/series/town-hall", json=body, headers=tokens["admin"])

    assert answer.status_code == 201
    found = api.get("/api/v1/events?series=town-hall&to=2026-06-10").get_json()["events"]
    assert [(each["starts_at"], each["status"], each["title"]) for each in found] == [
        ("2026-06-02T10:00:00Z", "scheduled", "Town hall"),
        ("2026-06-09T10:00:00Z", "scheduled", "Town hall"),
    ]


def test_series_as_it_is_shown_can_be_put_back(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    shown = api.get("/api/v1/series/dlct", headers=tokens["organiser"]).get_json()
    sent = {name: value for name, value in shown.items() if name not in ("changed_at", "url")}
    sent["events"] = [
        {name: value for name, value in event.items() if name != "changed_at"}
        for event in shown["events"]
    ]

    answer = api.put("/api/v1/series/dlct", json=sent, headers=tokens["organiser"])

    assert (answer.status_code, answer.get_json()) == (200, shown)


def test_put_and_patch_change_no_identity_and_no_history(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    at = "2200-01-01T00:00:00Z"
    series, first = "/api/v1/series/dlct", f"/api/v1/events/{FIRST}"
    empty = f"/api/v1/events/{REF}-2026-06-12"
    bodies: list[tuple[str, str, dict[str, object], str]] = [
        ("PUT", series, {"changed_at": at}, "changed_at"),
        ("PUT", series, {"sequence": 7}, "sequence"),
        ("PUT", series, {"sequence": None}, "sequence"),
        ("PUT", series, {"uid": "other@example.org"}, "uid"),
        ("PUT", series, {"url": "https://example.org"}, "url"),
        (
            "PUT",
            series,
            {"events": [{"date": "2026-06-05", "changed_at": at}]},
            "events.0.changed_at",
        ),
        ("PUT", series, {"events": [{"date": "2026-06-05", "sequence": 7}]}, "events.0.sequence"),
        ("PUT", series, {"events": [{"date": "2026-06-05", "uid": "x@y"}]}, "events.0.uid"),
        ("PUT", series, {"events": [{"date": "2026-07-03", "uid": "x@y"}]}, "events.0.uid"),
        ("PUT", "/api/v1/series/new", {"name": "New", "uid": "x@y"}, "uid"),
        ("PUT", "/api/v1/series/new", {"name": "New", "sequence": 0}, "sequence"),
        ("PATCH", first, {"changed_at": at}, "changed_at"),
        ("PATCH", first, {"sequence": 2}, "sequence"),
        ("PATCH", first, {"uid": "x@y"}, "uid"),
        ("PATCH", empty, {"uid": "x@y"}, "uid"),
        ("PATCH", empty, {"sequence": 1}, "sequence"),
    ]
    before = api.get(series).get_json()

    answers = [
        api.open(path, method=method, json=body, headers=tokens["admin"])
        for method, path, body, _ in bodies
    ]

    assert [(answer.status_code, *answer.get_json()["errors"]) for answer in answers] == [
        (422, field) for *_, field in bodies
    ]
    assert api.get(series).get_json() == before


def test_identity_that_is_as_stored_may_be_sent_along(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    first = {"uid": identity.event_uid("dlct@example.org", "2026-06-05"), "sequence": 1}
    empty = {"uid": identity.event_uid("dlct@example.org", "2026-06-12")}

    answers = [
        api.patch(f"/api/v1/events/{REF}-{day}", json=body, headers=tokens["organiser"])
        for day, body in (("2026-06-05", first), ("2026-06-12", empty))
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_talks_keep_their_keys_whatever_is_patched(
    api: FlaskClient, tokens: dict[str, dict[str, str]]
) -> None:
    def patch(*talks: dict[str, str]) -> list[tuple[str, str]]:
        answer = api.patch(
            f"/api/v1/events/{FIRST}", json={"talks": talks}, headers=tokens["organiser"]
        )
        return [(talk["key"], talk["title"]) for talk in answer.get_json()["talks"]]

    assert patch({"title": "Seeing"}, {"title": "Hearing"}) == [("t1", "Seeing"), ("t2", "Hearing")]
    assert patch({"key": "t2", "title": "Listening"}, {"title": "Smelling"}) == [
        ("t2", "Listening"),
        ("t3", "Smelling"),
    ]


JAM = {
    "name": "Jam",
    "kind": "jam",
    "zone": "America/Los_Angeles",
    "timetable": [{"starts": "2026-06-03T10:00", "rule": "FREQ=MONTHLY;BYDAY=1WE"}],
    "events": [{"starts": "2026-05-20T18:30", "minutes": 90, "number": 34}],
}


@pytest.mark.parametrize(
    ("body", "key", "starts_at"),
    [
        ({"date": "2026-06-17"}, "2026-06-17", "2026-06-18T01:30:00Z"),
        (
            {"date": "2026-06-17", "starts": "2026-06-17T09:00"},
            "2026-06-17",
            "2026-06-17T16:00:00Z",
        ),
        ({"date": "2026-07-01"}, "2026-07-01", "2026-07-02T01:30:00Z"),
    ],
)
def test_next_event_is_like_the_last(
    api: FlaskClient,
    tokens: dict[str, dict[str, str]],
    body: dict[str, str],
    key: str,
    starts_at: str,
) -> None:
    admin = tokens["admin"]
    assert api.put("/api/v1/series/jam", json=JAM, headers=admin).status_code == 201
    answer = api.post("/api/v1/series/jam/events/next", json=body, headers=admin)
    made = answer.get_json()
    assert answer.status_code == 201
    assert made["id"].endswith(f"-{key}")
    assert (made["number"], made["minutes"], made["starts_at"]) == (35, 90, starts_at)
    assert (made["title"], made["status"]) == ("Jam #35", "scheduled")
    second = api.post("/api/v1/series/jam/events/next", json={"date": "2026-07-15"}, headers=admin)
    assert second.get_json()["number"] == 36


@pytest.mark.parametrize(
    ("slug", "body", "status"),
    [
        ("jam", {"date": "2026-06-03"}, 409),
        ("jam", {"date": "2026-06-17", "starts": "2026-06-18T09:00"}, 422),
        ("jam", {}, 422),
        ("jam", {"date": "soon"}, 422),
        ("dlct", {"date": "2026-06-17"}, 409),
        ("none", {"date": "2026-06-17"}, 404),
    ],
)
def test_next_event_is_refused_in_words(
    api: FlaskClient,
    tokens: dict[str, dict[str, str]],
    slug: str,
    body: dict[str, str],
    status: int,
) -> None:
    planned = {**JAM, "events": [*JAM["events"], {"date": "2026-06-03", "number": 33}]}
    api.put("/api/v1/series/jam", json=planned, headers=tokens["admin"])
    address = f"/api/v1/series/{slug}/events/next"
    answer = api.post(address, json=body, headers=tokens["admin"])
    assert answer.status_code == status
    assert answer.get_json()["detail"]
    refused = 404 if slug == "none" else 403
    assert api.post(address, json=body, headers=tokens["stranger"]).status_code in (refused, 422)
