"""Rows -> values: selects of columns, three statements however many rows they find."""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, String, cast, exists, select
from sqlalchemy.orm import Session

from scheduler.domain.events import (
    Gap,
    JoinAccess,
    Kind,
    Series,
    SeriesStatus,
    Speaker,
    Talk,
)
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.recurrence import Period, Timetable
from scheduler.models import EventRow, GapRow, PeriodRow, SeriesRow, SpeakerRow, TalkRow

Reader = Session | Connection
Condition = ColumnElement[bool]

_SERIES = select(
    SeriesRow.id,
    SeriesRow.uid,
    SeriesRow.ref,
    SeriesRow.slug,
    SeriesRow.name,
    SeriesRow.short_name,
    SeriesRow.kind,
    SeriesRow.zone,
    SeriesRow.description,
    SeriesRow.join_url,
    SeriesRow.join_access,
    SeriesRow.status,
    SeriesRow.revision,
    SeriesRow.revised_at,
).order_by(SeriesRow.id)
_PERIODS = (
    select(
        PeriodRow.series_id, PeriodRow.starts, PeriodRow.minutes, PeriodRow.rule, PeriodRow.until
    )
    .join(SeriesRow, SeriesRow.id == PeriodRow.series_id)
    .order_by(PeriodRow.series_id, PeriodRow.starts)
)
_GAPS = (
    select(GapRow.series_id, GapRow.date, GapRow.reason)
    .join(SeriesRow, SeriesRow.id == GapRow.series_id)
    .order_by(GapRow.series_id, GapRow.date)
)
_EVENTS = select(
    EventRow.id,
    EventRow.series_id,
    EventRow.key,
    EventRow.uid,
    EventRow.date,
    EventRow.starts,
    EventRow.minutes,
    EventRow.all_day,
    EventRow.days,
    EventRow.starts_at,
    EventRow.ends_at,
    EventRow.number,
    EventRow.status,
    EventRow.reason,
    EventRow.sequence,
    EventRow.revised_at,
)
_OUTLINES = _EVENTS.add_columns(exists().where(TalkRow.event_id == EventRow.id))
_TALKS = (
    select(
        TalkRow.event_id,
        TalkRow.id,
        TalkRow.title,
        TalkRow.abstract,
        cast(TalkRow.topics, String),
        TalkRow.paper_url,
        TalkRow.slides_url,
        TalkRow.video_url,
        TalkRow.video_at,
        TalkRow.key,
    )
    .join(EventRow, EventRow.id == TalkRow.event_id)
    .order_by(TalkRow.event_id, TalkRow.position)
)
_SPEAKERS = (
    select(
        SpeakerRow.talk_id,
        SpeakerRow.name,
        SpeakerRow.affiliation,
        SpeakerRow.url,
        SpeakerRow.email,
    )
    .join(TalkRow, TalkRow.id == SpeakerRow.talk_id)
    .join(EventRow, EventRow.id == TalkRow.event_id)
    .order_by(SpeakerRow.talk_id, SpeakerRow.position)
)


def load_series(reader: Reader, *conditions: Condition) -> list[Series]:
    """Return the series that fulfil the conditions on SeriesRow, in the order they were made."""
    periods: dict[int, list[Period]] = defaultdict(list)
    for series_id, starts, minutes, rule, until in reader.execute(_PERIODS.where(*conditions)):
        periods[series_id].append(Period(starts, minutes, rule, until))
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for series_id, day, reason in reader.execute(_GAPS.where(*conditions)):
        gaps[series_id].append(Gap(day, reason))
    return [
        Series(
            id=row.id,
            uid=row.uid,
            ref=row.ref,
            slug=row.slug,
            name=row.name,
            short_name=row.short_name,
            kind=Kind(row.kind),
            timetable=Timetable(row.zone, tuple(periods[row.id])),
            gaps=tuple(gaps[row.id]),
            description=row.description,
            join_url=row.join_url,
            join_access=JoinAccess(row.join_access),
            status=SeriesStatus(row.status),
            revision=row.revision,
            revised_at=row.revised_at,
        )
        for row in reader.execute(_SERIES.where(*conditions))
    ]


def load_events(reader: Reader, *conditions: Condition) -> Iterator[StoredEvent]:
    """Yield the rows of events that fulfil the conditions on EventRow, talks and all, unsorted."""
    talks = _talks(reader, conditions)
    for row in reader.execute(_EVENTS.where(*conditions)):
        yield StoredEvent._make((*row, tuple(talks.get(row[0], ()))))


def load_outlines(reader: Reader, *conditions: Condition) -> Iterator[StoredEvent]:
    """Yield the same rows in one statement; of their talks only whether there are any."""
    for *row, has_talks in reader.execute(_OUTLINES.where(*conditions)):
        yield StoredEvent._make((*row, (Talk(),) if has_talks else ()))


def _talks(reader: Reader, conditions: tuple[Condition, ...]) -> dict[int, list[Talk]]:
    speakers: dict[int, list[Speaker]] = defaultdict(list)
    for talk_id, name, affiliation, url, email in reader.execute(_SPEAKERS.where(*conditions)):
        speakers[talk_id].append(Speaker(name, affiliation, url, email))
    talks: dict[int, list[Talk]] = defaultdict(list)
    for row in reader.execute(_TALKS.where(*conditions)):
        event_id, talk_id, title, abstract, topics, paper, slides, video, video_at, key = row
        given_by = tuple(speakers.get(talk_id, ()))
        links = (paper, slides, video)
        talk = Talk(title, given_by, abstract, _topics(topics), *links, video_at, key)
        talks[event_id].append(talk)
    return talks


@lru_cache(maxsize=1024)
def _topics(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
