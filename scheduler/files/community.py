"""The section `series` of the community file, and the file as a whole."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from sqlalchemy.orm import Session

from accounts import queries as accounts
from accounts.domain.actors import COMMAND_LINE
from core import sections, yaml
from core.refusals import Invalid
from core.sections import ImportContext, Outcome, Result, Section, refusal_outcome
from core.yaml import LinedDict
from scheduler.files.community_export import write_series
from scheduler.schemas import EventFileSchema, SeriesFileSchema
from scheduler.services import event_writer, feed_versions, series
from scheduler.services.event_lists import EventList


def read(
    session: Session, known_sections: Sequence[Section], text: str, context: ImportContext
) -> list[Outcome]:
    """Apply a community file in the caller's transaction; raise UnreadableFile if it is not one."""
    community = yaml.load(text)
    before = accounts.organization(session)
    outcomes = sections.read(session, known_sections, community, context)
    if accounts.organization(session) != before:
        feed_versions.touch_all(session)
    return outcomes


def read_series(session: Session, value: object, context: ImportContext) -> Iterator[Outcome]:
    """Apply the section: each series, then each of its events, by key."""
    changed: set[str] = set()
    for node, line in sections.items(value):
        if not isinstance(node, LinedDict):
            yield Outcome(Result.REFUSED, line, "series: must be keys such as `slug:`")
            continue
        for outcome in _read_one(session, node, line, context):
            if outcome.result in (Result.CREATED, Result.UPDATED):
                changed.add(str(node["slug"]))
            yield outcome
    if changed:
        feed_versions.touch(session, changed)


def _read_one(
    session: Session, node: LinedDict, line: int, context: ImportContext
) -> Iterator[Outcome]:
    what = f"series {node.get('slug')}"
    fields = {name: value for name, value in node.items() if name != "events"}
    try:
        schema = SeriesFileSchema.model_validate(series.completed(session, fields))
        row = series.lock(session, schema.slug)
        result = series.put_own(
            session, row, schema, context.now, actor=COMMAND_LINE, domain=context.domain
        )
        yield Outcome(result, line)
    except (ValidationError, Invalid) as refusal:
        yield refusal_outcome(node, refusal, what, line)
        return
    if node.get("events") is not None:
        yield from _read_events(session, schema.slug, node, context)


def _read_events(
    session: Session, slug: str, node: LinedDict, context: ImportContext
) -> Iterator[Outcome]:
    listed = EventList(session, slug)
    met: set[str] = set()
    for piece, line in sections.items(node["events"]):
        named = _text_dates(piece)
        what = f"series {slug}, event {_name(named)}"
        try:
            schema = EventFileSchema.model_validate(named)
            target = listed.target(schema)
            if target.key in met:
                raise Invalid({"key": f"{target.key} is listed in the file twice"})
            met.add(target.key)
            result = event_writer.write_event(
                session, target, schema, context.now, actor=COMMAND_LINE, always=True
            )
            yield Outcome(result, line)
        except (ValidationError, Invalid) as refusal:
            yield refusal_outcome(piece, refusal, what, line)


def _text_dates(piece: object) -> object:
    """Return the event with a bare year (`date: 2021`) as text."""
    if not isinstance(piece, LinedDict):
        return piece
    named: dict[str, object] = dict(piece)
    for name in ("date", "key"):
        year = named.get(name)
        if isinstance(year, int) and not isinstance(year, bool):
            named[name] = str(year)
    return named


def _name(piece: object) -> object:
    if not isinstance(piece, dict):
        return "?"
    return piece.get("key") or piece.get("date") or piece.get("starts") or "?"


SECTIONS = (Section("series", read_series, write_series),)
