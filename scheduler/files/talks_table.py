"""The talks CSV as rows of checked values, refused ones apart, and the guard against formulas."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, get_args

from pydantic import ValidationError

from core.fields import errors_by_field, with_scheme
from core.files import UnreadableFile
from core.refusals import Invalid
from core.sections import Outcome, Result
from scheduler.domain import event_keys, links, speaker_cells
from scheduler.domain.event_details import EventDetails
from scheduler.domain.links import Link
from scheduler.domain.speaker_cells import CellsRefused
from scheduler.domain.talks import Talk
from scheduler.files import delimited, sheet_dates
from scheduler.files.delimited import BrokenRecord, Record
from scheduler.files.sheet_dates import DateOrder, DateRefused
from scheduler.schemas import EventSchema

GAP = "gap"
STATUSES = (*get_args(EventSchema.model_fields["status"].annotation), GAP)

_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def one_line(cell: str) -> str:
    """Return the cell with a space for each tab."""
    return cell.replace("\t", " ")


def several(cell: str) -> list[str]:
    """Return the parts of the cell."""
    return speaker_cells.parts(one_line(cell))


def listed_links(cell: str) -> list[dict[str, str]]:
    """Return the fields of the links in the cell, each written as "Notes https://…"."""
    return [links.parts(part) for part in several(cell) if part]


def joined_links(found: Sequence[Link]) -> str:
    """Return the cell of which `listed_links` makes the links again."""
    return speaker_cells.joined(map(links.line, found))


Model = type[EventSchema | EventDetails | Talk]


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a field of an event or a talk: from its cell and, unless default, to it."""

    name: str
    model: Model
    value: Callable[[str], object] = one_line
    cell: Callable[[Any], str] = str


COLUMNS = (
    Column("title", Talk),
    Column("paper_url", Talk, with_scheme),
    Column("slides_url", Talk, with_scheme),
    Column("video_url", Talk, with_scheme),
    Column("minutes", EventSchema),
    Column("abstract", Talk, str),
    Column("topics", Talk, several, speaker_cells.joined),
    Column("status", EventSchema),
    Column("reason", EventSchema),
    Column("location", EventDetails),
    Column("join_url", EventDetails, with_scheme),
    Column("language", EventDetails),
    Column("offset", Talk),
    Column("links", Talk, listed_links, joined_links),
)
NAMES = ("date", "time", "speaker", "affiliation", *(column.name for column in COLUMNS), "key")


