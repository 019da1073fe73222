"""A talk as the cells of a form: written from a value, read back into fields or errors."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from pydantic import ValidationError

from core.fields import errors_by_field
from core.refusals import Invalid
from scheduler.domain import speaker_cells
from scheduler.domain.events import Talk
from scheduler.domain.speaker_cells import CellsRefused
from scheduler.schemas import TalkSchema

GRID = ("title", "speaker", "affiliation", "paper_url", "slides_url", "video_url")
ALL = (*GRID, "abstract", "topics", "video_at")
_OF_FIELD = {"speakers": "speaker", "topics": "topics"}

Cells = dict[str, str]


def written(talk: Talk) -> Cells:
    """Return the cells of a talk, its key among them; what is unknown is empty."""
    return {
        "key": talk.key,
        "title": talk.title or "",
        "speaker": speaker_cells.names(talk.speakers),
        "affiliation": speaker_cells.affiliations(talk.speakers),
        "paper_url": talk.paper_url or "",
        "slides_url": talk.slides_url or "",
        "video_url": talk.video_url or "",
        "abstract": talk.abstract or "",
        "topics": speaker_cells.joined(talk.topics),
        "video_at": _clock(talk.video_at),
    }


def posted(form: Mapping[str, str], names: Sequence[str], suffix: str) -> Cells:
    """Return the cells that a form holds under `name + suffix`, line ends as Python writes them."""
    return {
        name: form.get(name + suffix, "").replace("\r\n", "\n").strip() for name in ("key", *names)
    }


def posted_all(form: Mapping[str, str], names: Sequence[str], suffix: str = "") -> list[Cells]:
    """Return the cells of every talk of a form, numbered from 0 at the ends of their names."""
    found: list[Cells] = []
    while f"title{suffix}-{len(found)}" in form:
        found.append(posted(form, names, f"{suffix}-{len(found)}"))
    return found


def mark(cells: Sequence[Cells], names: Sequence[str] = GRID) -> str:
    """Return a short text that differs when any of the cells does."""
    told = "\x1f".join(each.get(name, "") for each in cells for name in names)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def read(cells: Cells, talks: Sequence[Talk]) -> TalkSchema | None:
    """Return the talk that the cells write, None if all of them but the key are empty.

    What the cells do not show stays as it is in the talk of that key among `talks`, if there is
    one. Raises Invalid with errors by cell.
    """
    if not any(cell for name, cell in cells.items() if name != "key"):
        return None
    before = next((talk for talk in talks if talk.key == cells["key"]), Talk())
    fields: dict[str, object] = {**asdict(before), "key": cells["key"]}
    plain = ("title", "paper_url", "slides_url", "video_url", "abstract")
    fields |= {name: cells[name] or None for name in plain if name in cells}
    errors: dict[str, str] = {}
    if "topics" in cells:
        fields["topics"] = [topic for topic in speaker_cells.parts(cells["topics"]) if topic]
    if "video_at" in cells:
        fields["video_at"] = _seconds(cells["video_at"], errors)
    try:
        given = speaker_cells.aligned(cells["speaker"], cells["affiliation"], before.speakers)
        fields["speakers"] = [asdict(each) for each in given]
    except CellsRefused as refusal:
        errors["affiliation"] = f"Here {refusal}: part them by ;"
    try:
        document = TalkSchema.model_validate(fields)
    except ValidationError as refusal:
        for field, words in errors_by_field(refusal).items():
            name = field.split(".")[0]
            errors.setdefault(_OF_FIELD.get(name, name), words)
        raise Invalid(errors) from None
    if errors:
        raise Invalid(errors)
    return document


def _clock(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _seconds(text: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    numbers = text.split(":")
    if len(numbers) > 3 or not all(each.isascii() and each.isdigit() for each in numbers):
        errors["video_at"] = "must be a place in the recording such as 15:24"
        return None
    total = 0
    for each in numbers:
        total = total * 60 + int(each[:6])
    return total
