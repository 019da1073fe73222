"""Changes of events: content is compared as a whole, and written only if something differs."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from core import audit
from core.db.fast_sql import PendingInsert
from core.refusals import Invalid
from core.sections import Result
from scheduler.domain import event_time, identity, talk_keys
from scheduler.domain.event_details import NO_DETAILS, EventDetails
from scheduler.domain.event_time import EventTime
from scheduler.domain.events import EventStatus, Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.talks import Talk
from scheduler.models import EventRow
from scheduler.schemas import EventFileSchema, EventSchema
from scheduler.services import revisions, talks
from scheduler.services.revisions import History
from scheduler.services.talks import TalksChange

DETAILS = EventDetails.model_fields.keys()
FIELDS = DETAILS | {
    *("starts", "minutes", "all_day", "days", "number", "status", "reason", "talks")
}


@dataclass(frozen=True, slots=True)
class EventTarget:
    """The event that a change is for; `day` is the rule's date, None for an extra event."""

    series: Series
    key: str
    day: date | None
    stored: StoredEvent | None

    @property
    def id(self) -> str:
        """The event's public identifier."""
        return identity.event_id(self.series.ref, self.key)

    @property
    def uid(self) -> str:
        """The event's UID, the same before and after it gets a row."""
        if self.stored:
            return self.stored.uid
        return identity.event_uid(self.series.uid, self.key)

    @property
    def sequence(self) -> int:
        """The SEQUENCE that readers have seen."""
        return self.series.revision + (self.stored.sequence if self.stored else 0)


@dataclass(frozen=True, slots=True)
class EventContent:
    """Everything that can change about an event."""

    timing: EventTime
    number: int | None = None
    status: str = EventStatus.SCHEDULED.value
    reason: str | None = None
    details: EventDetails = NO_DETAILS
    talks: tuple[Talk, ...] = ()


