"""The talks of a series as the CSV that import reads back."""

import csv
import io

from sqlalchemy.orm import Session

from core import zones
from scheduler.domain import speaker_cells, walltime
from scheduler.domain.events import Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.talks import Talk
from scheduler.files.talks_table import COLUMNS, guarded
from scheduler.models import EventRow
from scheduler.queries.loading import load_events


def write(session: Session, series: Series) -> str:
    """Return the table of the series' talks, by date; what is unknown is an empty cell."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    for stored in sorted(load_events(session, EventRow.series_id == series.id), key=_order):
        when = _when(series, stored)
        for talk in stored.talks:
            cells = {**when, **_cells(talk)}
            table.writerow({name: guarded(cell) for name, cell in cells.items()})
    return text.getvalue()


def _when(series: Series, stored: StoredEvent) -> dict[str, str]:
    if stored.starts_at is None:
        return {"date": stored.key}
    starts = walltime.wall(stored.starts_at, zones.zone(series.zone))
    return {
        "date": starts.date().isoformat(),
        "time": "" if stored.all_day else f"{starts:%H:%M}",
        "minutes": str(stored.minutes or ""),
        "status": stored.status if stored.status != "scheduled" else "",
    }


def _cells(talk: Talk) -> dict[str, str]:
    return {name: getattr(talk, name) or "" for name in COLUMNS if name in Talk.model_fields} | {
        "speaker": speaker_cells.names(talk.speakers),
        "affiliation": speaker_cells.affiliations(talk.speakers),
        "topics": speaker_cells.joined(talk.topics),
    }


def _order(stored: StoredEvent) -> tuple[str, str]:
    return stored.starts_at.isoformat() if stored.starts_at else stored.key, stored.key