class RowRefused(ValueError):
    """The row cannot be applied; the message says why."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row; what its cells do not say is not in `event`, nor in the set fields of `talk`.

    `written` is the known part of its date, `day` the whole date, `at` the wall time. Affiliations
    without names are those of the speakers that are known.
    """

    line: int
    key: str
    written: str
    day: date | None
    at: time | None
    is_gap: bool
    event: Mapping[str, object]
    talk: Talk
    affiliations: tuple[str, ...]

    @property
    def has_talk(self) -> bool:
        """Whether the row says anything about a talk."""
        return bool(self.talk.model_fields_set or self.affiliations)

    @property
    def gap_reason(self) -> str | None:
        """Why a date is a gap: people write it into the first column that they find."""
        reason = self.event.get("reason")
        return str(reason) if reason else self.talk.title or self.talk.speaker_names or None


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `unguarded` undoes it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the cell without the mark that `guarded` puts before it."""
    return cell[1:] if _GUARDED.match(cell) else cell


def cells(value: object, model: Model) -> dict[str, str]:
    """Return the cells of an event's or a talk's own columns; a default is an empty cell."""
    found = {
        column.name: (getattr(value, column.name), column)
        for column in COLUMNS
        if column.model is model
    }
    return {
        name: column.cell(field)
        for name, (field, column) in found.items()
        if field not in (None, model.model_fields[name].default)
    }


def read(lines: Iterator[str], order: DateOrder | None) -> Iterator[CsvRow | Outcome]:
    """Yield each row, or the Outcome of its refusal; raise UnreadableFile without a header.

    `order` is that of dates which are not written as in ISO 8601.
    """
    records = delimited.records(lines, NAMES)
    header = _header(next(records, None))
    for record in records:
        try:
            if isinstance(record, BrokenRecord):
                raise RowRefused(record.reason)
            yield _row(record.line, _filled(header, record.cells), order)
        except RowRefused as refusal:
            yield Outcome(Result.REFUSED, record.line, str(refusal))


def words(refusal: ValidationError | Invalid) -> str:
    """Return what is wrong with a row, by column: "topics, part 2: must be one line"."""
    errors = refusal.errors if isinstance(refusal, Invalid) else errors_by_field(refusal)
    return "; ".join(f"{_column(path.split('.'))}: {text}" for path, text in errors.items())


def _column(path: list[str]) -> str:
    name = path[0]
    if name == "speakers":
        name = "affiliation" if path[-1] == "affiliation" else "speaker"
    position = next((int(step) for step in path if step.isdecimal()), 0)
    return f"{name}, part {position + 1}" if position else name


def _header(record: Record | BrokenRecord | None) -> list[str]:
    if isinstance(record, BrokenRecord):
        raise UnreadableFile(f"line {record.line}: {record.reason}")
    header = [cell.strip().lower() for cell in record.cells] if record else []
    if not {"date", "key"} & set(header):
        raise UnreadableFile(f"its first line must name the columns: {','.join(NAMES)}")
    for name in filter(None, header):
        if name not in NAMES:
            raise UnreadableFile(
                f"there is no column {name[:40]!r}; the columns are {', '.join(NAMES)}"
            )
        if header.count(name) > 1:
            raise UnreadableFile(f"the column {name!r} is listed twice")
    return header


def _filled(header: list[str], row: list[str]) -> dict[str, str]:
    """Return the cells that are not empty, by column."""
    if len(row) > len(header):
        raise RowRefused("it has more cells than the header")
    found = {}
    for position, text in enumerate(row):
        if cell := unguarded(text.strip()):
            if not header[position]:
                raise RowRefused(f"{cell[:20]!r} is in column {position + 1}, which has no name")
            found[header[position]] = cell
    return found


def _row(line: int, found: dict[str, str], order: DateOrder | None) -> CsvRow:
    key = _key(sheet_dates.iso(found.pop("key", ""), order))
    written, day = _date(found.pop("date", ""), order, is_needed=not key)
    clock = found.pop("time", "")
    try:
        at = sheet_dates.clock_time(clock) if clock else None
    except DateRefused as refusal:
        raise RowRefused(f"time: {refusal}") from None
    if at is not None and day is None and written:
        raise RowRefused("time: needs a whole date")
    status = found.get("status", STATUSES[0])
    if status not in STATUSES:
        raise RowRefused(f"status: {status[:20]!r} is none of {', '.join(STATUSES)}")
    is_gap = status == GAP
    if is_gap:
        del found["status"]
        if day is None:
            raise RowRefused("status: a gap needs a whole date")
    names = several(found.pop("speaker", ""))
    affiliations = several(found.pop("affiliation", ""))
    return CsvRow(
        *(line, key, written, day, at, is_gap),
        event=_event(_values(found, EventSchema, EventDetails)),
        talk=_talk(_values(found, Talk), names, affiliations),
        affiliations=() if names else tuple(affiliations),
    )


def _key(key: str) -> str:
    try:
        if key:
            EventSchema(key=key)
            event_keys.date_of(key)
    except ValidationError as refusal:
        raise RowRefused(words(refusal)) from None
    except event_keys.KeyRefused as refusal:
        raise RowRefused(f"key: {refusal}") from None
    return key


def _date(text: str, order: DateOrder | None, *, is_needed: bool) -> tuple[str, date | None]:
    try:
        return sheet_dates.known_part(text, order) if text or is_needed else ("", None)
    except DateRefused as refusal:
        raise RowRefused(f"date: {refusal}") from None


def _values(found: dict[str, str], *models: Model) -> dict[str, object]:
    return {
        column.name: column.value(found[column.name])
        for column in COLUMNS
        if column.model in models and column.name in found
    }


def _event(values: dict[str, object]) -> dict[str, object]:
    if not values:
        return values
    try:
        event = EventSchema.model_validate(values)
    except ValidationError as refusal:
        raise RowRefused(words(refusal)) from None
    return {name: getattr(event, name) for name in event.model_fields_set}


def _talk(values: dict[str, object], names: list[str], affiliations: list[str]) -> Talk:
    try:
        listed = speaker_cells.listed(names or ["?"] * len(affiliations), affiliations)
        talk = Talk.model_validate({**values, "speakers": listed} if listed else values)
    except CellsRefused as refusal:
        raise RowRefused(f"affiliation: {refusal}") from None
    except ValidationError as refusal:
        raise RowRefused(words(refusal)) from None
    return talk if names else Talk.model_validate(values)
