"""Use cases of one event: change, move, cancel, reinstate, add; and dates that are skipped."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from core import audit
from core.refusals import Conflict, Invalid, NotFound
from core.sections import Result
from scheduler.domain import event_keys, identity
from scheduler.domain.event_time import EventTime
from scheduler.domain.events import EventStatus, Gap, Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.models import EventRow, GapRow, SeriesRow
from scheduler.queries.events import last_numbered
from scheduler.queries.loading import load_events, load_series
from scheduler.schemas import EventSchema
from scheduler.services import event_writer, feed_versions, organizers, revisions
from scheduler.services.event_writer import EventContent, EventTarget


class ChangedMeanwhile(Conflict):
    """Somebody else changed the event since the writer looked at it."""

    slug = "changed-meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed this event meanwhile. Compare both versions and save again."
        )


def patch(
    session: Session,
    event_id: str,
    schema: EventSchema,
    now: datetime,
    *,
    actor: Actor,
    seen: int | None = None,
) -> Result:
    """Change the fields that the schema names, of an event with or without a row.

    `seen` is the SEQUENCE that the writer looked at. Raises NotFound, NotAllowed, Invalid, and
    ChangedMeanwhile when `seen` is no longer the event's.
    """
    target = _find(session, event_id, actor)
    if seen is not None and seen != target.sequence:
        raise ChangedMeanwhile
    if "date" in schema.model_fields_set and schema.date != _date_text(target):
        raise Invalid({"date": "cannot be changed; `starts` moves the event"})
    if "key" in schema.model_fields_set and schema.key != target.key:
        raise Invalid({"key": "cannot be changed"})
    result = event_writer.write_event(session, target, schema, now, actor=actor)
    if result is not Result.UNCHANGED:
        feed_versions.touch(session, [target.series.slug])
    return result


def patch_all(
    session: Session,
    series: Series,
    schemas: Mapping[str, EventSchema],
    now: datetime,
    *,
    actor: Actor,
) -> None:
    """Change events of a series that `lock` returned, as the schemas by key say.

    It takes as many statements for one event as for many. Raises NotFound and Invalid.
    """
    own = (EventRow.series_id == series.id, EventRow.key.in_(schemas))
    stored = {event.key: event for event in load_events(session, *own)}
    changes = [
        event_writer.plan(_target(series, key, stored.get(key)), schema, now)
        for key, schema in schemas.items()
    ]
    planned = [change for change in changes if change is not None]
    if planned:
        event_writer.write(session, planned, now, actor=actor)
        feed_versions.touch(session, [series.slug])


def move(
    session: Session,
    event_id: str,
    schema: EventSchema,
    now: datetime,
    *,
    actor: Actor,
    seen: int | None = None,
) -> Result:
    """Move an event to the schema's `starts`, with its `reason`; its page and UID stay.

    Raises Conflict for a cancelled one, and what `patch` raises.
    """
    target = _find(session, event_id, actor)
    if target.stored and target.stored.status == EventStatus.CANCELLED:
        raise Conflict("This event is cancelled. Reinstate it before you move it.")
    return patch(session, event_id, schema, now, actor=actor, seen=seen)


def cancel(
    session: Session,
    event_id: str,
    reason: str | None,
    now: datetime,
    *,
    actor: Actor,
    seen: int | None = None,
) -> Result:
    """Cancel an event; it stays visible, with the reason. Raises what `patch` raises."""
    schema = EventSchema(status="cancelled", reason=reason)
    return patch(session, event_id, schema, now, actor=actor, seen=seen)


def reinstate(
    session: Session, event_id: str, now: datetime, *, actor: Actor, seen: int | None = None
) -> Result:
    """Reinstate a cancelled event. Raises what `patch` raises."""
    schema = EventSchema(status="scheduled", reason=None)
    return patch(session, event_id, schema, now, actor=actor, seen=seen)


def add(session: Session, slug: str, schema: EventSchema, now: datetime, *, actor: Actor) -> str:
    """Add an extra event at `schema.starts` and return its key.

    Raises NotFound, NotAllowed, Invalid, Conflict when that day is full.
    """
    series = lock(session, slug, actor)
    if schema.starts is None:
        raise Invalid({"starts": "is required for an extra event"})
    day = schema.starts.date() if isinstance(schema.starts, datetime) else schema.starts
    taken = session.scalars(
        select(EventRow.key).where(
            EventRow.series_id == series.id, EventRow.key.startswith(day.isoformat())
        )
    ).all()
    try:
        key = event_keys.next_free_key(series, day, taken)
    except event_keys.KeyRefused as refusal:
        raise Conflict(f"This does not fit: {refusal}.") from None
    target = EventTarget(series, key, None, None)
    event_writer.write_event(session, target, schema, now, actor=actor, always=True)
    feed_versions.touch(session, [slug])
    return key


def add_next(
    session: Session,
    slug: str,
    day: date,
    starts: datetime | None,
    now: datetime,
    *,
    actor: Actor,
) -> str:
    """Add the event that follows the one with the highest number, and return its key.

    It has the next number, and the length and the hour of that event, unless `starts` is given.
    Where the rule gives `day`, it is that occurrence. Raises NotFound, NotAllowed, Invalid, and
    Conflict if no event is numbered or something is planned on the rule's date.
    """
    series = lock(session, slug, actor)
    last = last_numbered(session, series, now)
    if last is None or last.starts is None or last.number is None:
        raise Conflict("No event of this series has a number and a start. Add the first one.")
    if starts is not None and starts.date() != day:
        raise Invalid({"starts": f"must be on {day}"})
    length = {"all_day": True, "days": last.days} if last.all_day else {"minutes": last.minutes}
    schema = EventSchema(
        starts=starts or datetime.combine(day, last.starts.time()),
        number=last.number + 1,
        **length,
    )
    if not event_keys.rule_gives(series, day):
        return add(session, slug, schema, now, actor=actor)
    target = _target(series, day.isoformat(), _stored(session, series, day.isoformat()))
    if target.stored is not None and (target.stored.talks or target.stored.number is not None):
        raise Conflict("Something is planned on this date.")
    event_writer.write_event(session, target, schema, now, actor=actor)
    feed_versions.touch(session, [slug])
    return target.key


def skip(
    session: Session, slug: str, day: date, reason: str | None, now: datetime, *, actor: Actor
) -> None:
    """Make `day` a gap, or change the reason of one. An empty row of that date goes.

    Raises NotFound where the rule gives nothing, Conflict where something is planned.
    """
    series = lock(session, slug, actor)
    is_gap = any(gap.date == day for gap in series.gaps)
    if not is_gap and not event_keys.rule_gives(series, day):
        raise NotFound(f"The timetable gives nothing on {day}.")
    gap = Gap.model_construct(date=day, reason=reason)
    if put_gap(session, series, gap, now, actor=actor) is not Result.UNCHANGED:
        feed_versions.touch(session, [slug])


def put_gap(session: Session, series: Series, gap: Gap, now: datetime, *, actor: Actor) -> Result:
    """Add a gap to a series that `lock` returned, or change the reason of one.

    An empty row of that date goes. Raises Conflict where something is planned. Feeds are the
    caller's to touch.
    """
    row = session.get(GapRow, (series.id, gap.date))
    if row is not None and row.reason == gap.reason:
        return Result.UNCHANGED
    result = Result.CREATED if row is None else Result.UPDATED
    if row is None:
        _clear(session, series, gap.date.isoformat(), now)
        session.add(GapRow(series_id=series.id, date=gap.date, reason=gap.reason))
    else:
        row.reason = gap.reason
    where = _gap(series.slug, gap.date)
    audit.record(session, actor.name, "date skipped", where, now=now, reason=gap.reason)
    return result


def unskip(session: Session, slug: str, day: date, now: datetime, *, actor: Actor) -> None:
    """Give a gap's date back to the rule. Raises NotFound when it is no gap.

    The series' revision rises, so that calendars which dropped the occurrence take it again.
    """
    series = lock(session, slug, actor)
    gap = session.get(GapRow, (series.id, day))
    if gap is None:
        raise NotFound(f"{day} is not skipped.")
    session.delete(gap)
    revisions.raise_series(session, series.id, by=1, at=now)
    audit.record(session, actor.name, "date taken back", _gap(slug, day), now=now)
    feed_versions.touch(session, [slug])


def lock(session: Session, slug: str, actor: Actor) -> Series:
    """Return the series for a change of it or its events: writers of one series take turns.

    Raises NotFound, and NotAllowed for anybody but its organizers and admins.
    """
    if session.scalar(select(SeriesRow.id).where(SeriesRow.slug == slug).with_for_update()) is None:
        raise NotFound
    series = load_series(session, SeriesRow.slug == slug)[0]
    organizers.require(session, series.id, actor)
    return series


def _find(session: Session, event_id: str, actor: Actor) -> EventTarget:
    ref, key = identity.parts(event_id)
    slug = session.scalar(select(SeriesRow.slug).where(SeriesRow.ref == ref))
    if slug is None or event_id != identity.event_id(ref, key):
        raise NotFound
    series = lock(session, slug, actor)
    return _target(series, key, _stored(session, series, key))


def _stored(session: Session, series: Series, key: str) -> StoredEvent | None:
    own = and_(EventRow.series_id == series.id, EventRow.key == key)
    return next(load_events(session, own), None)


def _target(series: Series, key: str, stored: StoredEvent | None) -> EventTarget:
    """Return the event of that key, `stored` being its row; raise NotFound if there is none."""
    if stored is not None:
        return EventTarget(series, key, stored.date, stored)
    try:
        day = event_keys.date_of(key)
    except event_keys.KeyRefused:
        raise NotFound from None
    if day is None or day.isoformat() != key or not event_keys.rule_gives(series, day):
        raise NotFound
    return EventTarget(series, key, day, None)


def _clear(session: Session, series: Series, key: str, now: datetime) -> None:
    """Delete the row of an occurrence without content; raise Conflict if it has content."""
    own = and_(EventRow.series_id == series.id, EventRow.key == key)
    for stored in load_events(session, own):
        if event_writer.content_of(EventTarget(series, key, stored.date, stored)) != EventContent(
            EventTime(stored.date)
        ):
            raise Conflict("Something is planned on this date. Cancel it instead.")
        session.execute(delete(EventRow).where(EventRow.id == stored.row_id))
        # SEQUENCE and DTSTAMP never fall, should the occurrence come back without its row.
        revised_at = max(now, stored.revised_at)
        revisions.raise_series(session, series.id, by=stored.sequence, at=revised_at)


def _date_text(target: EventTarget) -> str | None:
    if target.day is not None:
        return target.day.isoformat()
    return None if len(target.key) >= 10 else target.key


def _gap(slug: str, day: date) -> str:
    return f"gap:{slug}/{day}"
