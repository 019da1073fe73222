"""The section `series` of the community file, and the file as a whole."""

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy.orm import Session

from accounts import queries as accounts
from accounts.domain.actors import COMMAND_LINE
from core import sections, shapes, yaml
from core.fields import validate
from core.refusals import Invalid
from core.sections import ImportContext, Item, Outcome, Result, Section, refusal_outcome
from core.yaml import LinedDict, line_of
from scheduler.domain import timetable_lines
from scheduler.domain.timetable_lines import Takeover
from scheduler.files.community_export import write_series
from scheduler.schemas import EventFileSchema, SeriesFileSchema
from scheduler.services import event_writer, feed_versions, series
from scheduler.services.event_lists import EventList
from scheduler.services.event_writer import Change

EVENTS_AT_ONCE = 500
SERIES_LISTS = tuple(shapes.list_items(SeriesFileSchema))
EVENT_LISTS = tuple(shapes.list_items(EventFileSchema))


def read(
    session: Session, known_sections: Sequence[Section], text: str, context: ImportContext
) -> list[Outcome]:
    """Apply a community file in the caller's transaction; raise UnreadableFile if it is not one."""
    community = yaml.load(text, sections.long_lists(known_sections))
    before = accounts.organization(session)
    outcomes = sections.read(session, known_sections, community, context)
    if accounts.organization(session) != before:
        feed_versions.touch_all(session)
    return outcomes


def read_series(session: Session, value: object, context: ImportContext) -> Iterator[Outcome]:
    """Apply the section: each series, then each of its events, by key."""
    changed: set[str] = set()
    for node, line in context.items(value, "series"):
        for outcome in _read_one(session, node, line, context):
            if outcome.result in (Result.CREATED, Result.UPDATED) and isinstance(node, LinedDict):
                changed.add(str(node["slug"]))
            yield outcome
    if changed:
        feed_versions.touch(session, changed)


def _read_one(
    session: Session, node: object, line: int, context: ImportContext
) -> Iterator[Outcome]:
    item = Item(f"series {sections.name_of(node, 'slug')}", line, SERIES_LISTS)

    takeovers: list[Takeover] = []

    def write(own: LinedDict) -> Result:
        schema = validate(SeriesFileSchema, series.completed(session, own))
        row = series.lock(session, schema.slug)
        change = series.put_own(
            session, row, schema, context.now, actor=COMMAND_LINE, domain=context.domain
        )
        takeovers[:] = change.takeovers
        return change.result

    try:
        whole = sections.mapping(SeriesFileSchema, node)
    except Invalid as refusal:
        yield refusal_outcome(node, refusal, item.name, line)
        return
    own, events = whole.without("events"), whole.get("events")
    result, refusals = sections.apply(own, item, write)
    yield from refusals
    if result is None:
        yield from sections.unread(events, f"{item.name}, event", "its series was refused", context)
        return
    yield Outcome(result, line)
    for takeover in takeovers:
        words = timetable_lines.takeover_words(takeover)
        place = line_of(own, ["timetable"], line)
        yield Outcome(Result.NOTICE, place, f"{item.name}: {words}")
    if events is not None:
        yield from _read_events(session, str(own["slug"]), events, context)


def _read_events(
    session: Session, slug: str, events: object, context: ImportContext
) -> Iterator[Outcome]:
    """Apply the events of a series; many are written at once."""
    listed = EventList(session, slug)
    met: set[str] = set()
    pieces = context.items(events, f"events of {slug}")
    while batch := list(islice(pieces, EVENTS_AT_ONCE)):
        planned: list[tuple[Item, object, Change]] = []
        for piece, line in batch:
            item, change, outcomes = _plan(listed, met, piece, line, context)
            yield from outcomes
            if change is not None:
                planned.append((item, piece, change))
        taken = event_writer.taken_uids(session, [change for _, _, change in planned])
        for item, piece, change in planned:
            if change.target.id in taken:
                refusal = Invalid({"uid": f"belongs to the event {taken[change.target.id]}"})
                yield refusal_outcome(piece, refusal, item.name, item.line)
            else:
                yield Outcome(change.result, item.line)
        changes = [change for _, _, change in planned if change.target.id not in taken]
        event_writer.write(session, changes, context.now, actor=COMMAND_LINE)


def _plan(
    listed: EventList,
    met: set[str],
    piece: object,
    line: int,
    context: ImportContext,
) -> tuple[Item, Change | None, list[Outcome]]:
    """Return the change that an event of the file makes, None if it makes none; and refusals."""
    named = _text_dates(piece)
    name = sections.name_of(named, "key", "date", "starts")

    def keeps_stored(own: LinedDict, _key: str) -> bool:
        return _is_stored(listed, own)

    item = Item(f"series {listed.series.slug}, event {name}", line, EVENT_LISTS, keeps_stored)

    def plan(own: LinedDict) -> tuple[Change | None]:
        schema = validate(EventFileSchema, own)
        target = listed.target(schema)
        if target.key in met:
            raise Invalid({"key": f"{target.key} is listed in the file twice"})
        change = event_writer.plan(target, schema, context.now, always=True)
        met.add(target.key)
        return (change,)

    try:
        own = sections.mapping(EventFileSchema, named)
    except Invalid as refusal:
        return item, None, [refusal_outcome(piece, refusal, item.name, line)]
    found, outcomes = sections.apply(own, item, plan)
    if found is None:
        return item, None, outcomes
    (change,) = found
    if change is None:
        outcomes.append(Outcome(Result.UNCHANGED, line))
    return item, change, outcomes


def _is_stored(listed: EventList, own: LinedDict) -> bool:
    """Whether the event has a row, so that a list of the file would replace the stored one."""
    keys = {name: own.get(name) for name in ("date", "key", "starts")}
    try:
        return listed.target(validate(EventFileSchema, keys)).stored is not None
    except Invalid:
        return False


def _text_dates(piece: object) -> object:
    """Return the event with a bare year (`date: 2021`) as text."""
    if not isinstance(piece, LinedDict):
        return piece
    named = piece
    for name in ("date", "key"):
        year = named.get(name)
        if isinstance(year, int) and not isinstance(year, bool):
            named = named.copy()
            named[name] = str(year)
    return named


SECTIONS = (Section("series", read_series, write_series, ("events",)),)
