"""Rows -> values: selects of columns, three statements however many rows they find."""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import JSON, ColumnElement, Connection, String, cast, exists, select
from sqlalchemy.orm import Session

from core.db.base import Base
from core.fields import Schema
from scheduler.domain import timetable_lines
from scheduler.domain.event_details import NO_DETAILS, Chair, EventDetails
from scheduler.domain.events import Gap, JoinAccess, Kind, Series, SeriesStatus
from scheduler.domain.links import Link
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.recurrence import Period, Timetable
from scheduler.domain.talks import Speaker, Talk
from scheduler.models import EventRow, GapRow, PeriodRow, SeriesRow, SpeakerRow, TalkRow

Reader = Session | Connection
Condition = ColumnElement[bool]
M = TypeVar("M", bound=Schema)

_set = object.__setattr__  # values are frozen
_ALL_FIELDS: dict[type[Schema], set[str]] = {
    model: set(model.model_fields) for model in (EventDetails, Gap, Speaker, Talk)
}


def _columns(row: type[Base], names: Iterable[str]) -> list[ColumnElement[Any]]:
    """Return the columns of these names that the table has; a list as JSON text."""
    columns = row.__table__.columns  # their Python types are those of the values' fields
    return [
        cast(columns[name], String).label(name)
        if isinstance(columns[name].type, JSON)
        else columns[name]
        for name in names
        if name in columns
    ]


_SERIES = select(
    SeriesRow.zone, *_columns(SeriesRow, (field.name for field in dataclasses.fields(Series)))
).order_by(SeriesRow.id)
_PERIOD_FIELDS = [field.name for field in dataclasses.fields(Period)]
_PERIODS = (
    select(PeriodRow.series_id, *_columns(PeriodRow, _PERIOD_FIELDS))
    .join(SeriesRow, SeriesRow.id == PeriodRow.series_id)
    .order_by(PeriodRow.series_id, PeriodRow.starts)
)
_GAPS = (
    select(GapRow.series_id, *_columns(GapRow, Gap.model_fields))
    .join(SeriesRow, SeriesRow.id == GapRow.series_id)
    .order_by(GapRow.series_id, GapRow.date)
)
_EVENT_COLUMNS = _columns(EventRow, StoredEvent._fields)
_EVENTS = select(EventRow.id, *_EVENT_COLUMNS, *_columns(EventRow, EventDetails.model_fields))
_DETAILS_AT = 1 + len(_EVENT_COLUMNS)
_OUTLINES = _EVENTS.add_columns(exists().where(TalkRow.event_id == EventRow.id))
_TALK_COLUMNS = [name for name in Talk.model_fields if name in TalkRow.__table__.columns]
_TALKS = (
    select(*_columns(TalkRow, _TALK_COLUMNS), TalkRow.id, TalkRow.event_id)
    .join(EventRow, EventRow.id == TalkRow.event_id)
    .order_by(TalkRow.event_id, TalkRow.position)
)
_SPEAKERS = (
    select(*_columns(SpeakerRow, Speaker.model_fields), SpeakerRow.talk_id)
    .join(TalkRow, TalkRow.id == SpeakerRow.talk_id)
    .join(EventRow, EventRow.id == TalkRow.event_id)
    .order_by(SpeakerRow.talk_id, SpeakerRow.position)
)


def load_series(reader: Reader, *conditions: Condition) -> list[Series]:
    """Return the series that fulfil the conditions on SeriesRow, in the order they were made."""
    periods: dict[int, list[Period]] = defaultdict(list)
    for series_id, *values in reader.execute(_PERIODS.where(*conditions)):
        fields = dict(zip(_PERIOD_FIELDS, values, strict=True))
        periods[series_id].append(Period(**{**fields, "track": fields["track"] or None}))
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for series_id, *values in reader.execute(_GAPS.where(*conditions)):
        gaps[series_id].append(
            Gap.model_construct(**dict(zip(Gap.model_fields, values, strict=True)))
        )
    all_series = []
    for each in reader.execute(_SERIES.where(*conditions)):
        row = dict(each._mapping)
        zone = row.pop("zone")
        row |= {
            "kind": Kind(row["kind"]),
            "join_access": JoinAccess(row["join_access"]),
            "status": SeriesStatus(row["status"]),
            "timetable": Timetable(zone, timetable_lines.in_order(periods[row["id"]])),
            "gaps": tuple(gaps[row["id"]]),
        }
        all_series.append(Series(**row))
    return all_series


def load_events(reader: Reader, *conditions: Condition) -> Iterator[StoredEvent]:
    """Yield the rows of events that fulfil the conditions on EventRow, talks and all, unsorted."""
    talks = _talks(reader, conditions)
    for row in reader.execute(_EVENTS.where(*conditions)):
        own, details = row[:_DETAILS_AT], _details(row[_DETAILS_AT:])
        yield StoredEvent._make((*own, details, tuple(talks.get(row[0], ()))))


def load_outlines(reader: Reader, *conditions: Condition) -> Iterator[StoredEvent]:
    """Yield the same rows in one statement; of their talks only whether there are any."""
    for *row, has_talks in reader.execute(_OUTLINES.where(*conditions)):
        talks = (Talk(),) if has_talks else ()
        yield StoredEvent._make((*row[:_DETAILS_AT], NO_DETAILS, talks))


def _talks(reader: Reader, conditions: tuple[Condition, ...]) -> dict[int, list[Talk]]:
    speakers: dict[int, list[Speaker]] = defaultdict(list)
    names = tuple(Speaker.model_fields)
    for row in reader.execute(_SPEAKERS.where(*conditions)):
        speakers[row[-1]].append(_value(Speaker, dict(zip(names, row, strict=False))))
    talks: dict[int, list[Talk]] = defaultdict(list)
    for row in reader.execute(_TALKS.where(*conditions)):
        fields = dict(zip(_TALK_COLUMNS, row, strict=False))
        fields["topics"] = _topics(fields["topics"])
        fields["links"] = _links(fields["links"])
        fields["speakers"] = tuple(speakers.get(row[-2], ()))
        talks[row[-1]].append(_value(Talk, fields))
    return talks


def _value(model: type[M], fields: dict[str, Any]) -> M:
    """Return what `model_construct` makes of all fields of a model, in a third of its time."""
    value = model.__new__(model)
    _set(value, "__dict__", fields)
    _set(value, "__pydantic_fields_set__", _ALL_FIELDS[model])
    _set(value, "__pydantic_extra__", None)
    _set(value, "__pydantic_private__", None)
    return value


@lru_cache(maxsize=1024)
def _details(values: tuple[str | None, ...]) -> EventDetails:
    """Return the details of an event from its columns; most events have none."""
    fields: dict[str, Any] = dict(zip(EventDetails.model_fields, values, strict=True))
    fields["links"] = _links(fields["links"])
    chair = fields["chair"] and json.loads(fields["chair"])
    fields["chair"] = Chair.model_construct(**chair) if chair else None
    return _value(EventDetails, fields)


@lru_cache(maxsize=1024)
def _links(text: str) -> tuple[Link, ...]:
    return tuple(Link.model_construct(**each) for each in json.loads(text))


@lru_cache(maxsize=1024)
def _topics(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
