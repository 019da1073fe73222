"""Delimited text: its separator, and its records with their lines, broken ones apart."""

import csv
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from core.files import UnreadableFile

SEPARATORS = (",", ";", "\t")
_NAMED = "sep="
_TOLD = {
    "unexpected end of data": "a quotation mark that opens a cell here is never closed",
    "field larger": "a quotation mark that opens a cell here is never closed",
    "expected after": 'a quotation mark inside of a cell must be written twice ("")',
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the line on which it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A line that is no record, and why."""

    line: int
    reason: str


def records(lines: Iterator[str], names: Collection[str]) -> Iterator[Record | BrokenRecord]:
    """Yield the records that are not blank; the first is the header.

    The separator is that of a first line such as "sep=;", else the one which finds the most of
    `names` in the header. After a broken record the next line is read as a record.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=_separator(source, names), strict=True)
    while True:
        source.begin()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield BrokenRecord(source.first, _reason(str(error)))
            source.return_all_but_first()
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Record(source.first, cells)


class _Lines:
    """Lines that can be read again: `taken` are those of the present record, from line `first`."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.first = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.lines)
        self.taken.append(line)
        return line

    def begin(self) -> None:
        """Begin a record after the lines that were taken."""
        self.first += len(self.taken)
        self.taken = []

    def return_all_but_first(self) -> None:
        """Give the lines of the present record back, except its first."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _separator(source: _Lines, names: Collection[str]) -> str:
    for line in source:
        content = line.strip("\r\n").strip(" ").strip('"')
        if content.lower().startswith(_NAMED):
            return _named(content[len(_NAMED) :], source.first + len(source.taken) - 1)
        if content.strip("".join(SEPARATORS)):
            source.waiting.extendleft(reversed(source.taken))
            source.taken = []
            return max(SEPARATORS, key=lambda each: _known(line, each, names))
    return SEPARATORS[0]


def _named(separator: str, line: int) -> str:
    if len(separator) != 1 or separator.isalnum() or separator == '"':
        raise UnreadableFile(f"line {line}: sep= must be followed by one separator, such as sep=;")
    return separator


def _known(header: str, separator: str, names: Collection[str]) -> int:
    cells = next(csv.reader([header], delimiter=separator), [])
    return sum(cell.strip().lower() in names for cell in cells)


def _reason(error: str) -> str:
    return next((told for part, told in _TOLD.items() if part in error), error)
