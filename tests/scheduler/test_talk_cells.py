"""Talks typed into cells: back to the same talk, what no cell shows is kept, errors by cell."""

import pytest
from werkzeug.datastructures import MultiDict

from core.http import forms
from core.refusals import Invalid
from scheduler.domain.talks import Speaker, Talk
from scheduler.web.manage import talk_cells
from scheduler.web.manage.talk_cells import EventCells

TALK = Talk(
    key="t1",
    title="ConvNeXt",
    speakers=(
        Speaker(name="Ada", url="https://ada.example", email="ada@example.org"),
        Speaker(name="Bob", affiliation="Lab"),
    ),
    abstract="Words",
    topics=("vision", "nets"),
    paper_url="https://arxiv.org/abs/2201.03545",
    video_at=3725,
)


def typed(*cells: dict[str, str]) -> tuple[Talk, ...]:
    """Return the talks of the cells, TALK being the one that the event has."""
    event = forms.parse(EventCells, MultiDict(talk_cells.inputs(cells)))
    return event.event([TALK]).talks


def test_cells_show_what_is_typed_otherwise_than_stored() -> None:
    shown = talk_cells.texts(TALK)
    assert {name: shown[name] for name in ("speakers", "affiliations", "topics", "video_at")} == {
        "speakers": "Ada; Bob",
        "affiliations": "; Lab",
        "topics": "vision; nets",
        "video_at": "1:02:05",
    }


def test_cells_are_parsed_back_to_the_same_talk() -> None:
    assert typed(talk_cells.texts(TALK)) == (TALK,)


def test_what_no_cell_shows_is_kept_in_the_talk_of_that_key() -> None:
    cells = {"key": "t1", "title": "New", "speakers": "Ada", "affiliations": ""}
    assert typed(cells) == (
        TALK.model_copy(update={"title": "New", "speakers": TALK.speakers[:1]}),
    )


def test_talk_without_any_text_but_its_key_is_removed() -> None:
    assert typed({"key": "t1", "title": "", "speakers": "", "affiliations": ""}) == ()


def test_errors_name_their_cell() -> None:
    cells = {
        "title": "x" * 301,
        "speakers": "Ada",
        "affiliations": "A; B",
        "paper_url": "no address",
        "video_at": "soon",
    }
    with pytest.raises(Invalid) as refusal:
        typed(cells)
    assert refusal.value.errors == {
        "talks.0.title": "This must be at most 300 characters long.",
        "talks.0.paper_url": "This must be a web address that begins with https:// or http://.",
        "talks.0.video_at": "This must be a place in the recording such as 15:24.",
        "talks.0.affiliations": "There are more affiliations than speakers.",
    }
