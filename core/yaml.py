"""YAML: text to plain values with their line numbers, and plain values to text.

Scalars follow the core schema of YAML 1.2: null, true, false, integers and floats. Everything else
is text, including dates and times. Anchors, tags and second documents are refused.
"""

import re
from array import array
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from sys import intern

import yaml

from core.files import UnreadableFile

MAX_DEPTH = 30
SHORT_LIST = 100

_NULL = ("", "~", "null", "Null", "NULL")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")
_INTEGER = re.compile(r"(?:[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15})\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_FRAME_EVENTS = (
    *(yaml.StreamStartEvent, yaml.StreamEndEvent),
    *(yaml.DocumentStartEvent, yaml.DocumentEndEvent),
)
_TEXT_TAG = "tag:yaml.org,2002:str"


class LinedDict(dict[str, object]):
    """A mapping with its own line and the lines of its keys, counted from 1."""

    __slots__ = ("key_lines", "line")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines = array("L")  # in the order of the keys: large files have many mappings

    @property
    def lines(self) -> dict[str, int]:
        """The lines of the keys."""
        return dict(zip(self, self.key_lines, strict=False))

    def copy(self) -> "LinedDict":
        """Return another mapping of the same values."""
        return self.without()

    def without(self, *keys: str) -> "LinedDict":
        """Return the mapping without these keys."""
        found = LinedDict(self.line)
        for key, line in self.lines.items():
            if key not in keys:
                found[key] = self[key]
                found.key_lines.append(line)
        return found


