"""The talks and gaps of a series as the CSV that import reads back."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy.orm import Session

from core import zones
from scheduler.domain import speaker_cells, walltime
from scheduler.domain.event_details import EventDetails
from scheduler.domain.events import Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.talks import Talk
from scheduler.files import talks_table
from scheduler.files.talks_table import GAP, NAMES, guarded
from scheduler.models import EventRow
from scheduler.queries.loading import load_events
from scheduler.schemas import EventSchema

Cells = dict[str, str]


def write(session: Session, series: Series) -> str:
    """Return the table of the series, by date: a row for each talk, for each event without one,
    and for each gap. What is unknown is an empty cell.
    """
    stored = load_events(session, EventRow.series_id == series.id)
    rows = [row for each in stored for row in _event(series, each)]
    rows += [
        {"date": gap.date.isoformat(), "status": GAP, "reason": gap.reason or ""}
        for gap in series.gaps
    ]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, NAMES, lineterminator="\r\n")
    table.writeheader()
    for row in sorted(rows, key=_order):
        table.writerow({name: guarded(cell) for name, cell in row.items()})
    return text.getvalue()


def _event(series: Series, stored: StoredEvent) -> Iterator[Cells]:
    own = _when(series, stored) | talks_table.cells(stored, EventSchema) | {"key": stored.key}
    own |= talks_table.cells(stored.details, EventDetails)
    for talk in stored.talks or (Talk(),):
        yield own | talks_table.cells(talk, Talk) | _speakers(talk)


def _when(series: Series, stored: StoredEvent) -> Cells:
    if stored.starts_at is None:
        return {"date": stored.key}
    starts = walltime.wall(stored.starts_at, zones.zone(series.zone))
    at = "" if stored.all_day else starts.time().isoformat("minutes")
    return {"date": starts.date().isoformat(), "time": at}


def _speakers(talk: Talk) -> Cells:
    return {
        "speaker": speaker_cells.names(talk.speakers),
        "affiliation": speaker_cells.affiliations(talk.speakers),
    }


def _order(row: Cells) -> tuple[str, str, str]:
    return row["date"], row.get("time", ""), row.get("key", "")
