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


def read(session: Session, slug: str, text: str, context: ImportContext) -> list[Outcome]:
    """Apply the table in the caller's transaction; raise UnreadableFile if it is not one.

    Rows of one date (and time) are the talks of one event, in order. A date on which the rule
    gives nothing and no event takes place gets an extra event at the usual time.
    """
    series_id = session.scalar(select(SeriesRow.id).where(SeriesRow.slug == slug).with_for_update())
    if series_id is None:
        raise UnreadableFile(f"there is no series {slug!r}")
    rows: list[CsvRow] = []
    outcomes: list[Outcome] = []
    for row in talks_table.read(text):
        if isinstance(row, CsvRow):
            rows.append(row)
        else:
            outcomes.append(row)
    for target, group in EventMatcher(EventList(session, slug)).assigned(rows):
        if isinstance(target, EventTarget):
            outcomes += _put(session, target, group, context)
        else:
            outcomes += [Outcome(Result.REFUSED, row.number, target) for row in group]
    if any(outcome.result in (Result.CREATED, Result.UPDATED) for outcome in outcomes):
        feed_versions.touch(session, [slug])
    return sorted(outcomes, key=lambda outcome: outcome.line)


def _put(
    session: Session, target: EventTarget, group: list[CsvRow], context: ImportContext
) -> Iterator[Outcome]:
    before = target.stored.talks if target.stored else ()
    merged = list(before)
    accepted: list[tuple[CsvRow, int]] = []
    for row in group:
        position = len(accepted)
        try:
            talk = _merged(before[position] if position < len(before) else Talk(), row)
        except RowRefused as refusal:
            yield Outcome(Result.REFUSED, row.number, str(refusal))
            continue
        merged[position : position + 1] = [talk]
        accepted.append((row, position))
    if not accepted:
        return
    first = accepted[0][0]
    try:
        schema = _schema(target, [row for row, _ in accepted], merged)
        result = event_writer.write_event(
            session, target, schema, context.now, actor=COMMAND_LINE, always=True
        )
    except (Invalid, RowRefused, ValidationError) as refusal:
        yield Outcome(Result.REFUSED, first.number, _words(refusal))
        return
    for row, position in accepted:
        if position >= len(before):
            yield Outcome(Result.CREATED, row.number)
        elif merged[position] != before[position]:
            yield Outcome(Result.UPDATED, row.number)
        else:
            quiet = result if row is first and merged == list(before) else Result.UNCHANGED
            yield Outcome(quiet, row.number)


def _schema(target: EventTarget, rows: list[CsvRow], merged: list[Talk]) -> EventSchema:
    fields: dict[str, object] = {"talks": merged}
    for row in rows:
        fields |= {name: row.cells[name] for name in ("status", "minutes") if name in row.cells}
    row = rows[0]
    if row.day is not None and row.at is not None:
        fields["starts"] = datetime.combine(row.day, row.at)
    elif row.day is not None and target.stored is None and target.day is None:
        usual = event_time.usual_start(target.series.timetable, row.day)
        if usual is None:
            raise RowRefused("time: is required, the series has no timetable")
        fields["starts"] = datetime.combine(row.day, usual[0])
    return EventSchema.model_validate(fields)


def _merged(talk: Talk, row: CsvRow) -> Talk:
    """Return the talk with the cells of the row; an empty cell leaves a field as it is."""
    fields: dict[str, object] = talk.model_dump()
    fields |= {name: text for name, text in row.cells.items() if name in Talk.model_fields}
    if "topics" in row.cells:
        fields["topics"] = speaker_cells.parts(row.cells["topics"])
    fields["speakers"] = [dict(each) for each in _speakers(talk, row)]
    try:
        return Talk.model_validate(fields)
    except ValidationError as refusal:
        raise RowRefused(_words(refusal)) from None


def _speakers(talk: Talk, row: CsvRow) -> tuple[Speaker, ...]:
    if "speaker" not in row.cells and "affiliation" not in row.cells:
        return talk.speakers
    names = speaker_cells.parts(row.cells.get("speaker") or speaker_cells.names(talk.speakers))
    affiliations = speaker_cells.parts(row.cells.get("affiliation", ""))
    affiliation_of = {speaker.name: speaker.affiliation for speaker in talk.speakers}
    try:
        before = speaker_cells.aligned(names, affiliations, talk.speakers)
    except CellsRefused as refusal:
        raise RowRefused(f"affiliation: {refusal}") from None
    return tuple(
        each.model_copy(update={"affiliation": each.affiliation or affiliation_of.get(each.name)})
        for each in before
    )


def _words(refusal: RowRefused | Invalid | ValidationError) -> str:
    if isinstance(refusal, RowRefused):
        return str(refusal)
    errors = refusal.errors if isinstance(refusal, Invalid) else errors_by_field(refusal)
    return "; ".join(f"{field}: {words}" for field, words in errors.items())
