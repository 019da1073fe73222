"""The events that the input of a series lists: matched by key, planned and written together."""

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
    """The stored events of one series, read once, to match many inputs."""

    def __init__(self, session: Session, slug: str) -> None:
        self.series: Series = load_series(session, SeriesRow.slug == slug)[0]
        own = EventRow.series_id == self.series.id
        self.stored_events: dict[str, StoredEvent] = {
            stored.key: stored for stored in load_events(session, own)
        }

    def target(self, schema: EventSchema) -> EventTarget:
        """Return the event that the input is about; raise Invalid if there can be none."""
        return self.target_of(*_key_and_date(self.series, schema))

    def target_of(self, key: str, day: date | None = None) -> EventTarget:
        """Return the event of that key; `day` is the rule's date if it has no row yet."""
        stored = self.stored_events.get(key)
        return EventTarget(self.series, key, stored.date if stored else day, stored)


def put(
    session: Session, schema: SeriesSchema, now: datetime, *, actor: Actor, whole: bool
) -> bool:
    """Write the events of a series' input; return whether anything changed.

    With `whole` they are all its events: rows that are not listed are deleted. One event takes as
    many statements as many. Raises Invalid.
    """
    listed = EventList(session, schema.slug)
    changes: list[Change] = []
    kept: set[str] = set()
    for position, each in enumerate(schema.events):
        try:
            target = listed.target(each)
            if target.key in kept:
                raise Invalid({"key": f"{target.key} is listed twice"})
            change = event_writer.plan(target, each, now, whole=whole, always=True)
        except Invalid as refusal:
            raise refusal.under(f"events.{position}") from None
        kept.add(target.key)
        if change is not None:
            changes.append(change)
    event_writer.write(session, changes, now, actor=actor)
    gone = [stored for key, stored in listed.stored_events.items() if key not in kept]
    if not whole or not gone:
        return bool(changes)
    session.execute(delete(EventRow).where(EventRow.id.in_([stored.row_id for stored in gone])))
    # An occurrence may come back without its row: a later revision than any of them had.
    revised_at = max(now, *(each.revised_at for each in gone))
    by_most = max(each.sequence for each in gone) + 1
    revisions.raise_series(session, listed.series.id, by=by_most, at=revised_at)
    return True


def _key_and_date(series: Series, schema: EventSchema) -> tuple[str, date | None]:
    """Return the key and the rule's date of the event that the input is about."""
    try:
        if schema.date is not None:
            day = event_keys.date_of(schema.date)
            key = schema.key or schema.date
            if key[:10] != schema.date:
                raise Invalid({"key": f"does not begin with the date {schema.date}"})
            return key, day
        if schema.key is not None:
            event_keys.date_of(schema.key)
            return schema.key, None
    except event_keys.KeyRefused as refusal:
        raise Invalid({"date" if schema.date else "key": str(refusal)}) from None
    if schema.starts is None:
        raise Invalid({"date": "is required, or `starts` for an extra event"})
    starts = schema.starts
    day = starts.date() if isinstance(starts, datetime) else starts
    return event_keys.extra_event_key(series, day), None
