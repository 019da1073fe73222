"""The community file: its sections, and the result of importing each item."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy.orm import Session

from core.fields import errors_by_field
from core.files import UnreadableFile
from core.progress import Progress
from core.refusals import Invalid
from core.yaml import LinedDict, LinedList, line_of

MAX_REFUSED = 1000

T = TypeVar("T")


class Result(StrEnum):
    """The result of importing an item, or of putting an object."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for the item at `line`; `message` says why it was refused, or is a notice."""

    result: Result
    line: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The time of an import, the domain that ends new UIDs, and what counts its progress."""

    now: datetime
    domain: str
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True, slots=True)
class Section:
    """A top-level key of the file.

    `read` applies a value of `core.yaml.load` in the caller's transaction. It skips refused items
    and applies the others; if it raises, the whole import fails. `write` returns plain values in a
    stable order, from which `read` makes the same rows; the key of an empty value is left out.
    """

    name: str
    read: Callable[[Session, object, ImportContext], Iterable[Outcome]]
    write: Callable[[Session], Mapping[str, object] | Sequence[object]]


def read(
    session: Session, sections: Sequence[Section], community: object, context: ImportContext
) -> list[Outcome]:
    """Apply a loaded community file, section by section in the order of `sections`.

    Raises UnreadableFile if it is not a mapping with at least one known key.
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
            outcomes += section.read(session, community[section.name], context)
    return outcomes


def write(session: Session, sections: Sequence[Section]) -> dict[str, object]:
    """Return the whole community as plain values for `core.yaml.dump`."""
    written = {section.name: section.write(session) for section in sections}
    return {name: value for name, value in written.items() if value}


def until_too_many_refused(items: Iterable[T]) -> Iterator[T | Outcome]:
    """Yield the items until MAX_REFUSED of them are refused; end then with a notice."""
    refused = line = 0
    for item in items:
        if refused == MAX_REFUSED:
            notice = f"stopped after {MAX_REFUSED:,} refusals; what follows was not read"
            yield Outcome(Result.NOTICE, line, notice)
            return
        yield item
        if isinstance(item, Outcome) and item.result is Result.REFUSED:
            refused, line = refused + 1, item.line


def items(value: object) -> Iterator[tuple[object, int]]:
    """Yield the items of a section with their lines; anything but a list is one item."""
    if isinstance(value, LinedList):
        yield from zip(value, value.lines, strict=True)
    else:
        yield value, value.line if isinstance(value, LinedDict) else 1


def refusal_outcome(
    item: object, error: ValidationError | Invalid, what: str, line: int
) -> Outcome:
    """Return the refusal of an item, called `what`, at the line of its first error.

    `line` is that of the item itself, used if the item is not a mapping.
    """
    texts = errors_by_field(error) if isinstance(error, ValidationError) else error.errors
    path = next(iter(texts), "")
    message = "; ".join(f"{field}: {text}" if field else text for field, text in texts.items())
    return Outcome(Result.REFUSED, line_of(item, path.split("."), line), f"{what}: {message}")
