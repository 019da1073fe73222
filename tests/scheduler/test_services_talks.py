"""Talks and speakers in the database: their rows outlive a save."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.transaction import transaction
from core.http.api import validate
from core.refusals import Invalid
from scheduler.domain.talks import Speaker
from scheduler.models import SpeakerRow, TalkRow
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from scheduler.schemas import EventSchema
from scheduler.services import events
from tests.factories_scheduler import LATER, NOW, admin, put_series

KEY = "2026-06-12"
ADA, BOB, EVE = {"name": "Ada"}, {"name": "Bob"}, {"name": "Eve"}


@pytest.fixture
def dlct(session: Session) -> Session:
    """A session with the Friday series and an event of three talks."""
    put_series()
    save(
        session,
        {"title": "A", "speakers": [ADA, BOB]},
        {"title": "B", "speakers": [EVE]},
        {"title": "C"},
    )
    return session


def save(session: Session, *talks: dict[str, object]) -> None:
    document = EventSchema.model_validate({"talks": talks})
    with transaction():
        series = find_series(session, "dlct")
        assert series
        events.patch(session, f"{series.ref}-{KEY}", document, LATER, actor=admin())


def rows(session: Session) -> dict[str, tuple[int, int, str | None, list[tuple[int, str]]]]:
    """Return by key a talk's row, its position and title, and the rows of its speakers."""
    session.rollback()
    return {
        talk.key: (
            talk.id,
            talk.position,
            talk.title,
            [
                (speaker.id, speaker.name)
                for speaker in session.scalars(
                    select(SpeakerRow)
                    .where(SpeakerRow.talk_id == talk.id)
                    .order_by(SpeakerRow.position)
                )
            ],
        )
        for talk in session.scalars(select(TalkRow).order_by(TalkRow.position))
    }


def test_talks_that_change_places_keep_their_rows(dlct: Session) -> None:
    before = rows(dlct)

    save(
        dlct,
        {"key": "t3", "title": "C"},
        {"key": "t1", "title": "A", "speakers": [ADA, BOB]},
        {"key": "t2", "title": "B", "speakers": [EVE]},
    )

    after = rows(dlct)
    assert list(after) == ["t3", "t1", "t2"]
    for place, key in enumerate(after):
        row_id, _, title, speakers = before[key]
        assert after[key] == (row_id, place, title, speakers)


def test_talk_that_is_removed_takes_no_other_along(dlct: Session) -> None:
    before = rows(dlct)

    save(dlct, {"key": "t2", "title": "B", "speakers": [EVE]}, {"title": "New"}, {"title": "Newer"})

    after = rows(dlct)
    assert after["t2"] == (before["t2"][0], 0, "B", before["t2"][3])
    assert [(key, each[2], each[3]) for key, each in after.items()] == [
        ("t2", "B", before["t2"][3]),
        ("t4", "New", []),
        ("t5", "Newer", []),
    ]


def test_speakers_are_changed_in_place(dlct: Session) -> None:
    (first, _), (second, _) = rows(dlct)["t1"][3]

    save(dlct, {"key": "t1", "title": "A", "speakers": [EVE, BOB, ADA]})

    (one, two, (third, name)) = rows(dlct)["t1"][3]
    assert (one, two, name) == ((first, "Eve"), (second, "Bob"), "Ada")
    assert third not in (first, second)

    save(dlct, {"key": "t1", "title": "A", "speakers": [{**BOB, "email": "bob@example.org"}]})

    assert rows(dlct) == {"t1": (rows(dlct)["t1"][0], 0, "A", [(first, "Bob")])}
    series = find_series(dlct, "dlct")
    assert series
    event = find_event(dlct, series, KEY, NOW)
    assert event
    assert event.talks[0].speakers == (Speaker(name="Bob", email="bob@example.org"),)


def test_talk_whose_key_another_event_has_is_its_own(dlct: Session) -> None:
    document = EventSchema.model_validate({"starts": "2026-06-13T10:00", "talks": [{}]})
    with transaction() as session:
        events.add(session, "dlct", document, datetime(2026, 5, 6, tzinfo=UTC), actor=admin())

    dlct.rollback()
    assert dlct.scalars(select(TalkRow.key).order_by(TalkRow.id)).all() == ["t1", "t2", "t3", "t1"]


@pytest.mark.parametrize(
    ("keys", "field"),
    [(["t1", "t1"], "talks.1.key"), (["a b"], "talks.0.key"), (["x" * 41], "talks.0.key")],
)
def test_key_that_cannot_be_is_refused(dlct: Session, keys: list[str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(EventSchema, {"talks": [{"key": key} for key in keys]})

    assert list(refusal.value.errors) == [field]
