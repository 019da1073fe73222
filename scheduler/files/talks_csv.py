"""The talks CSV of one series: rows match their event by date and fill in what was unknown."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from core.fields import errors_by_field
from core.files import UnreadableFile
from core.refusals import Invalid
from core.sections import ImportContext, Outcome, Result
from scheduler.domain import event_time, speaker_cells
from scheduler.domain.speaker_cells import CellsRefused
from scheduler.domain.talks import Speaker, Talk
from scheduler.files import talks_table
from scheduler.files.talks_matching import EventMatcher
from scheduler.files.talks_table import CsvRow, RowRefused
from scheduler.models import SeriesRow
from scheduler.schemas import EventSchema
from scheduler.services import event_writer, feed_versions
from scheduler.services.event_lists import EventList
from scheduler.services.event_writer import EventTarget


def read(session: Session, slug: str, text: str, occasion: ImportContext) -> list[Outcome]:
    """Apply the table in the caller's transaction; raise UnreadableFile if it is not one.

    Rows of one date (and time) are the talks of one event, in order. A date on which the rule
    gives nothing and no event takes position gets an extra event at the usual time.
    """
    known = session.scalar(select(SeriesRow.id).where(SeriesRow.slug == slug).with_for_update())
    if known is None:
        raise UnreadableFile(f"there is no series {slug!r}")
    lines: list[CsvRow] = []
    outcomes: list[Outcome] = []
    for found in talks_table.read(text):
        if isinstance(found, CsvRow):
            lines.append(found)
        else:
            outcomes.append(found)
    for target, group in EventMatcher(EventList(session, slug)).assigned(lines):
        if isinstance(target, EventTarget):
            outcomes += _put(session, target, group, occasion)
        else:
            outcomes += [Outcome(Result.REFUSED, line.number, target) for line in group]
    if any(outcome.result in (Result.CREATED, Result.UPDATED) for outcome in outcomes):
        feed_versions.touch(session, [slug])
    return sorted(outcomes, key=lambda outcome: outcome.line)


def _put(
    session: Session, target: EventTarget, group: list[CsvRow], occasion: ImportContext
) -> Iterator[Outcome]:
    before = target.stored.talks if target.stored else ()
    merged = list(before)
    accepted: list[tuple[CsvRow, int]] = []
    for line in group:
        position = len(accepted)
        try:
            talk = _merged(before[position] if position < len(before) else Talk(), line)
        except RowRefused as refusal:
            yield Outcome(Result.REFUSED, line.number, str(refusal))
            continue
        merged[position : position + 1] = [talk]
        accepted.append((line, position))
    if not accepted:
        return
    first = accepted[0][0]
    try:
        schema = _document(target, [line for line, _ in accepted], merged)
        result = event_writer.write_event(
            session, target, schema, occasion.now, actor=COMMAND_LINE, always=True
        )
    except (Invalid, RowRefused, ValidationError) as refusal:
        yield Outcome(Result.REFUSED, first.number, _words(refusal))
        return
    for line, position in accepted:
        if position >= len(before):
            yield Outcome(Result.CREATED, line.number)
        elif merged[position] != before[position]:
            yield Outcome(Result.UPDATED, line.number)
        else:
            quiet = result if line is first and merged == list(before) else Result.UNCHANGED
            yield Outcome(quiet, line.number)


def _document(target: EventTarget, lines: list[CsvRow], merged: list[Talk]) -> EventSchema:
    fields: dict[str, object] = {"talks": merged}
    for line in lines:
        fields |= {name: line.cells[name] for name in ("status", "minutes") if name in line.cells}
    line = lines[0]
    if line.day is not None and line.at is not None:
        fields["starts"] = datetime.combine(line.day, line.at)
    elif line.day is not None and target.stored is None and target.day is None:
        usual = event_time.usual_start(target.series.timetable, line.day)
        if usual is None:
            raise RowRefused("time: is needed, the series has no timetable")
        fields["starts"] = datetime.combine(line.day, usual[0])
    return EventSchema.model_validate(fields)


def _merged(talk: Talk, line: CsvRow) -> Talk:
    """Return the talk with the cells of the row; an empty cell leaves a field as it is."""
    fields: dict[str, object] = talk.model_dump()
    fields |= {name: text for name, text in line.cells.items() if name in Talk.model_fields}
    if "topics" in line.cells:
        fields["topics"] = speaker_cells.parts(line.cells["topics"])
    fields["speakers"] = [dict(each) for each in _speakers(talk, line)]
    try:
        return Talk.model_validate(fields)
    except ValidationError as refusal:
        raise RowRefused(_words(refusal)) from None


def _speakers(talk: Talk, line: CsvRow) -> tuple[Speaker, ...]:
    if "speaker" not in line.cells and "affiliation" not in line.cells:
        return talk.speakers
    names = speaker_cells.parts(line.cells.get("speaker") or speaker_cells.names(talk.speakers))
    affiliations = speaker_cells.parts(line.cells.get("affiliation", ""))
    known = {speaker.name: speaker.affiliation for speaker in talk.speakers}
    try:
        before = speaker_cells.aligned(names, affiliations, talk.speakers)
    except CellsRefused as refusal:
        raise RowRefused(f"affiliation: {refusal}") from None
    return tuple(
        each.model_copy(update={"affiliation": each.affiliation or known.get(each.name)})
        for each in before
    )


def _words(refusal: RowRefused | Invalid | ValidationError) -> str:
    if isinstance(refusal, RowRefused):
        return str(refusal)
    errors = refusal.errors if isinstance(refusal, Invalid) else errors_by_field(refusal)
    return "; ".join(f"{field}: {words}" for field, words in errors.items())
