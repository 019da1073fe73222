"""What the API says of series and events; private fields are left out, not emptied."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field, PlainSerializer

from core.http import current
from core.http.api import ApiModel
from scheduler import calendar_entries
from scheduler.domain.events import Event, EventStatus, Gap, JoinAccess, Kind, Series, SeriesStatus
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.talks import Speaker, Talk

WALL = "%Y-%m-%dT%H:%M"
# Every field is shown, so the schema calls each required.
SHOWN = ConfigDict(json_schema_serialization_defaults_required=True)

R = TypeVar("R", bound=ApiModel)
WallText = Annotated[datetime, PlainSerializer(lambda at: f"{at:{WALL}}", return_type=str)]


class SpeakerResponse(Speaker):
    """Who gives a talk."""

    model_config = SHOWN

    url: str | None = Field(default=None, exclude=True)
    email: str | None = Field(default=None, exclude=True)


class TalkResponse(Talk):
    """A talk; null is unknown. `key` is stable within the event.

    `video_at` is seconds into the recording.
    """

    model_config = SHOWN

    speakers: tuple[SpeakerResponse, ...] = ()


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

    starts: WallText
    minutes: int
    rule: str | None
    until: date | None


class GapResponse(Gap):
    """A date on which the rule gives nothing."""

    model_config = SHOWN


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
    return _filled(
        EventResponse,
        value,
        series=value.series.slug,
        title=calendar_entries.CANCELLED + value.title if cancelled else value.title,
        zone=value.series.zone,
        url=current.absolute_url(value.path),
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
    shown: dict[str, object] = {}
    if organisers is not None or value.join_access is JoinAccess.PUBLIC:
        shown["join_url"] = value.join_url
    if organisers is not None:
        shown["organisers"] = organisers
    if records is not None:
        shown["events"] = [_series_event(row) for row in sorted(records, key=attrgetter("key"))]
    return _filled(
        SeriesResponse,
        value,
        sequence=value.revision,
        changed_at=value.revised_at,
        timetable=value.timetable.periods,
        url=current.absolute_url(value.path),
        **shown,
    )


def _series_event(record: StoredEvent) -> SeriesEventResponse:
    wall = "%Y-%m-%d" if record.all_day else WALL
    return _filled(
        SeriesEventResponse,
        record,
        changed_at=record.revised_at,
        date=_date(record),
        starts=f"{record.starts:{wall}}" if record.starts else None,
    )


def _date(record: StoredEvent) -> str | None:
    """Return the rule's date, or as much as is known of one, None for an extra event."""
    if record.date is not None:
        return record.date.isoformat()
    return record.key if len(record.key) < len("2020-06-12") else None


def _filled(model: type[R], value: object, **other: object) -> R:
    """Return a response with `other` fields, and for the required ones the value's attributes."""
    names = (name for name, field in model.model_fields.items() if field.is_required())
    own = {name: getattr(value, name) for name in names if name not in other}
    return model.model_validate({**own, **other}, from_attributes=True)
