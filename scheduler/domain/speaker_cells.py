"""Speakers as two cells of a table: names, and affiliations in the same order, separated by `;`."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from scheduler.domain.talks import Speaker

PART = ";"


class CellsRefused(ValueError):
    """The two cells contradict each other; the message says why."""


def parts(cell: str) -> list[str]:
    """Return the parts of a cell, empty ones included."""
    return [part.strip() for part in cell.split(PART)] if cell else []


def joined(texts: Iterable[str]) -> str:
    """Return one cell; a separator inside a part becomes a comma."""
    return f"{PART} ".join(text.replace(PART, ",") for text in texts)


def aligned(
    names: Sequence[str], affiliations: Sequence[str], known: Sequence[Speaker]
) -> tuple[Speaker, ...]:
    """Return the speakers of the parts of two cells; those `known` by name keep page and address.

    An affiliation that is not there is unknown (None). Raises CellsRefused when there are more
    affiliations than names.
    """
    speakers = [name for name in names if name]
    if len(affiliations) > len(speakers):
        raise CellsRefused("there are more affiliations than speakers")
    by_name = {speaker.name: speaker for speaker in known}
    return tuple(
        by_name.get(name, Speaker.model_construct(name=name)).model_copy(
            update={"affiliation": affiliation or None}
        )
        for name, affiliation in zip_longest(speakers, affiliations, fillvalue="")
    )


def names(speakers: Sequence[Speaker]) -> str:
    """Return the cell of names."""
    return joined(speaker.name for speaker in speakers)


def affiliations(speakers: Sequence[Speaker]) -> str:
    """Return the cell of affiliations, empty when none is known."""
    if not any(speaker.affiliation for speaker in speakers):
        return ""
    return joined(speaker.affiliation or "" for speaker in speakers)
