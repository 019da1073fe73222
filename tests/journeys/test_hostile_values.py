"""Any value in any place of a file or of an API body is stored or refused in words, never a 500."""

import copy
import json
import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.services import api_tokens, people
from core import parts, yaml
from core.db.transaction import transaction
from core.sections import ImportContext, Result
from scheduler.domain import identity
from scheduler.files import community as community_file
from tests.factories import add_organization, add_series
from tests.factories_booking import NOW

ADMIN = "admin@example.org"
JARGON = re.compile(
    r"Input should|Schema|validat|instance of|dictionary|NoneType|tuple|Traceback|Error\b|_type\b"
)
EDGES = [
    *(None, True, False, "", "x", "0", "-1", "99999999999999999999", "\0", "a\0b", "\x1b[2J"),
    *(0, -1, 1, 2**31, 2**63, 2**64, 10**40, 1.5, 1e300, -0.0),
    *([], [[]], {}, {"": ""}, [None], ["x"], [{}], [0], {"x": {"y": []}}),
    *("0001-01-01", "9999-12-31", "2026-02-30", "2200-12-31", "1900-01-01", "20260617", "2021"),
    *("0001-01-01T00:00", "9999-12-31T23:59", "2026-06-17T24:00", "2026-06-17T10:00+14:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2200-12-31T23:59:59Z"),
    *("FREQ=DAILY;UNTIL=99991231T000000Z", "FREQ=DAILY;UNTIL=00010101T000000Z"),
    *("FREQ=DAILY;UNTIL=99991231", "FREQ=DAILY;UNTIL=00010101T000000", "FREQ=YEARLY;BYYEARDAY=366"),
    *("FREQ=DAILY;INTERVAL=999999999", "FREQ=DAILY;COUNT=10000", "FREQ=MONTHLY;INTERVAL=10000"),
    *("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=10000", "FREQ=DAILY;COUNT=0"),
    *("../../etc/passwd", "Etc/GMT+12", "posixrules", "a" * 5000, "\ufdd0", "24:00", "25:00"),
    *("ada@" + "a" * 300 + ".org", "https://[", "https://x" + "y" * 3000, "javascript:alert(1)"),
]
VALUES = st.sampled_from(EDGES) | st.integers() | st.text(max_size=8)

SERIES = {
    "slug": "dlct",
    "uid": "dlct@example.org",
    "sequence": 0,
    "name": "Classics",
    "short_name": "DLCT",
    "kind": "talks",
    "zone": "Europe/Berlin",
    "description": "Fridays",
    "organisers": ["ada@example.org"],
    "join_url": "https://meet.example.org/x",
    "join_access": "public",
    "status": "active",
    "timetable": [
        {"starts": "2024-01-05T10:00", "minutes": 60, "rule": "FREQ=WEEKLY;BYDAY=FR"},
        {"starts": "2025-01-03T11:00", "rule": "FREQ=WEEKLY;BYDAY=FR", "until": "2026-12-18"},
    ],
    "gaps": [{"date": "2024-07-05", "reason": "holiday"}],
}
EVENT = {
    "starts": "2024-06-08T10:00",
    "minutes": 60,
    "all_day": False,
    "days": 1,
    "number": 33,
    "status": "scheduled",
    "reason": "moved",
    "talks": [
        {
            "key": "t1",
            "title": "ConvNeXt",
            "speakers": [{"name": "Ada", "affiliation": "Lab", "email": "ada@example.org"}],
            "abstract": "On pictures.",
            "topics": ["vision"],
            "paper_url": "https://arxiv.org/abs/1",
            "video_at": 924,
        }
    ],
}
HOST = {
    "slug": "host-a",
    "email": "ada@example.org",
    "name": "Host A",
    "topics": ["papers"],
    "zone": "Europe/Berlin",
    "travel": [{"from": "2026-01-03", "to": "2026-01-05", "zone": "America/New_York"}],
    "weekly": [{"days": [2, 4], "from": "16:00", "to": "17:00", "every": 2, "since": "2026-01-08"}],
    "dates": [{"date": "2026-08-03", "windows": [{"from": "10:00", "to": "12:00"}]}],
    "time_off": [{"from": "2026-08-01", "to": "2026-08-31", "reason": "away"}],
    "limits": {"per_day": 4, "per_week": 10},
    "calendars": ["https://cal.example.org/busy.ics"],
    "office_hours": [
        {
            "slug": "chat",
            "title": "Chat",
            "minutes": [30, 60],
            "interval": 15,
            "buffer_after": 10,
            "notice": 60,
            "horizon": {"days": 60},
            "limits": {"per_guest_open": 1},
            "change_until": 30,
            "questions": [{"label": "Level", "kind": "choice", "choices": ["new", "old"]}],
        }
    ],
}
BOOKING = {
    "office_hours": "chat",
    "starts_at": "2026-06-17T16:00:00Z",
    "minutes": 30,
    "name": "Guest",
    "email": "guest@example.org",
    "zone": "UTC",
    "status": "confirmed",
    "answers": {"Level": "new"},
    "uid": "b1@example.org",
    "sequence": 1,
    "changed_at": "2026-01-02T03:04:05Z",
}
COMMUNITY = {
    "organization": {
        "name": "ML",
        "zone": "UTC",
        "url": "https://example.org",
        "links": {"discord": "https://discord.gg/x"},
        "clock": 12,
    },
    "people": [{"email": "ada@example.org", "name": "Ada", "zone": "UTC", "admin": False}],
    "series": [
        {
            **SERIES,
            "changed_at": "2026-01-02T03:04:05Z",
            "events": [
                {**EVENT, "uid": "e1@example.org", "changed_at": "2026-01-02T03:04:05Z"},
                {"date": "2024-06-07", "key": "2024-06-07-2", **EVENT},
            ],
        }
    ],
    "hosts": [{**HOST, "bookings": [BOOKING]}],
}


