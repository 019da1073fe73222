"""The community file: its sections, and the result of importing each item."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy.orm import Session

from core import shapes
from core.fields import Schema
from core.files import UnreadableFile
from core.progress import Progress
from core.refusals import Invalid
from core.yaml import LinedDict, LinedList, LongList, line_of

MAX_REFUSED = 1000
LONGEST_MESSAGE = 600
LONGEST_NAME = 60
# Sections of the contract that this version does not have.
NOT_YET = frozenset(("followers",))

T = TypeVar("T")
V = TypeVar("V")


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


def _never(_node: LinedDict, _key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a file, as refusals name it.

    `lists` are the keys of lists whose items are refused one by one. Where one is refused, the
    others are kept, unless `keeps_stored` says for the item and the key that the whole list is left
    out, so that the stored one stays.
    """

    name: str
    line: int
    lists: Collection[str] = ()
    keeps_stored: Callable[[LinedDict, str], bool] = _never


class Refusals:
    """How many items of a file were refused; above a limit the rest is not read."""

    def __init__(self) -> None:
        self.count = 0

    @property
    def are_too_many(self) -> bool:
        """Whether the limit is reached."""
        return self.count >= MAX_REFUSED


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The time of an import, the domain that ends new UIDs, and what counts its progress."""

    now: datetime
    domain: str
    progress: Progress = field(default_factory=Progress)
    refusals: Refusals = field(default_factory=Refusals)

    def items(self, value: object, noun: str) -> Iterator[tuple[object, int]]:
        """Yield the items of a list with their lines, until too many have been refused.

        They are counted as `noun`. Anything but a list is one item.
        """
        for each in self.progress.count(items(value), noun):
            if self.refusals.are_too_many:
                return
            yield each


@dataclass(frozen=True, slots=True)
class Section:
    """A top-level key of the file.

    `read` applies a value of `core.yaml.load` in the caller's transaction. It skips refused items
    and applies the others; if it raises, the whole import fails. `write` returns plain values in a
    stable order, from which `read` makes the same rows; the key of an empty value is left out.
    `lists` are keys of its items with lists that may be long.
    """

    name: str
    read: Callable[[Session, object, ImportContext], Iterable[Outcome]]
    write: Callable[[Session], Mapping[str, object] | Sequence[object]]
    lists: tuple[str, ...] = ()


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
        Outcome(Result.REFUSED, community.lines[name], f"{printable(name, LONGEST_NAME)}: {why}")
        for name in community
        if name not in known
        for why in ["is not supported yet" if name in NOT_YET else "there is no such section"]
    ]
    for section in sections:
        if community.get(section.name) is None or context.refusals.are_too_many:
            continue
        for outcome in section.read(session, community[section.name], context):
            outcomes.append(outcome)
            context.refusals.count += outcome.result is Result.REFUSED
    if context.refusals.are_too_many:
        outcomes.append(_stopped(context.refusals.count, outcomes[-1].line))
    return outcomes


def long_lists(sections: Sequence[Section]) -> frozenset[str]:
    """Return the keys of the lists that may be long, for `core.yaml.load`."""
    return frozenset(key for section in sections for key in (section.name, *section.lists))


def write(session: Session, sections: Sequence[Section]) -> dict[str, object]:
    """Return the whole community as plain values for `core.yaml.dump`."""
    written = {section.name: section.write(session) for section in sections}
    return {name: value for name, value in written.items() if value}


def until_too_many_refused(items: Iterable[T]) -> Iterator[T | Outcome]:
    """Yield the items until MAX_REFUSED of them are refused; end then with a notice."""
    refused = line = 0
    for item in items:
        if refused == MAX_REFUSED:
            yield _stopped(refused, line)
            return
        yield item
        if isinstance(item, Outcome) and item.result is Result.REFUSED:
            refused, line = refused + 1, item.line


def items(value: object) -> Iterator[tuple[object, int]]:
    """Yield the items of a section with their lines; anything but a list is one item."""
    if isinstance(value, LongList):
        yield from value
    elif isinstance(value, LinedList):
        yield from zip(value, value.lines, strict=True)
    else:
        yield value, value.line if isinstance(value, LinedDict) else 1


def mapping(schema: type[Schema], node: object) -> LinedDict:
    """Return an item of a list of the schema's values; raise Invalid if it has no keys."""
    if not isinstance(node, LinedDict):
        items = list[schema]  # type: ignore[valid-type]  # mypy cannot know a type made at run time
        raise Invalid({"": f"must be {shapes.expected(items, [0])}"})
    return node


