"""Plan the change of an event from its rows: its talks, its fields, and when it takes place."""

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import ValidationError
from sqlalchemy.orm import Session

from core import zones
from core.refusals import Invalid
from core.sections import ImportContext, Outcome, Result
from scheduler.domain import event_keys, event_time, walltime
from scheduler.files import talks_table
from scheduler.files.talks_matching import EventRows
from scheduler.files.talks_merging import MergedTalk, MergedTalks
from scheduler.files.talks_table import CsvRow, RowRefused
from scheduler.schemas import EventSchema
from scheduler.services import event_writer
from scheduler.services.event_writer import Change, EventTarget


class Planner:
    """The changes of one import, to be written together."""

    def __init__(self, session: Session, context: ImportContext) -> None:
        self.session = session
        self.context = context
        self.changes: list[Change] = []

    def put(self, given: EventRows) -> Iterator[Outcome]:
        """Plan the change of one event; yield what each of its rows does."""
        target = given.target
        merged = MergedTalks(target, given.rows)
        said: dict[str, tuple[object, int]] = {}
        accepted: list[tuple[CsvRow, MergedTalk | None]] = []
        for row, _ in given.rows:
            try:
                wanted = _fields(target, row)
                _require_agreement(said, wanted)
                accepted.append((row, merged.merge(row)))
            except RowRefused as refusal:
                yield Outcome(Result.REFUSED, row.line, str(refusal))
                continue
            said |= {name: (value, row.line) for name, value in wanted.items()}
        if not accepted:
            return
        fields = {name: value for name, (value, _) in said.items()}
        try:
            result = self._plan(target, {"talks": merged.talks, **_moved(target, fields)})
        except (Invalid, ValidationError) as refusal:
            reason = talks_table.words(refusal)
            yield from (Outcome(Result.REFUSED, row.line, reason) for row, _ in accepted)
            return
        is_told = any(talk and talk.result is not Result.UNCHANGED for _, talk in accepted)
        for row, talk in accepted:
            own = talk.result if talk else Result.UNCHANGED
            yield Outcome(own if is_told else result, row.line)
            result = Result.UNCHANGED
            if notice := _not_moved(target, row):
                yield Outcome(Result.NOTICE, row.line, notice)

    def _plan(self, target: EventTarget, fields: dict[str, object]) -> Result:
        schema = EventSchema.model_validate(fields)
        now = self.context.now
        change = event_writer.plan(target, schema, now, always=True)
        if change is None:
            return Result.UNCHANGED
        self.changes.append(change)
        return change.result


def _fields(target: EventTarget, row: CsvRow) -> dict[str, object]:
    """Return the fields of the event that the row says, with `starts` as it wants it."""
    starts = _start(target, row)
    return dict(row.event) if starts is None else {**row.event, "starts": starts}


def _require_agreement(said: dict[str, tuple[object, int]], wanted: dict[str, object]) -> None:
    for name, value in wanted.items():
        before, line = said.get(name, (value, 0))
        if before != value:
            column = "date" if name == "starts" else name
            raise RowRefused(f"{column}: differs from line {line}, which is about the same event")


def _start(target: EventTarget, row: CsvRow) -> datetime | date | None:
    """Return the wall start that the row wants, a date for an all-day event, None for no wish."""
    if target.stored and not row.key:
        return None
    present = _present(target)
    if row.day is None and row.written:
        if not (present.isoformat() if present else target.key).startswith(row.written):
            raise RowRefused(f"date: {row.written} is not when {target.key} is; give a whole date")
        if row.at is None:
            return None
    day = row.day or (present.date() if present else event_keys.date_of(target.key))
    if day is None:
        if row.at is not None:
            raise RowRefused("time: needs a whole date")
        return None
    if row.at is not None:
        return datetime.combine(day, row.at)
    if target.stored and target.stored.all_day:
        return day
    if present is not None:
        return datetime.combine(day, present.time())
    usual = event_time.usual_start(target.series.timetable, day)
    if usual is None:
        hours = "several hours" if target.series.timetable.periods else "no timetable"
        raise RowRefused(f"time: is required, the series has {hours}")
    return datetime.combine(day, usual)


def _present(target: EventTarget) -> datetime | None:
    """Return the wall time at which the event starts now, None when it is not known."""
    if target.stored is None:
        slot = event_time.rule_slot(target.series.timetable, target.day)
        return slot.starts if slot else None
    at = target.stored.starts_at
    return walltime.wall(at, zones.zone(target.series.zone)) if at else None


def _moved(target: EventTarget, fields: dict[str, object]) -> dict[str, object]:
    """Return the fields without a start that is the present one."""
    starts, present = fields.get("starts"), _present(target)
    all_day = target.stored is not None and target.stored.all_day
    if starts is None or present is None:
        return fields
    if isinstance(starts, datetime):
        zone = zones.zone(target.series.zone)
        same = walltime.instant(starts, zone) == walltime.instant(present, zone)
        if all_day:
            return {**fields, "all_day": False}
    else:
        same = starts == present.date()
    return {name: fields[name] for name in fields if name != "starts" or not same}


def _not_moved(target: EventTarget, row: CsvRow) -> str:
    """Return a notice if the event takes place at another time than its row without a key says."""
    present = _present(target)
    if row.key or target.stored is None or present is None or row.day is None:
        return ""
    at = None if target.stored.all_day else row.at
    if present.date() == row.day and at in (None, present.time()):
        return ""
    return (
        f"the event {target.key} takes place on {present.isoformat(' ', 'minutes')} here; "
        "only a row with its key moves it"
    )
