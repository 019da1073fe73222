"""The talks CSV as lines of known cells, refused ones apart, and the guard against formulas."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from core.files import UnreadableFile
from core.sections import Outcome, Result
from scheduler.domain import event_keys

NEEDED = ("date", "speaker", "affiliation", "title", "paper_url", "slides_url", "video_url")
OPTIONAL = ("time", "minutes", "abstract", "topics", "status")
COLUMNS = (*NEEDED, *OPTIONAL)

_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class RowRefused(ValueError):
    """The row cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: `day` is None where `written` is a year or a month; `cells` hold what is known."""

    number: int
    written: str
    day: date | None
    at: time | None
    cells: dict[str, str]


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `unguarded` undoes it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the cell without the mark that `guarded` puts before it."""
    return cell[1:] if _GUARDED.match(cell) else cell


def read(text: str) -> Iterator[CsvRow | Outcome]:
    """Yield each row, or the Outcome of its refusal; raise UnreadableFile without a header."""
    rows = _rows(text)
    header = [name.strip().lower() for name in next(rows, (0, []))[1]]
    if "date" not in header:
        raise UnreadableFile(f"its first line must name the columns: {','.join(NEEDED)}")
    strange = [name[:40] for name in header if name not in COLUMNS]
    if strange or len(set(header)) < len(header):
        raise UnreadableFile(f"these columns are unknown or listed twice: {', '.join(strange)}")
    for number, row in rows:
        if any(cell.strip() for cell in row):
            yield _line(number, header, row)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of the line that it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"line {number}: {error}") from None


def _line(number: int, header: list[str], row: list[str]) -> CsvRow | Outcome:
    if len(row) > len(header):
        return _refusal(number, "it has more cells than the header")
    filled = zip(header, (unguarded(cell.strip()) for cell in row), strict=False)
    cells = {name: cell for name, cell in filled if cell}
    written = cells.pop("date", "")
    try:
        day = event_keys.date_of(written) if _DATE.fullmatch(written) else None
    except event_keys.KeyRefused:
        return _refusal(number, f"date: there is no date {written}")
    if not _DATE.fullmatch(written) or not 1900 <= int(written[:4]) <= 2200:
        return _refusal(
            number, f"date: {written[:20]!r} is not a date such as 2026-06-17, 2023-04 or 2021"
        )
    clock = cells.pop("time", "")
    matched = _TIME.fullmatch(clock)
    if clock and not matched:
        return _refusal(number, f"time: {clock[:20]!r} is not a time such as 10:00")
    if clock and day is None:
        return _refusal(number, "time: needs a whole date")
    at = time(int(matched[1]), int(matched[2])) if matched else None
    return CsvRow(number, written, day, at, cells)


def _refusal(number: int, words: str) -> Outcome:
    return Outcome(Result.REFUSED, number, words)
