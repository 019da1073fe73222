"""Rooms, links, chairs and languages of events, where they differ from their series."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.db.transaction import transaction
from core.fields import validate
from core.refusals import Invalid
from scheduler.domain.event_details import Chair, EventDetails
from scheduler.domain.events import Event
from scheduler.domain.links import Link
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from scheduler.schemas import EventSchema, SeriesSchema
from scheduler.services import events
from tests.factories_scheduler import LATER, NOW, admin, put_series

DAY = "2026-06-12"
OWN = {
    "location": "Room 5",
    "join_url": "https://meet.example.org/own",
    "registration_url": "https://example.org/sign-up",
    "chair": {"name": "Grace", "email": "grace@example.org"},
    "language": "fr",
    "links": [{"label": "Program", "url": "https://example.org/program"}],
}


def event(session: Session) -> Event:
    session.rollback()
    series = find_series(session, "dlct")
    assert series
    found = find_event(session, series, DAY, NOW)
    assert found
    return found


def patch(session: Session, **fields: object) -> Event:
    with transaction() as rows:
        schema = EventSchema.model_validate(fields)
        events.patch(rows, event(session).id, schema, LATER, actor=admin())
    return event(session)


def test_event_has_what_its_series_says_until_it_says_something_else(session: Session) -> None:
    put_series(location="Room 4", language="en", join_url="https://meet.example.org/all")
    before = event(session)
    assert (before.location, before.language, before.join_url, before.registration_url) == (
        "Room 4",
        "en",
        "https://meet.example.org/all",
        None,
    )

    after = patch(session, **OWN)

    assert after.details == EventDetails.model_validate(OWN)
    assert (after.location, after.language, after.join_url) == (
        "Room 5",
        "fr",
        "https://meet.example.org/own",
    )
    cleared = patch(session, **{**dict.fromkeys(OWN), "links": []})
    assert (cleared.details, cleared.location) == (EventDetails(), "Room 4")


@pytest.mark.parametrize(
    ("fields", "raised"),
    [
        ({"location": "Room 6"}, True),
        ({"registration_url": "https://example.org/other"}, True),
        ({"links": []}, True),
        ({"join_url": "https://meet.example.org/new"}, False),
        ({"join_url": None}, True),
        ({"language": "de"}, False),
        ({"chair": {"name": "Grace", "email": "other@example.org"}}, False),
    ],
)
def test_sequence_rises_with_what_calendars_show(
    session: Session, fields: dict[str, object], raised: bool
) -> None:
    put_series(events=[{"date": DAY, **OWN}])
    before = event(session)
    after = patch(session, **fields)
    assert after.details != before.details
    assert (after.sequence > before.sequence) is raised


def test_own_link_beside_that_of_the_series_raises_no_sequence(session: Session) -> None:
    put_series(join_url="https://meet.example.org/all", events=[{"date": DAY, "number": 1}])
    before = event(session)
    assert patch(session, join_url="https://meet.example.org/own").sequence == before.sequence


@pytest.mark.parametrize(
    ("before", "after", "revision"),
    [
        ("https://meet.example.org/a", "https://meet.example.org/b", 0),
        ("https://meet.example.org/a", None, 1),
        (None, "https://meet.example.org/b", 1),
    ],
)
def test_new_link_of_a_series_is_seen_only_where_there_was_none(
    session: Session, before: str | None, after: str | None, revision: int
) -> None:
    put_series(join_url=before)
    put_series(LATER, join_url=after)
    assert event(session).series.revision == revision
    assert event(session).join_url == after


def test_address_of_the_chair_stays_when_left_out_and_is_not_logged(session: Session) -> None:
    put_series(events=[{"date": DAY, **OWN}])
    kept = patch(session, chair={"name": "Grace"}, reason="a")
    assert kept.chair == Chair(name="Grace", email="grace@example.org")
    assert patch(session, chair={"name": "Alan"}).chair == Chair(name="Alan")
    logged = session.scalars(select(AuditEntry.detail)).all()
    assert "grace@example.org" not in repr(logged)


def test_address_of_a_speaker_stays_when_left_out(session: Session) -> None:
    ada = {"name": "Ada", "email": "ada@example.org", "bio": "Wrote *notes*."}
    put_series(events=[{"date": DAY, "talks": [{"title": "A", "speakers": [ada]}]}])
    shown = {"key": "t1", "title": "B", "speakers": [{"name": "Ada", "bio": None}]}
    (talk,) = patch(session, talks=[shown]).talks
    assert [(each.email, each.bio) for each in talk.speakers] == [("ada@example.org", None)]
    shown["speakers"] = [{"name": "Ada", "email": None}]
    (talk,) = patch(session, talks=[shown]).talks
    assert talk.speakers[0].email is None


def test_talks_have_starts_and_links(session: Session) -> None:
    second = {"label": "Second recording", "url": "https://video.example.org/2"}
    talks = [{"title": "A", "minutes": 15, "links": [second]}, {"title": "B"}]
    put_series(events=[{"date": DAY, "talks": talks}])
    found = event(session)
    assert found.talks[0].links == (Link(label="Second recording", url=second["url"]),)
    assert found.talk_starts == [
        datetime(2026, 6, 12, 17, 0, tzinfo=UTC),
        datetime(2026, 6, 12, 17, 15, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("schema", "fields", "field"),
    [
        (EventSchema, {"language": "Klingon please"}, "language"),
        (EventSchema, {"chair": {"email": "a@example.org"}}, "chair.name"),
        (EventSchema, {"links": [{"label": "x", "url": "javascript:x"}]}, "links.0.url"),
        (EventSchema, {"talks": [{"offset": -1}]}, "talks.0.offset"),
        (EventSchema, {"talks": [{"minutes": 0}]}, "talks.0.minutes"),
        (EventSchema, {"slots": {}}, "slots"),
        (EventSchema, {"capacity": 40}, "capacity"),
        (EventSchema, {"talks": [{"consent": {}}]}, "talks.0.consent"),
        (SeriesSchema, {"discord": {}}, "discord"),
        (SeriesSchema, {"run_sheet": {}}, "run_sheet"),
        (SeriesSchema, {"slots": {}}, "slots"),
        (SeriesSchema, {"nominations": True}, "nominations"),
    ],
)
def test_what_cannot_be_or_has_no_effect_yet_is_refused_by_name(
    schema: type[EventSchema | SeriesSchema], fields: dict[str, object], field: str
) -> None:
    named = {"slug": "dlct", "name": "Classics"} if schema is SeriesSchema else {}
    with pytest.raises(Invalid) as refusal:
        validate(schema, {**named, **fields})
    assert list(refusal.value.errors) == [field]
