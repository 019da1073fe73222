"""Use cases of a series: create it, and change the fields that the input sets."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import queries as accounts
from accounts.domain.actors import Actor
from core import audit
from core.config import is_loopback
from core.db.transaction import lock_name
from core.fields import is_slug
from core.refusals import Invalid, NotAllowed
from core.sections import Result
from scheduler.domain import colors, identity, policy, timetable_lines
from scheduler.domain.recurrence import Period, Timetable
from scheduler.domain.timetable_lines import Takeover
from scheduler.models import SeriesRow
from scheduler.queries.loading import load_series
from scheduler.queries.organizers import organizers_of
from scheduler.schemas import SeriesFileSchema, SeriesSchema
from scheduler.services import event_lists, feed_versions, organizers, revisions, timetables
from scheduler.services.revisions import History

PLAIN = (
    *("name", "kind", "description", "join_url", "join_access", "status"),
    *("location", "language", "registration_url"),
)
# Not shown in any calendar entry; of the meeting link only whether there is one.
UNSEEN = frozenset(("color", "description", "organisers", "gaps", "language", "join_url"))


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What was done to a series, and the lines of its timetable that others end from now on."""

    result: Result
    takeovers: tuple[Takeover, ...] = ()


@dataclass(slots=True)
class _Content:
    name: str
    short_name: str
    kind: str
    zone: str
    description: str
    join_url: str | None
    join_access: str
    status: str
    color: int
    location: str | None
    language: str | None
    registration_url: str | None
    organisers: frozenset[str]
    periods: tuple[Period, ...]
    gaps: dict[date, str | None]

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.zone, self.periods)

    def fields(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def put(
    session: Session,
    schema: SeriesSchema,
    now: datetime,
    *,
    actor: Actor,
    domain: str,
    whole: bool = False,
) -> Result:
    """Create the series of the input's slug, or change the fields that it sets; events too.

    New UIDs are made under `domain`. With `whole` the lists of the input replace the
    stored ones; else they merge by key. Raises NotAllowed and Invalid.
    """
    row = lock(session, schema.slug)
    if row is None and not policy.may_create(actor):
        raise NotAllowed("Only an admin can create a series.")
    if row is not None:
        organizers.require(session, row.id, actor)
    result = put_own(session, row, schema, now, actor=actor, domain=domain, whole=whole).result
    if "events" in schema.model_fields_set:
        changed = event_lists.put(session, schema, now, actor=actor, whole=whole)
        result = Result.UPDATED if changed and result is Result.UNCHANGED else result
    if result is not Result.UNCHANGED:
        feed_versions.touch(session, [schema.slug])
    return result


def lock(session: Session, slug: str) -> SeriesRow | None:
    """Return the row of a series so that writers of one series take turns, None if it is new."""
    query = (
        select(SeriesRow)
        .where(SeriesRow.slug == slug)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalar(query)
    if row is None:
        lock_name(session, f"series:{slug}")
        row = session.scalar(query)
    return row


def completed(session: Session, fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of the input, with the stored name of the series if it has none."""
    slug = fields.get("slug")
    name = None
    if "name" not in fields and is_slug(slug):
        name = session.scalar(select(SeriesRow.name).where(SeriesRow.slug == slug))
    return {**fields, "name": name} if name else dict(fields)


def put_own(
    session: Session,
    row: SeriesRow | None,
    schema: SeriesSchema,
    now: datetime,
    *,
    actor: Actor,
    domain: str,
    whole: bool = False,
) -> SeriesChange:
    """Write the series itself, its timetable and its gaps; `row` is what `lock` returned.

    The caller checks permission and touches the feeds. Raises Invalid.
    """
    if row is None:
        return _create(session, schema, now, actor=actor, domain=domain)
    history = _history(schema, row)
    if history.uid and history.uid != row.uid:
        raise Invalid({"uid": f"is {row.uid} here and cannot be changed"})
    before = _content(session, row)
    after = _changed(before, schema, whole=whole)
    old, new = before.fields(), after.fields()
    differing = [name for name in old if old[name] != new[name]]
    seen = _is_seen(before, after, differing)
    revision = max(row.revision + seen, history.sequence or 0)
    if not differing and revision == row.revision:
        return SeriesChange(Result.UNCHANGED)
    if revision > row.revision:
        row.revised_at = max(row.revised_at, history.changed_at or now)
    if seen:
        row.revised_at = max(row.revised_at, now)
    row.revision = revision
    _fill(session, row, before, after, now)
    detail = {name: [_plain(old[name]), _plain(new[name])] for name in differing}
    audit.record(session, actor.name, "series changed", f"series:{row.slug}", now=now, **detail)
    return SeriesChange(Result.UPDATED, _takeovers(before, after))


def _create(
    session: Session, schema: SeriesSchema, now: datetime, *, actor: Actor, domain: str
) -> SeriesChange:
    history = _history(schema, None)
    uid = history.uid or f"{uuid.uuid4()}@{_domain(session, domain)}"
    lock_name(session, f"series uid:{uid}")
    if session.scalar(select(SeriesRow.id).where(SeriesRow.uid == uid)) is not None:
        raise Invalid({"uid": "belongs to another series"})
    blank = _Content(
        name=schema.name,
        short_name=schema.short_name or schema.name,
        kind=schema.kind,
        zone=schema.zone or accounts.organization(session).zone,
        description="",
        join_url=None,
        join_access=schema.join_access,
        status=schema.status,
        color=colors.least_used(session.scalars(select(SeriesRow.color))),
        location=None,
        language=None,
        registration_url=None,
        organisers=frozenset(),
        periods=(),
        gaps={},
    )
    after = _changed(blank, schema, whole=True)
    row = SeriesRow(
        uid=uid,
        ref=identity.series_ref(uid),
        slug=schema.slug,
        revision=history.sequence or 0,
        revised_at=history.changed_at or now,
    )
    _fill(session, row, blank, after, now)
    audit.record(session, actor.name, "series made", f"series:{row.slug}", now=now)
    return SeriesChange(Result.CREATED, _takeovers(blank, after))


def _is_seen(before: _Content, after: _Content, differing: Iterable[str]) -> bool:
    """Whether a reader of calendar entries sees the change."""
    unseen = UNSEEN
    if _without_keys(before.periods) == _without_keys(after.periods):
        unseen |= {"periods"}
    if bool(before.join_url) != bool(after.join_url) or before.gaps.keys() - after.gaps:
        return True
    return not unseen.issuperset(differing)


def _without_keys(periods: Iterable[Period]) -> list[Period]:
    return [replace(period, key=None) for period in periods]


def _takeovers(before: _Content, after: _Content) -> tuple[Takeover, ...]:
    """Return the takeovers that are new, except those between lines that both have a key."""
    if before.periods == after.periods:
        return ()
    known = {(each.before, each.after) for each in timetable_lines.takeovers(before.timetable)}
    return tuple(
        each
        for each in timetable_lines.takeovers(after.timetable)
        if (each.before, each.after) not in known and not (each.before.key and each.after.key)
    )


def _history(schema: SeriesSchema, row: SeriesRow | None) -> History:
    """Return the history that a file carries; raise Invalid if the API changes identity."""
    if isinstance(schema, SeriesFileSchema):
        return History(schema.uid, schema.sequence, schema.changed_at)
    own = {"uid": row.uid if row else None, "sequence": row.revision if row else None}
    revisions.refuse_changes(schema, own)
    return History()


def _domain(session: Session, host: str) -> str:
    """Return the domain of new UIDs: the host that readers use, or the organization's own."""
    url = accounts.organization(session).url
    own = urlsplit(url).hostname if url else None
    return own if own and is_loopback(host) else host


def _content(session: Session, row: SeriesRow) -> _Content:
    value = load_series(session, SeriesRow.id == row.id)[0]
    editors = organizers_of(session, [row.id])
    return _Content(
        **{name: getattr(row, name) for name in (*PLAIN, "short_name", "zone", "color")},
        organisers=frozenset(each.email for each in editors.get(row.id, ())),
        periods=value.timetable.periods,
        gaps={gap.date: gap.reason for gap in value.gaps},
    )


def _changed(before: _Content, schema: SeriesSchema, *, whole: bool) -> _Content:
    named = schema.model_fields_set
    fields = before.fields()
    fields.update({name: getattr(schema, name) for name in named.intersection(PLAIN)})
    if "short_name" in named or before.short_name == before.name:
        fields["short_name"] = schema.short_name or fields["name"]
    if "zone" in named and schema.zone:
        fields["zone"] = schema.zone
    if "color" in named and schema.color is not None:
        fields["color"] = schema.color
    if "organisers" in named:
        fields["organisers"] = frozenset(schema.organisers)
    after = _Content(**fields)  # type: ignore[arg-type]  # its own fields, of schemas' types
    if "timetable" in named:
        kept = () if whole else before.periods
        after.periods = timetables.merged(kept, schema.timetable, after.zone)
    if before.timetable != after.timetable:
        timetables.require_one_a_date(after.timetable, schema.timetable)
    if "gaps" in named:
        gaps = {gap.date: gap.reason for gap in schema.gaps}
        after.gaps = gaps if whole else {**before.gaps, **gaps}
    return after


def _fill(
    session: Session, row: SeriesRow, before: _Content, after: _Content, now: datetime
) -> None:
    for name in (*PLAIN, "short_name", "zone", "color"):
        setattr(row, name, getattr(after, name))
    session.add(row)
    session.flush()  # its lists need the id
    if before.organisers != after.organisers:
        organizers.replace(session, row.id, sorted(after.organisers), now)
    if before.gaps != after.gaps:
        timetables.replace_gaps(session, row.id, after.gaps)
    if before.periods != after.periods:
        timetables.replace(session, row.id, after.periods)
    if before.timetable != after.timetable:
        timetables.follow(session, row.id, after.timetable)


def _plain(value: object) -> object:
    """Return a value for the audit log: lists by their keys alone."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return [str(key) for key in value]
    if isinstance(value, tuple):
        return [timetable_lines.line_name(period) for period in value]
    return value
