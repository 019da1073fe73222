"""Speakers as two cells of a table: names, and affiliations in the same order, parted by `;`."""

from collections.abc import Iterable, Sequence

from scheduler.domain.events import Speaker

PART = ";"


class CellsRefused(ValueError):
    """The two cells do not fit together; the message says why."""


def parts(cell: str) -> list[str]:
    """Return the parts of a cell, empty ones included."""
    return [part.strip() for part in cell.split(PART)] if cell else []


def joined(texts: Iterable[str]) -> str:
    """Return one cell; the mark that parts it becomes a comma inside of a part."""
    return f"{PART} ".join(text.replace(PART, ",") for text in texts)


def aligned(names: str, affiliations: str, known: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """Return the speakers of two cells; who was `known` by name keeps page and address.

    An affiliation that is not there is unknown (None). Raises CellsRefused when there are more
    affiliations than names.
    """
    given = [name for name in parts(names) if name]
    belong = parts(affiliations)
    if len(belong) > len(given):
        raise CellsRefused("there are more affiliations than speakers")
    belong += [""] * (len(given) - len(belong))
    by_name = {speaker.name: speaker for speaker in known}
    return tuple(
        Speaker(name, affiliation or None, by_name[name].url, by_name[name].email)
        if name in by_name
        else Speaker(name, affiliation or None)
        for name, affiliation in zip(given, belong, strict=True)
    )


def names(speakers: Sequence[Speaker]) -> str:
    """Return the cell of names."""
    return joined(speaker.name for speaker in speakers)


def affiliations(speakers: Sequence[Speaker]) -> str:
    """Return the cell of affiliations, empty when none is known."""
    if not any(speaker.affiliation for speaker in speakers):
        return ""
    return joined(speaker.affiliation or "" for speaker in speakers)