def places(node: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Yield the path of every value, and of a key that does not exist in each mapping."""
    if path:
        yield path
    if isinstance(node, dict):
        yield (*path, "nonsense")
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from places(value, (*path, position))


@st.composite
def spoiled(draw: st.DrawFn, whole: dict[str, object]) -> dict[str, object]:
    """Return a copy with one to three values replaced."""
    found = copy.deepcopy(whole)
    for path in draw(st.lists(st.sampled_from(list(places(whole))), min_size=1, max_size=3)):
        node: object = found
        for step in path[:-1]:
            try:
                node = node[step]  # type: ignore[index]  # TypeError is caught
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(node, dict) or (isinstance(node, list) and path[-1] in range(len(node))):
                node[path[-1]] = draw(VALUES)  # type: ignore[index]  # of JSON
    return found


@pytest.fixture
def token(app: Flask) -> str:
    """The token of an admin of a community with a series."""
    with app.app_context(), transaction() as session:
        add_organization(session)
        add_series(session)
        people.ensure(session, ADMIN, NOW)
        people.make_admin(session, ADMIN, NOW)
        return api_tokens.add(session, ADMIN, "tests", NOW)


EXAMPLES = settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)


@EXAMPLES
@given(community=spoiled(COMMUNITY))
def test_file_with_any_values_is_read_and_what_is_refused_is_said_in_words(
    app: Flask, community: dict[str, object]
) -> None:
    text = yaml.dump(community)
    with app.app_context():
        try:
            with transaction() as session:
                outcomes = community_file.read(
                    session, parts.current().sections, text, ImportContext(NOW, "example.org")
                )
                session.rollback()
        except yaml.UnreadableFile:
            return
    for outcome in outcomes:
        assert (outcome.result in (Result.REFUSED, Result.NOTICE)) == bool(outcome.message)
        assert not JARGON.search(outcome.message), outcome.message
        assert 1 <= outcome.line <= text.count("\n")
        assert outcome.message.isprintable()


@EXAMPLES
@given(
    address=st.sampled_from(["series", "hosts", "events"]),
    series=spoiled({**SERIES, "events": [EVENT]}),
    host=spoiled(HOST),
    event=spoiled(EVENT),
    day=st.sampled_from(["2026-06-05", "0001-01-01", "9999-12-31", "2026-06-05-2", "2021", ""]),
)
def test_api_answers_any_values_in_words(
    app: Flask,
    token: str,
    address: str,
    series: dict[str, object],
    host: dict[str, object],
    event: dict[str, object],
    day: str,
) -> None:
    app.testing = False  # errors become answers, as they do for callers
    call = {
        "series": ("PUT", "/api/v1/series/dlct", series),
        "hosts": ("PUT", "/api/v1/hosts/host-a", host),
        "events": (
            "PATCH",
            f"/api/v1/events/{identity.series_ref('dlct@example.org')}-{day}",
            event,
        ),
    }
    method, path, body = call[address]
    with time_machine.travel(NOW, tick=False):
        answer = app.test_client().open(
            path,
            method=method,
            data=json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code in (200, 201, 404, 409, 422), answer.get_data(as_text=True)
    if answer.status_code == 422:
        errors = answer.get_json()["errors"]
        assert errors
        assert not JARGON.search(" ".join(errors.values())), errors
