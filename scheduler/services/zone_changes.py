"""Apply new zone data to future events: wall times stay, instants follow, calendars update."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from core import audit
from core.db.fast_sql import PendingInsert
from core.zone_updates import ACTOR, Changes, Derivation
from scheduler.domain import event_time, identity, occurrences, walltime
from scheduler.domain.events import Series
from scheduler.domain.interval import Interval
from scheduler.domain.occurrences import RowlessUntil, StoredEvent
from scheduler.feeds import WITHOUT_ROW
from scheduler.models import EventRow, SeriesRow
from scheduler.queries.around import stored_events_around
from scheduler.queries.loading import load_outlines, load_series
from scheduler.services import feed_versions, revisions


def zones_in_use(_now: datetime) -> Select[str]:
    """Return the statement that selects the zones of all series."""
    return select(SeriesRow.zone)


def derive(session: Session, changes: Changes, now: datetime) -> int:
    """Derive the instants of events to come in the changed zones again; return how many changed.

    An event with a row gets a higher sequence where its instants changed. A series gets a higher
    revision where the instants of occurrences without a row did.
    """
    # In one order, so that two writers cannot deadlock.
    ids = session.scalars(
        select(SeriesRow.id)
        .where(SeriesRow.zone.in_(changes))
        .order_by(SeriesRow.id)
        .with_for_update()
    ).all()
    series = load_series(session, SeriesRow.id.in_(ids))
    to_come: dict[int, list[StoredEvent]] = defaultdict(list)
    for stored in load_outlines(session, EventRow.series_id.in_(ids), EventRow.starts_at > now):
        to_come[stored.series_id].append(stored)
    window = Interval(now, now + WITHOUT_ROW)
    around = stored_events_around(session, series, window, load_outlines)
    changed, touched = 0, []
    for each in series:
        moved = _move_rows(session, each, to_come[each.id], now)
        before = changes[each.zone]
        if before is not None and _moves_rowless(each, around[each.id], window, before):
            revisions.raise_series(session, each.id, by=1, at=now)
            audit.record(session, ACTOR, "series moved", f"series:{each.slug}", now=now)
            moved += 1
        if moved:
            touched.append(each.slug)
        changed += moved
    if touched:
        feed_versions.touch(session, touched)
    return changed


DERIVATION = Derivation(zones_in_use, derive)


def _move_rows(
    session: Session, series: Series, stored_events: Sequence[StoredEvent], now: datetime
) -> int:
    """Move the events whose wall time is at another instant now; return how many."""
    rows: list[dict[str, object]] = []
    entries: list[PendingInsert] = []
    for stored in stored_events:
        span = event_time.interval(stored.timing, series.timetable)
        if span is None or (span.start, span.end) == (stored.starts_at, stored.ends_at):
            continue
        rows.append(
            {
                "id": stored.row_id,
                "starts_at": span.start,
                "ends_at": span.end,
                "sequence": stored.sequence + 1,
                "revised_at": max(stored.revised_at, now),
            }
        )
        subject = f"event:{identity.event_id(series.ref, stored.key)}"
        starts_at = [str(stored.starts_at), str(span.start)]
        entries.append(audit.entry(ACTOR, "event moved", subject, now=now, starts_at=starts_at))
    if rows:
        session.execute(update(EventRow), rows)
    audit.record_all(session, entries)
    return len(rows)


def _moves_rowless(
    series: Series, stored_events: Sequence[StoredEvent], window: Interval, before: ZoneInfo
) -> bool:
    """Whether an occurrence without a row was at another instant by the rules `before`."""
    ahead = RowlessUntil(window.end, window.end)
    return any(
        event.row_id is None
        and event.starts is not None
        and occurrences.meets(event, window)
        and event.starts_at != walltime.instant(event.starts, before)
        for event in occurrences.events_around(series, stored_events, window, window.start, ahead)
    )
