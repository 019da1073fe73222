r"""Speakers as two cells of a table: names, and affiliations in the same order, separated by `;`.

A `;` inside of a part is written `\;`, and a backslash before a `;` or at the end of a part twice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from scheduler.domain.talks import Speaker

PART = ";"

_MARKED = re.compile(r"(?<!\\)(\\*)(;|\Z)")


class CellsRefused(ValueError):
    """The two cells contradict each other; the message says why."""


def parts(cell: str) -> list[str]:
    """Return the parts of a cell, empty ones included."""
    return [part.strip() for part in _parts(cell)] if cell else []


def joined(texts: Iterable[str]) -> str:
    """Return one cell, of which `parts` makes the same texts again."""
    return f"{PART} ".join(_MARKED.sub(_doubled, text) for text in texts)


def listed(names: Sequence[str], affiliations: Sequence[str]) -> list[dict[str, str]]:
    """Return the fields of the speakers of two cells.

    Raises CellsRefused when there are more affiliations than names.
    """
    speakers = [name for name in names if name]
    if len(affiliations) > len(speakers):
        raise CellsRefused("there are more affiliations than speakers")
    return [
        {"name": name, "affiliation": affiliation}
        for name, affiliation in zip_longest(speakers, affiliations, fillvalue="")
    ]


def known(speakers: Iterable[Speaker], before: Sequence[Speaker]) -> Iterator[Speaker]:
    """Yield for each speaker the one of that name in `before`, else the speaker.

    Of several with one name each is yielded once, as long as there are enough.
    """
    waiting: dict[str, list[Speaker]] = {}
    for speaker in before:
        waiting.setdefault(speaker.name, []).append(speaker)
    for speaker in speakers:
        alike = waiting.get(speaker.name, [speaker])
        yield alike.pop(0) if len(alike) > 1 else alike[0]


def aligned(
    names: Sequence[str], affiliations: Sequence[str], before: Sequence[Speaker]
) -> tuple[Speaker, ...]:
    """Return the speakers of the parts of two cells; those of `before` keep page and address.

    An affiliation that is not there is unknown (None). Raises CellsRefused when there are more
    affiliations than names.
    """
    cells = listed(names, affiliations)
    speakers = [Speaker.model_construct(None, **each) for each in cells]
    return tuple(
        each.model_copy(update={"affiliation": speaker.affiliation or None})
        for speaker, each in zip(speakers, known(speakers, before), strict=True)
    )


def merged(speakers: Sequence[Speaker], before: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """Return the speakers; those of `before` keep page, address and what is not known now."""
    return tuple(
        each.model_copy(update={"affiliation": speaker.affiliation or each.affiliation})
        for speaker, each in zip(speakers, known(speakers, before), strict=True)
    )


def affiliated(speakers: Sequence[Speaker], affiliations: Sequence[str]) -> tuple[Speaker, ...]:
    """Return the speakers with the affiliations that are not empty, in the same order.

    Raises CellsRefused when there are more affiliations than speakers.
    """
    if len(affiliations) > len(speakers):
        raise CellsRefused("there are more affiliations than speakers")
    cells = [*affiliations, *[""] * (len(speakers) - len(affiliations))]
    return tuple(
        speaker.model_copy(update={"affiliation": affiliation or speaker.affiliation})
        for speaker, affiliation in zip(speakers, cells, strict=True)
    )


def names(speakers: Sequence[Speaker]) -> str:
    """Return the cell of names."""
    return joined(speaker.name for speaker in speakers)


def affiliations(speakers: Sequence[Speaker]) -> str:
    """Return the cell of affiliations, empty when none is known."""
    if not any(speaker.affiliation for speaker in speakers):
        return ""
    return joined(speaker.affiliation or "" for speaker in speakers)


def _parts(cell: str) -> Iterator[str]:
    part, end = "", 0
    for marked in _MARKED.finditer(cell):
        slashes, separator = marked.groups()
        part += cell[end : marked.start()] + "\\" * (len(slashes) // 2)
        end = marked.end()
        is_literal = len(slashes) % 2 == 1
        if is_literal:
            part += separator or "\\"
        if not is_literal or not separator:
            yield part
            part = ""
        if not separator:
            return


def _doubled(marked: re.Match[str]) -> str:
    slashes, separator = marked.groups()
    return slashes * 2 + (f"\\{separator}" if separator else "")
