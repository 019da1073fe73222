"""The community file: what its sections offer, and how each piece of it fared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy.orm import Session

from core.fields import errors_by_field
from core.files import UnreadableFile
from core.refusals import Invalid
from core.yaml import LinedDict, LinedList, line_of


class Result(StrEnum):
    """How a piece of a file, or an object that was put, fared."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One piece of a file: where it stands and, if refused or worth a notice, the words."""

    result: Result
    line: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """When a file is read, and the domain under which new UIDs are made."""

    now: datetime
    domain: str


@dataclass(frozen=True, slots=True)
class Section:
    """A top-level key of the file.

    `read` takes the value as `core.yaml.load` gave it (mappings and lists know their lines) and
    applies it in the caller's transaction; refused pieces are left out, the good ones kept. An
    exception of `read` stops the whole file. `write` returns plain values that `read` reads back
    to the same rows, in a stable order; an empty one leaves the key out.
    """

    name: str
    read: Callable[[Session, object, ImportContext], Iterable[Outcome]]
    write: Callable[[Session], Mapping[str, object] | Sequence[object]]


def read(
    session: Session, sections: Sequence[Section], community: object, occasion: ImportContext
) -> list[Outcome]:
    """Apply a loaded community file, section by section in the order of `sections`.

    Raises Unreadable when it is not a mapping with at least one known key.
    """
    if not isinstance(community, LinedDict):
        raise UnreadableFile("it is not a community file: the top must be keys such as `series:`")
    known = {section.name for section in sections}
    if not known & community.keys():
        raise UnreadableFile(
            f"it is not a community file: it has none of {', '.join(sorted(known))}"
        )
    outcomes = [
        Outcome(Result.REFUSED, community.lines[name], f"{name}: there is no such section")
        for name in community
        if name not in known
    ]
    for section in sections:
        if community.get(section.name) is not None:
            outcomes += section.read(session, community[section.name], occasion)
    return outcomes


def write(session: Session, sections: Sequence[Section]) -> dict[str, object]:
    """Return the whole community as plain values for `core.yaml.dump`."""
    written = {section.name: section.write(session) for section in sections}
    return {name: value for name, value in written.items() if value}


def pieces(value: object) -> Iterator[tuple[object, int]]:
    """Yield the pieces of a section, each with its line; anything but a list is one piece."""
    if isinstance(value, LinedList):
        yield from zip(value, value.lines, strict=True)
    else:
        yield value, value.line if isinstance(value, LinedDict) else 1


def refusal_outcome(
    piece: object, error: ValidationError | Invalid, what: str, line: int
) -> Outcome:
    """Return the refusal of `piece` (called `what`), placed at the first thing to mend in it.

    `line` is where the piece itself stands, for one that is no mapping.
    """
    faults = errors_by_field(error) if isinstance(error, ValidationError) else error.errors
    path = next(iter(faults), "")
    words = "; ".join(f"{field}: {text}" if field else text for field, text in faults.items())
    place = line_of(piece, path.split("."), line)
    return Outcome(Result.REFUSED, place, f"{what}: {words}")