class LinedList(list[object]):
    """A list with its own line and the lines of its items, counted from 1."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines = array("L")

    def without(self, positions: Container[int]) -> "LinedList":
        """Return the list without the items at these positions."""
        found = LinedList(self.line)
        for position, (item, line) in enumerate(zip(self, self.lines, strict=True)):
            if position not in positions:
                found.append(item)
                found.lines.append(line)
        return found


class LongList:
    """A list that is parsed again while it is iterated, so that its items need little memory."""

    def __init__(self, text: str, line: int, long: Container[str]) -> None:
        self.line = line
        self._text, self._long = text, long

    def __iter__(self) -> Iterator[tuple[object, int]]:
        """Yield the items with their lines; raise UnreadableFile as `load` does."""
        with _reading(self._text, self.line - 1, self._long) as reader:
            reader.next()  # the beginning of the list
            while not isinstance(event := reader.next(), yaml.SequenceEndEvent | None):
                yield reader.build(event, 1), reader.line(event)


def load(text: str, long: Container[str] = ()) -> object:
    """Return the value in `text`: LinedDict, LinedList, str, int, float, bool or None.

    A list of more than SHORT_LIST items under a key of `long` is a LongList. Raises UnreadableFile
    with the line of the first error.
    """
    with _reading(text, 0, long) as reader:
        document = reader.build(reader.next(), 0)
        if reader.next() is not None:
            raise UnreadableFile("it holds more than one document")
    return document


def line_of(node: object, path: Sequence[str], line: int) -> int:
    """Return the line of the innermost value on `path` inside of `node` that exists.

    `line` is the line of `node` itself; numbers on the path are positions in lists.
    """
    for step in path:
        if isinstance(node, LinedDict) and step in node:
            line, node = node.lines[step], node[step]
        elif isinstance(node, LinedList) and step.isdecimal() and int(step) < len(node):
            line, node = node.lines[int(step)], node[int(step)]
        else:
            break
    return line


def dump(plain: object) -> str:
    """Return a plain value as YAML text that `load` reads back, with keys in their order."""
    text: str = yaml.dump(
        plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, line_break="\n"
    )
    return text


@contextmanager
def _reading(text: str, lines_before: int, long: Container[str]) -> Iterator["_Reader"]:
    """Read a text that begins after so many lines of the file; raise UnreadableFile."""
    loader = yaml.CSafeLoader(text)
    try:
        yield _Reader(text, loader, lines_before, long)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1 + lines_before}: " if mark else ""
        raise UnreadableFile(f"{place}{error.problem or 'it is not YAML'}") from None
    except (yaml.YAMLError, UnicodeError):
        raise UnreadableFile("it is not YAML") from None
    finally:
        loader.dispose()


class _Reader:
    """The events of a text, and the values that they build."""

    def __init__(
        self, text: str, loader: yaml.CSafeLoader, lines_before: int, long: Container[str]
    ) -> None:
        self.text, self.loader = text, loader
        self.lines_before, self.long = lines_before, long

    def next(self) -> yaml.Event | None:
        """Return the next event of a value, None at the end."""
        while self.loader.check_event():
            event = self.loader.get_event()
            if event is not None and not isinstance(event, _FRAME_EVENTS):
                return event
        return None

    def line(self, event: yaml.Event) -> int:
        """Return the line of an event in the file, counted from 1."""
        return event.start_mark.line + 1 + self.lines_before if event.start_mark else 0

    def build(self, event: yaml.Event | None, depth: int, key: str = "") -> object:
        """Return the value that begins with the event, and is that of `key`."""
        if event is None:
            return None
        line = self.line(event)
        if depth > MAX_DEPTH:
            raise UnreadableFile(f"line {line}: it is nested too deeply")
        if getattr(event, "anchor", None) is not None:  # an alias has one too
            raise UnreadableFile(f"line {line}: anchors and aliases are not supported")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, line)
        if isinstance(event, yaml.CollectionStartEvent) and event.tag not in (None, "!"):
            raise UnreadableFile(f"line {line}: tags such as {event.tag!r} are not supported")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth, key)
        return self._dict(line, depth)

    def _list(self, start: yaml.Event, depth: int, key: str) -> LinedList | LongList:
        items = LinedList(self.line(start))
        while not isinstance(event := self.next(), yaml.SequenceEndEvent | None):
            if len(items) == SHORT_LIST and key in self.long:
                return self._long_list(start, self._end(event))
            items.lines.append(self.line(event))
            items.append(self.build(event, depth + 1))
        return items

    def _end(self, event: yaml.Event) -> yaml.Event | None:
        """Skip the rest of the list that the event is in; return its end."""
        depth, current = 1, event
        while True:
            if isinstance(current, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(current, yaml.CollectionEndEvent):
                depth -= 1
            if not depth:
                return current
            following = self.next()
            if following is None:
                return None
            current = following

    def _long_list(self, start: yaml.Event, end: yaml.Event | None) -> LongList:
        begins, ends = start.start_mark, end.end_mark if end else None
        if begins is None or ends is None:
            raise UnreadableFile("it is not YAML")
        # The first line is indented like the others.
        text = " " * begins.column + self.text[begins.index : ends.index]
        return LongList(text, self.line(start), self.long)

    def _dict(self, line: int, depth: int) -> LinedDict:
        mapping = LinedDict(line)
        while not isinstance(event := self.next(), yaml.MappingEndEvent | None):
            key_line = self.line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise UnreadableFile(f"line {key_line}: a key must be a plain word")
            key = intern(event.value)
            if key in mapping:
                raise UnreadableFile(f"line {key_line}: the key {key[:40]!r} is there twice")
            mapping.key_lines.append(key_line)
            mapping[key] = self.build(self.next(), depth + 1, key)
        return mapping


def _scalar(event: yaml.ScalarEvent, line: int) -> object:
    text: str = event.value
    if event.tag not in (None, "!", _TEXT_TAG):
        raise UnreadableFile(f"line {line}: tags such as {event.tag!r} are not supported")
    return _resolve(text) if event.implicit[0] and event.tag is None else text


def _resolve(text: str) -> object:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


class _Dumper(yaml.CSafeDumper):
    """Quotes texts that some YAML version reads as another type, except dates."""

    yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeDumper.yaml_implicit_resolvers.items()
    }

    def ignore_aliases(self, data: object) -> bool:
        """Write repeated values in full."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(_TEXT_TAG, text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
for _first in "-+.0123456789":
    _Dumper.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, [_first])
    _Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, [_first])
