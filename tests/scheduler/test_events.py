"""Titles of events: number, talks and speakers, for each kind of series."""

from datetime import UTC, datetime

import pytest

from scheduler.domain import occurrences
from scheduler.domain.events import LONGEST_TITLE, EventStatus, Kind
from scheduler.domain.talks import Speaker, Talk
from tests.scheduler.test_program import record, series

LATER = datetime(2027, 1, 1, tzinfo=UTC)
TITLED = Talk(title="ConvNeXt", speakers=(Speaker(name="Ada"), Speaker(name="Bo")))
CHAPTER = Talk(title="TAPL chapter 3")
SPEAKER = Talk(speakers=(Speaker(name="Ada"),))
"""What the series of these tests is called: "Deep Learning", in short "DLCT"."""


def title(kind: Kind, talks: tuple[Talk, ...] = (), number: int | None = None, now=LATER) -> str:
    row = record("2026-11-06", datetime(2026, 11, 6, 10), talks=talks, number=number)
    return occurrences.event_from_row(series(kind=kind), row, now).title


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("talks", "number", "words"),
    [
        ((TITLED,), None, "DLCT: ConvNeXt (Ada, Bo)"),
        ((TITLED,), 17, "DLCT #17: ConvNeXt (Ada, Bo)"),
        ((CHAPTER,), None, "DLCT: TAPL chapter 3"),
        ((SPEAKER,), 0, "DLCT #0: Ada"),
        ((TITLED, CHAPTER), 34, "DLCT #34: ConvNeXt (Ada, Bo); TAPL chapter 3"),
    ],
)
def test_title_has_number_talks_and_speakers_for_every_kind(
    kind: Kind, talks: tuple[Talk, ...], number: int | None, words: str
) -> None:
    assert title(kind, talks, number) == words


@pytest.mark.parametrize("kind", [Kind.JAM, Kind.GROUP, Kind.SOCIAL, Kind.SERVICE])
def test_title_is_the_series_where_nothing_else_is_expected(kind: Kind) -> None:
    assert title(kind) == "Deep Learning"
    assert title(kind, number=34) == "Deep Learning #34"
    assert title(kind, (Talk(slides_url="https://example.org/s"),), 34) == "Deep Learning #34"


def test_title_of_a_talk_series_says_what_is_missing() -> None:
    assert title(Kind.TALKS) == "DLCT: title to be announced"
    assert title(Kind.TALKS, number=17) == "DLCT #17: title to be announced"
    assert title(Kind.TALKS, (TITLED, Talk())) == "DLCT: ConvNeXt (Ada, Bo); title to be announced"


@pytest.mark.parametrize("kind", [Kind.TALKS, Kind.JAM])
def test_title_of_an_open_slot(kind: Kind) -> None:
    assert title(kind, now=datetime(2026, 11, 1, tzinfo=UTC)) == f"DLCT: {EventStatus.OPEN} slot"


def test_title_of_many_talks_is_shortened() -> None:
    many = title(Kind.JAM, (TITLED,) * 60, 34)
    assert LONGEST_TITLE - 100 <= len(many) <= LONGEST_TITLE
    assert many.startswith("DLCT #34: ConvNeXt (Ada, Bo); ConvNeXt")
