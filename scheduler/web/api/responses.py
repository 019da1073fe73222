"""What the API says of series and events; private fields are left out, not emptied."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from core.http import current
from core.http.api import ApiModel
from scheduler import calendar_entries
from scheduler.domain.events import (
    Event,
    EventStatus,
    JoinAccess,
    Kind,
    Series,
    SeriesStatus,
    Talk,
)
from scheduler.domain.occurrences import StoredEvent

WALL = "%Y-%m-%dT%H:%M"


class SpeakerResponse(ApiModel):
    """Who gives a talk."""

    name: str
    affiliation: str | None


class TalkResponse(ApiModel):
    """A talk; null is unknown. `key` is stable within the event.

    `video_at` is seconds into the recording.
    """

    key: str
    title: str | None
    speakers: list[SpeakerResponse]
    abstract: str | None
    paper_url: str | None
    slides_url: str | None
    video_url: str | None
    video_at: int | None
    topics: list[str]


class EventResponse(ApiModel):
    """An event; `title` is what a calendar entry says, `moved_from` where the rule had put it."""

    id: str
    uid: str
    series: str
    number: int | None
    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    zone: str
    status: EventStatus
    reason: str | None
    minutes: int
    all_day: bool
    moved_from: datetime | None
    url: str
    talks: list[TalkResponse]


class EventsResponse(ApiModel):
    """A page of events."""

    events: list[EventResponse]
    next: str | None


class PeriodResponse(ApiModel):
    """One line of a timetable, in wall time of the series' zone."""

    starts: str
    minutes: int
    rule: str | None
    until: str | None


class GapResponse(ApiModel):
    """A date on which the rule gives nothing."""

    date: str
    reason: str | None


class SeriesEventResponse(ApiModel):
    """An event as the community file writes it, `starts` in wall time of the series' zone."""

    key: str
    uid: str
    sequence: int
    changed_at: datetime
    date: str | None
    starts: str | None
    minutes: int | None
    all_day: bool
    days: int
    number: int | None
    status: str
    reason: str | None
    talks: list[TalkResponse]


class SeriesResponse(ApiModel):
    """A series as the community file writes it.

    Only its organisers see `organisers`, and a `join_url` that is not public. `events` are those
    that somebody touched; a list of series has none.
    """

    slug: str
    uid: str
    sequence: int
    changed_at: datetime
    name: str
    short_name: str
    kind: Kind
    zone: str
    description: str
    join_access: JoinAccess
    status: SeriesStatus
    timetable: list[PeriodResponse]
    gaps: list[GapResponse]
    url: str
    join_url: str | None = None
    organisers: list[str] = []
    events: list[SeriesEventResponse] = []


class SeriesListResponse(ApiModel):
    """Every series."""

    series: list[SeriesResponse]


def event(value: Event) -> EventResponse:
    """Return what the API says of an event."""
    cancelled = value.status is EventStatus.CANCELLED
    return EventResponse(
        id=value.id,
        uid=value.uid,
        series=value.series.slug,
        number=value.number,
        title=calendar_entries.CANCELLED + value.title if cancelled else value.title,
        starts_at=value.starts_at,
        ends_at=value.ends_at,
        zone=value.series.zone,
        status=value.status,
        reason=value.reason,
        minutes=value.minutes,
        all_day=value.all_day,
        moved_from=value.moved_from,
        url=current.absolute_url(value.path),
        talks=_talks(value.talks),
    )


def events(values: Iterable[Event], following: str | None) -> EventsResponse:
    """Return a page of events, `following` being the cursor of the next one."""
    return EventsResponse(events=[event(each) for each in values], next=following)


def series(
    value: Series,
    organisers: Sequence[str] | None = None,
    records: Iterable[StoredEvent] | None = None,
) -> SeriesResponse:
    """Return what the API says of a series; to its organisers, if `organisers` are given."""
    shown = SeriesResponse(
        slug=value.slug,
        uid=value.uid,
        sequence=value.revision,
        changed_at=value.revised_at,
        name=value.name,
        short_name=value.short_name,
        kind=value.kind,
        zone=value.zone,
        description=value.description,
        join_access=value.join_access,
        status=value.status,
        timetable=[
            PeriodResponse(
                starts=f"{period.starts:{WALL}}",
                minutes=period.minutes,
                rule=period.rule,
                until=period.until.isoformat() if period.until else None,
            )
            for period in value.timetable.periods
        ],
        gaps=[GapResponse(date=gap.date.isoformat(), reason=gap.reason) for gap in value.gaps],
        url=current.absolute_url(value.path),
    )
    more: dict[str, object] = {}
    if organisers is not None or value.join_access is JoinAccess.PUBLIC:
        more["join_url"] = value.join_url
    if organisers is not None:
        more["organisers"] = list(organisers)
    if records is not None:
        by_key = sorted(records, key=lambda record: record.key)
        more["events"] = [_series_event(record) for record in by_key]
    return shown.model_copy(update=more)


def _series_event(record: StoredEvent) -> SeriesEventResponse:
    wall = "%Y-%m-%d" if record.all_day else WALL
    return SeriesEventResponse(
        key=record.key,
        uid=record.uid,
        sequence=record.sequence,
        changed_at=record.revised_at,
        date=_date(record),
        starts=f"{record.starts:{wall}}" if record.starts else None,
        minutes=record.minutes,
        all_day=record.all_day,
        days=record.days,
        number=record.number,
        status=record.status,
        reason=record.reason,
        talks=_talks(record.talks),
    )


def _date(record: StoredEvent) -> str | None:
    """Return the rule's date, or as much as is known of one, None for an extra event."""
    if record.date is not None:
        return record.date.isoformat()
    return record.key if len(record.key) < len("2020-06-12") else None


def _talks(talks: Iterable[Talk]) -> list[TalkResponse]:
    return [
        TalkResponse(
            key=talk.key,
            title=talk.title,
            speakers=[
                SpeakerResponse(name=speaker.name, affiliation=speaker.affiliation)
                for speaker in talk.speakers
            ],
            abstract=talk.abstract,
            paper_url=talk.paper_url,
            slides_url=talk.slides_url,
            video_url=talk.video_url,
            video_at=talk.video_at,
            topics=list(talk.topics),
        )
        for talk in talks
    ]
