"""Speakers in two cells: aligned by place, known ones kept, back to the same cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain import speaker_cells
from scheduler.domain.speaker_cells import CellsRefused, parts
from scheduler.domain.talks import Speaker

ADA = Speaker(name="Ada", affiliation="X", url="https://ada.example", email="ada@example.org")
PART = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
MARKED = st.text(st.sampled_from(";\\,a"), min_size=1)


@pytest.mark.parametrize(
    ("names", "affiliations", "speakers"),
    [
        ("", "", ()),
        ("Bob", "", (Speaker(name="Bob"),)),
        ("Bob; Eve", "Y", (Speaker(name="Bob", affiliation="Y"), Speaker(name="Eve"))),
        ("Bob;Eve;", ";Y", (Speaker(name="Bob"), Speaker(name="Eve", affiliation="Y"))),
        ("Ada", "", (Speaker(name="Ada", url=ADA.url, email=ADA.email),)),
    ],
)
def test_speakers_are_aligned_by_place(
    names: str, affiliations: str, speakers: tuple[Speaker, ...]
) -> None:
    assert speaker_cells.aligned(parts(names), parts(affiliations), [ADA]) == speakers


def test_more_affiliations_than_speakers_are_refused() -> None:
    with pytest.raises(CellsRefused):
        speaker_cells.aligned(["Ada"], ["X", "Y"], [])


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (r"Ada\; Countess; Bob", ["Ada; Countess", "Bob"]),
        (r"a\\; b", ["a\\", "b"]),
        (r"Erd\"os; \o", [r"Erd\"os", r"\o"]),
        ("a\\", ["a\\"]),
        (";a;", ["", "a", ""]),
    ],
)
def test_separator_inside_of_a_part_has_a_backslash(cell: str, written: list[str]) -> None:
    assert parts(cell) == written


@given(st.lists(PART | MARKED))
def test_parts_are_joined_and_read_back(texts: list[str]) -> None:
    assert parts(speaker_cells.joined(texts)) == texts


@given(st.lists(st.builds(Speaker, name=PART | MARKED, affiliation=st.none() | PART | MARKED)))
def test_cells_read_back_to_the_same_speakers(speakers: list[Speaker]) -> None:
    cells = speaker_cells.names(speakers), speaker_cells.affiliations(speakers)
    assert speaker_cells.aligned(*map(parts, cells), []) == tuple(speakers)
