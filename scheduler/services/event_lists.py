"""The events of a series as a document lists them: found by key, put one by one."""

from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from core.refusals import Invalid
from scheduler.domain import event_keys
from scheduler.domain.events import Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.models import EventRow, SeriesRow
from scheduler.queries.loading import load_events, load_series
from scheduler.schemas import EventSchema, SeriesSchema
from scheduler.services import event_writer, revisions
from scheduler.services.event_writer import Change, EventTarget


class EventList:
    """The events of one series, read once, for putting many documents."""

    def __init__(self, session: Session, slug: str) -> None:
        self.series: Series = load_series(session, SeriesRow.slug == slug)[0]
        own = EventRow.series_id == self.series.id
        self.records: dict[str, StoredEvent] = {
            record.key: record for record in load_events(session, own)
        }

    def target(self, document: EventSchema) -> EventTarget:
        """Return the event that the document speaks of; raise Invalid where it speaks of none."""
        key, day = _place(self.series, document)
        record = self.records.get(key)
        return EventTarget(self.series, key, record.date if record else day, record)


def put(
    session: Session, document: SeriesSchema, now: datetime, *, actor: Actor, whole: bool
) -> bool:
    """Put the events of a series' document and return whether anything changed.

    With `whole` they are all its events: rows that are not named go. It takes as many statements
    for one event as for many. Raises Invalid.
    """
    listed = EventList(session, document.slug)
    changes: list[Change] = []
    kept: set[str] = set()
    for place, each in enumerate(document.events):
        try:
            target = listed.target(each)
            if target.key in kept:
                raise Invalid({"key": f"{target.key} is named twice"})
            change = event_writer.plan(session, target, each, now, whole=whole, always=True)
        except Invalid as refusal:
            errors = {f"events.{place}.{name}": text for name, text in refusal.errors.items()}
            raise Invalid(errors) from None
        kept.add(target.key)
        if change is not None:
            changes.append(change)
    event_writer.write(session, changes, now, actor=actor)
    gone = [record for key, record in listed.records.items() if key not in kept]
    if not whole or not gone:
        return bool(changes)
    session.execute(delete(EventRow).where(EventRow.id.in_([record.row_id for record in gone])))
    # SEQUENCE and DTSTAMP never fall where an occurrence comes back without its row.
    revised_at = max(now, *(each.revised_at for each in gone))
    by_most = max(each.sequence for each in gone)
    revisions.raise_series(session, listed.series.id, by=by_most, at=revised_at)
    return True


def _place(series: Series, document: EventSchema) -> tuple[str, date | None]:
    """Return the key and the rule's date of the event that a document speaks of."""
    try:
        if document.date is not None:
            day = event_keys.date_of(document.date)
            key = document.key or document.date
            if key[:10] != document.date:
                raise Invalid({"key": f"does not begin with the date {document.date}"})
            return key, day
        if document.key is not None:
            event_keys.date_of(document.key)
            return document.key, None
    except event_keys.KeyRefused as refusal:
        raise Invalid({"date" if document.date else "key": str(refusal)}) from None
    if document.starts is None:
        raise Invalid({"date": "is needed, or `starts` for an extra event"})
    starts = document.starts
    day = starts.date() if isinstance(starts, datetime) else starts
    return event_keys.extra_event_key(series, day), None