def content_of(target: EventTarget) -> EventContent:
    """Return the present content of the event; without a row that of the rule."""
    stored = target.stored
    if stored is None:
        return EventContent(EventTime(date=target.day))
    return EventContent(
        stored.timing, stored.number, stored.status, stored.reason, stored.details, stored.talks
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One change to write; an event without a row gets one."""

    target: EventTarget
    before: EventContent
    after: EventContent
    uid: str
    sequence: int
    revised_at: datetime

    @property
    def result(self) -> Result:
        """Whether the event gets a row or has one."""
        return Result.UPDATED if self.target.stored else Result.CREATED


def write_event(
    session: Session,
    target: EventTarget,
    schema: EventSchema,
    now: datetime,
    *,
    actor: Actor,
    always: bool = False,
) -> Result:
    """Plan one change and write it. Raises what `plan` raises."""
    change = plan(target, schema, now, always=always)
    if change is None:
        return Result.UNCHANGED
    write(session, [change], now, actor=actor)
    return change.result


def plan(
    target: EventTarget,
    schema: EventSchema,
    now: datetime,
    *,
    whole: bool = False,
    always: bool = False,
) -> Change | None:
    """Return the change of the fields that the schema sets (`whole`: of all), None if none.

    An event without a row gets one if something differs from the rule, or `always`. A change that
    readers can see raises `sequence`; neither it nor `revised_at` ever falls. Raises Invalid.
    """
    before = content_of(target)
    after = _changed(before, schema, FIELDS if whole else schema.model_fields_set)
    after = replace(after, timing=event_time.normalized(after.timing, target.series.timetable))
    _check(target, schema, after)
    history = _history(target, schema)
    stored = target.stored
    if stored is None:
        if before == after and not always:
            return None
        sequence = 1 if history.sequence is None else history.sequence
        uid = history.uid or target.uid
        return Change(target, before, after, uid, sequence, history.changed_at or now)
    seen = _shown(before, target.series) != _shown(after, target.series)
    sequence = max(stored.sequence + seen, history.sequence or 0)
    if before == after and sequence == stored.sequence:
        return None
    revised_at = stored.revised_at
    if sequence > stored.sequence:
        revised_at = max(revised_at, history.changed_at or now)
    if seen:
        revised_at = max(revised_at, now)
    return Change(target, before, after, stored.uid, sequence, revised_at)


def write(session: Session, changes: Sequence[Change], now: datetime, *, actor: Actor) -> None:
    """Write the changes, each with an entry in the audit log.

    It takes as many statements for one as for many. Feeds are the caller's to touch.
    """
    ids = _insert(session, [change for change in changes if change.target.stored is None])
    ids |= {
        change.target.id: change.target.stored.row_id for change in changes if change.target.stored
    }
    kept = [
        {"id": ids[change.target.id], **_values(change)}
        for change in changes
        if change.target.stored
    ]
    if kept:
        session.execute(update(EventRow), kept)
    talks.write(
        session,
        [
            TalksChange(ids[change.target.id], change.before.talks, change.after.talks)
            for change in changes
        ],
    )
    audit.record_all(session, [_entry(change, now, actor) for change in changes])


def taken_uids(session: Session, changes: Sequence[Change]) -> dict[str, str]:
    """Return the changes that would give a new event the UID of another event.

    By the id of the change's event; the value is the key of the event that has the UID.
    """
    new = [change for change in changes if change.target.stored is None]
    uids = [change.uid for change in new]
    query = select(EventRow.uid, EventRow.key).where(EventRow.uid.in_(uids))
    keys = {row.uid: row.key for row in session.execute(query)} if uids else {}
    taken: dict[str, str] = {}
    for change in new:
        if change.uid in keys:
            taken[change.target.id] = keys[change.uid]
        keys.setdefault(change.uid, change.target.key)
    return taken


def _changed(before: EventContent, schema: EventSchema, named: AbstractSet[str]) -> EventContent:
    timing = replace(
        before.timing,
        starts=_wall(schema.starts) if "starts" in named else before.timing.starts,
        minutes=schema.minutes if "minutes" in named else before.timing.minutes,
        all_day=schema.all_day if "all_day" in named else before.timing.all_day,
        days=schema.days if "days" in named else before.timing.days,
    )
    status = schema.status if "status" in named else before.status
    reason = before.reason
    if "reason" in named:
        reason = schema.reason or None
    elif before.status == EventStatus.CANCELLED != status:
        reason = None
    return EventContent(
        timing=timing,
        number=schema.number if "number" in named else before.number,
        status=status,
        reason=reason,
        details=_changed_details(before.details, schema, named),
        talks=talk_keys.keyed(before.talks, schema.talks) if "talks" in named else before.talks,
    )


def _changed_details(
    before: EventDetails, schema: EventSchema, named: AbstractSet[str]
) -> EventDetails:
    fields = {name: getattr(schema, name) for name in named & DETAILS}
    chair = fields.get("chair")
    if chair and before.chair and "email" not in chair.model_fields_set:
        # What is not shown can be left out and stays.
        email = before.chair.email if before.chair.name == chair.name else None
        fields["chair"] = chair.model_copy(update={"email": email})
    return before.model_copy(update=fields) if fields else before


def _wall(starts: datetime | date | None) -> datetime | None:
    if starts is None or isinstance(starts, datetime):
        return starts
    return datetime.combine(starts, time.min)


def _check(target: EventTarget, schema: EventSchema, after: EventContent) -> None:
    bare = schema.starts is not None and not isinstance(schema.starts, datetime)
    if bare and not after.timing.all_day:
        raise Invalid({"starts": "needs a time of day, or `all_day: true`"})
    day_known = len(target.key) >= 10
    if day_known and event_time.wall_start(after.timing, target.series.timetable) is None:
        if target.day is None:
            raise Invalid({"starts": "is required for an extra event"})
        raise Invalid({"date": f"the timetable gives nothing on {target.day}: say when it starts"})


def _history(target: EventTarget, schema: EventSchema) -> History:
    """Return the history that a file carries; raise Invalid if the API changes identity."""
    if isinstance(schema, EventFileSchema):
        if schema.uid:
            _check_uid(target, schema.uid)
        return History(schema.uid, schema.sequence, schema.changed_at)
    own = {"uid": target.uid, "sequence": target.stored.sequence if target.stored else 0}
    revisions.refuse_changes(schema, own)
    return History()


def _check_uid(target: EventTarget, uid: str) -> None:
    own = target.stored.uid if target.stored else None
    if own and uid != own:
        raise Invalid({"uid": f"is {own} here and cannot be changed"})


def _shown(whole: EventContent, series: Series) -> tuple[EventContent, bool]:
    """Return what calendar entries show of an event; of the link only whether there is one."""
    details = whole.details.model_copy(update={"join_url": None, "chair": None, "language": None})
    talks = tuple(talk.without_addresses() for talk in whole.talks)
    return (
        replace(whole, details=details, talks=talks),
        bool(whole.details.join_url or series.join_url),
    )


def _insert(session: Session, changes: Sequence[Change]) -> dict[str, int]:
    """Insert the rows and return their ids by the events' public ids."""
    if not changes:
        return {}
    refs = {change.target.series.id: change.target.series.ref for change in changes}
    inserted = insert(EventRow).returning(EventRow.series_id, EventRow.key, EventRow.id)
    rows = session.execute(inserted, [_values(change) for change in changes])
    return {identity.event_id(refs[series_id], key): row_id for series_id, key, row_id in rows}


def _values(change: Change) -> dict[str, object]:
    """Return the columns of the event's row."""
    target, timing = change.target, change.after.timing
    span = event_time.interval(timing, target.series.timetable)
    return {
        "series_id": target.series.id,
        "key": target.key,
        "uid": change.uid,
        "date": timing.date,
        "starts": timing.starts,
        "minutes": timing.minutes,
        "all_day": timing.all_day,
        "days": timing.days,
        "starts_at": span.start if span else None,
        "ends_at": span.end if span else None,
        "number": change.after.number,
        "status": change.after.status,
        "reason": change.after.reason,
        "sequence": change.sequence,
        "revised_at": change.revised_at,
        **change.after.details.model_dump(),
    }


def _entry(change: Change, now: datetime, actor: Actor) -> PendingInsert:
    action = _action(change.before, change.after, new=change.target.stored is None)
    detail = _differences(change.before, change.after)
    return audit.entry(actor.name, action, f"event:{change.target.id}", now=now, **detail)


def _action(before: EventContent, after: EventContent, *, new: bool) -> str:
    if before.status != after.status:
        if after.status == EventStatus.CANCELLED:
            return "event cancelled"
        if before.status == EventStatus.CANCELLED:
            return "event reinstated"
    if new and after.timing.date is None:
        return "event added"
    return "event moved" if before.timing != after.timing else "event changed"


def _differences(before: EventContent, after: EventContent) -> dict[str, object]:
    """Return what changed as [old, new] pairs for the audit log, addresses left out."""
    old, new = _plain(before), _plain(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def _plain(content: EventContent) -> dict[str, object]:
    fields: dict[str, object] = asdict(content.timing) | {
        "number": content.number,
        "status": content.status,
        "reason": content.reason,
    }
    fields = {
        name: each.isoformat() if isinstance(each, date) else each for name, each in fields.items()
    }
    fields |= content.details.without_addresses().model_dump(mode="json")
    shown = [talk.without_addresses().model_dump(mode="json") for talk in content.talks]
    return {**fields, "talks": shown}