def apply(
    node: LinedDict, item: Item, write: Callable[[LinedDict], V]
) -> tuple[V | None, list[Outcome]]:
    """Write an item without its refused parts; return what `write` returns, and the refusals.

    `write` raises Invalid before it changes anything. If more than parts is wrong, the whole item
    is refused and None returned.
    """
    refused: list[Outcome] = []
    while True:
        try:
            return write(node), refused
        except Invalid as refusal:
            parts = _refused_parts(refusal.errors, item.lists)
            if parts is None:
                return None, [*refused, refusal_outcome(node, refusal, item.name, item.line)]
            refused += [
                refusal_outcome(node, Invalid(errors), item.name, item.line)
                for errors in parts.values()
            ]
            node = _without(node, parts, item)


def unread(value: object, name: str, reason: str, context: ImportContext) -> Iterator[Outcome]:
    """Yield a refusal for each item of a list that cannot be applied for the same reason."""
    if value is not None:
        for _, line in context.items(value, "refused items"):
            yield Outcome(Result.REFUSED, line, f"{name}: not read, because {reason}")


def refusal_outcome(item: object, refusal: Invalid, what: str, line: int) -> Outcome:
    """Return the refusal of an item, called `what`, at the line of its first error.

    `line` is that of the item itself, used if the item is not a mapping.
    """
    texts = refusal.errors
    path = next(iter(texts), "")
    message = "; ".join(f"{field}: {text}" if field else text for field, text in texts.items())
    place = line_of(item, path.split("."), line)
    return Outcome(Result.REFUSED, place, printable(f"{what}: {message}", LONGEST_MESSAGE))


def name_of(node: object, *keys: str) -> str:
    """Return the first of the values of `keys` that is there, to name an item in a refusal."""
    found = (node.get(key) for key in keys) if isinstance(node, dict) else ()
    value = next((each for each in found if each), None)
    return printable(str(value), LONGEST_NAME) if isinstance(value, str | int) else "?"


def printable(text: str, most: int) -> str:
    """Return the text with at most so many characters, those that terminals obey written out."""
    shown = text if len(text) <= most else f"{text[:most]}…"
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown
    )


def _stopped(refused: int, line: int) -> Outcome:
    """Return the notice that nothing after `line` was read."""
    words = f"stopped after {refused:,} refusals; what follows was not read"
    return Outcome(Result.NOTICE, line, words)


def _refused_parts(
    errors: Mapping[str, str], lists: Collection[str]
) -> dict[tuple[str, int], dict[str, str]] | None:
    """Return the errors by the key and position of their part, None if one has another place."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for path, text in errors.items():
        key, position = f"{path}..".split(".")[:2]
        if key not in lists or not position.isdecimal():
            return None
        found.setdefault((key, int(position)), {})[path] = text
    return found


def _without(node: LinedDict, places: Iterable[tuple[str, int]], item: Item) -> LinedDict:
    """Return the item without the parts at these places."""
    keys = {key for key, _ in places}
    left_out = {key for key in keys if item.keeps_stored(node, key)}
    rest = node.without(*left_out)
    for key in keys - left_out:
        listed = node[key]
        if isinstance(listed, LinedList):
            rest[key] = listed.without({position for name, position in places if name == key})
    return rest
