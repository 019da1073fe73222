"""How a document changes an event: compared as a whole, written only if something differs."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.refusals import Invalid
from core.sections import Result
from scheduler.domain import event_time, identity
from scheduler.domain.event_time import EventTime
from scheduler.domain.events import EventStatus, Series, Talk
from scheduler.domain.occurrences import StoredEvent
from scheduler.models import EventRow
from scheduler.schemas import EventSchema
from scheduler.services import talks

FIELDS = frozenset(("starts", "minutes", "all_day", "days", "number", "status", "reason", "talks"))


@dataclass(frozen=True, slots=True)
class EventTarget:
    """The event that a change is for; `day` is the rule's date, None for an extra event."""

    series: Series
    key: str
    day: date | None
    record: StoredEvent | None

    @property
    def id(self) -> str:
        """The event's public identifier."""
        return f"{self.series.ref}-{self.key}"

    @property
    def sequence(self) -> int:
        """The SEQUENCE that readers have seen."""
        return self.series.revision + (self.record.sequence if self.record else 0)


@dataclass(frozen=True, slots=True)
class EventContent:
    """Everything that can change about an event."""

    place: EventTime
    number: int | None = None
    status: str = EventStatus.SCHEDULED.value
    reason: str | None = None
    talks: tuple[Talk, ...] = ()


def content_of(target: EventTarget) -> EventContent:
    """Return what the event holds now; without a row that is what the rule says."""
    row = target.record
    if row is None:
        return EventContent(EventTime(date=target.day))
    place = EventTime(row.date, row.starts, row.minutes, row.all_day, row.days)
    return EventContent(place, row.number, row.status, row.reason, row.talks)


def write_event(
    session: Session,
    target: EventTarget,
    document: EventSchema,
    now: datetime,
    *,
    by: str,
    whole: bool = False,
    always: bool = False,
) -> Result:
    """Write what the document names (with `whole`: all of it) into the event's row.

    An event without a row gets one if something differs from the rule, or `always`. A change that
    readers can see raises `sequence`, and is in the audit log under `by`. Feeds are the caller's
    to touch. Raises Invalid.
    """
    before = content_of(target)
    after = _changed(before, document, FIELDS if whole else document.model_fields_set)
    after = replace(after, place=event_time.normalized(after.place, target.series.timetable))
    _check(session, target, document, after)
    if target.record is None:
        if before == after and not always:
            return Result.UNCHANGED
        row = _new_row(target, document, now)
    else:
        seen = _shown(before) != _shown(after)
        sequence = max(target.record.sequence + seen, document.sequence or 0)
        if before == after and sequence == target.record.sequence:
            return Result.UNCHANGED
        row = session.get_one(EventRow, target.record.row_id)
        if sequence > row.sequence:
            row.revised_at = max(now if seen else row.revised_at, document.changed_at or now)
        row.sequence = sequence
    _fill(session, row, target, after)
    action = _action(before, after, new=target.record is None)
    detail = _differences(before, after)
    audit.record(session, by, action, f"event:{target.id}", now=now, **detail)
    return Result.UPDATED if target.record else Result.CREATED


def _changed(
    before: EventContent, document: EventSchema, named: frozenset[str] | set[str]
) -> EventContent:
    place = replace(
        before.place,
        starts=_wall(document.starts) if "starts" in named else before.place.starts,
        minutes=document.minutes if "minutes" in named else before.place.minutes,
        all_day=document.all_day if "all_day" in named else before.place.all_day,
        days=document.days if "days" in named else before.place.days,
    )
    status = document.status if "status" in named else before.status
    reason = before.reason
    if "reason" in named:
        reason = document.reason or None
    elif before.status == EventStatus.CANCELLED != status:
        reason = None
    return EventContent(
        place=place,
        number=document.number if "number" in named else before.number,
        status=status,
        reason=reason,
        talks=tuple(map(talks.value, document.talks)) if "talks" in named else before.talks,
    )


def _wall(starts: datetime | date | None) -> datetime | None:
    if starts is None or isinstance(starts, datetime):
        return starts
    return datetime.combine(starts, time.min)


def _check(
    session: Session, target: EventTarget, document: EventSchema, after: EventContent
) -> None:
    own = target.record.uid if target.record else None
    if document.uid and own and document.uid != own:
        raise Invalid({"uid": f"is {own} here, and never changes"})
    if document.uid and document.uid != own:
        taken = session.scalar(select(EventRow.key).where(EventRow.uid == document.uid))
        if taken is not None:
            raise Invalid({"uid": f"belongs to the event {taken}"})
    bare = document.starts is not None and not isinstance(document.starts, datetime)
    if bare and not after.place.all_day:
        raise Invalid({"starts": "needs a time of day, or `all_day: true`"})
    day_known = len(target.key) >= 10
    if day_known and event_time.wall_start(after.place, target.series.timetable) is None:
        if target.day is None:
            raise Invalid({"starts": "is needed for an extra event"})
        raise Invalid({"date": f"the timetable gives nothing on {target.day}: say when it starts"})


def _shown(whole: EventContent) -> EventContent:
    return replace(whole, talks=tuple(map(talks.shown, whole.talks)))


def _new_row(target: EventTarget, document: EventSchema, now: datetime) -> EventRow:
    return EventRow(
        series_id=target.series.id,
        key=target.key,
        uid=document.uid or identity.event_uid(target.series.uid, target.key),
        date=target.day,
        sequence=1 if document.sequence is None else document.sequence,
        revised_at=document.changed_at or now,
    )


def _fill(session: Session, row: EventRow, target: EventTarget, after: EventContent) -> None:
    place = after.place
    span = event_time.interval(place, target.series.timetable)
    row.starts, row.minutes = place.starts, place.minutes
    row.all_day, row.days = place.all_day, place.days
    row.starts_at, row.ends_at = (span.start, span.end) if span else (None, None)
    row.number, row.status, row.reason = after.number, after.status, after.reason
    if target.record is None:
        session.add(row)
        session.flush()  # the talks need its id
    if (target.record.talks if target.record else ()) != after.talks:
        talks.replace(session, row.id, after.talks)


def _action(before: EventContent, after: EventContent, *, new: bool) -> str:
    if before.status != after.status:
        if after.status == EventStatus.CANCELLED:
            return "event cancelled"
        if before.status == EventStatus.CANCELLED:
            return "event reinstated"
    if new and after.place.date is None:
        return "event added"
    return "event moved" if before.place != after.place else "event changed"


def _differences(before: EventContent, after: EventContent) -> dict[str, object]:
    """Return what changed as [old, new] pairs for the audit log, addresses left out."""
    old, new = asdict(_shown(before)), asdict(_shown(after))
    old, new = {**old.pop("place"), **old}, {**new.pop("place"), **new}
    return {name: [_plain(old[name]), _plain(new[name])] for name in old if old[name] != new[name]}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
