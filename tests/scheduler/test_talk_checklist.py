"""What an organiser is told is missing: no speaker, no title at 7 days, no slides at 2."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from scheduler.domain.talk_checklist import missing_items
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from tests.factories_scheduler import NOW, put_series

TITLED = [{"title": "ConvNeXt", "speakers": [{"name": "Ada"}]}]
WHOLE = [{**TITLED[0], "slides_url": "https://x.example/s.pdf"}]


@pytest.mark.parametrize(
    ("talks", "days", "words"),
    [
        ([], 8, ("no speaker",)),
        ([], 6, ("no speaker", "no title")),
        ([], 1, ("no speaker", "no title", "no slides")),
        ([{"speakers": [{"name": "Ada"}]}], 8, ()),
        ([{"speakers": [{"name": "Ada"}]}], 7, ("no title",)),
        (TITLED, 3, ()),
        (TITLED, 2, ("no slides",)),
        (WHOLE, 1, ()),
        ([], 0, ()),
    ],
)
def test_missing_grows_as_the_talk_comes_near(
    sqlite_session: Session, talks: list[object], days: int, words: tuple[str, ...]
) -> None:
    put_series(events=[{"date": "2026-05-15", "talks": talks}])
    series = find_series(sqlite_session, "dlct")
    assert series
    event = find_event(sqlite_session, series, "2026-05-15", NOW)
    assert event
    assert event.starts_at
    assert missing_items(event, event.starts_at - timedelta(days=days)) == words


def test_cancelled_event_misses_nothing(sqlite_session: Session) -> None:
    put_series(events=[{"date": "2026-05-15", "status": "cancelled"}])
    series = find_series(sqlite_session, "dlct")
    assert series
    event = find_event(sqlite_session, series, "2026-05-15", NOW)
    assert event
    assert missing_items(event, NOW) == ()


@pytest.mark.parametrize("kind", ["jam", "group", "social", "service"])
def test_kinds_without_speakers_miss_nothing(sqlite_session: Session, kind: str) -> None:
    put_series(kind=kind, events=[{"date": "2026-05-15", "number": 3}])
    series = find_series(sqlite_session, "dlct")
    assert series
    event = find_event(sqlite_session, series, "2026-05-15", NOW)
    assert event
    assert missing_items(event, NOW) == ()
