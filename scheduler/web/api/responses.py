"""API responses of series and events; private fields are left out, not emptied."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from pydantic import ConfigDict, Field

from core.http import current
from core.http.api import ApiModel
from scheduler import calendar_entries
from scheduler.domain.event_details import EventDetails
from scheduler.domain.events import Event, EventStatus, Gap, JoinAccess, Kind, Series, SeriesStatus
from scheduler.domain.links import Link
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.talks import Speaker, Talk
from scheduler.schemas import PeriodSchema

# Every field is shown, so the schema calls each required.
SHOWN = ConfigDict(json_schema_serialization_defaults_required=True)

R = TypeVar("R", bound=ApiModel)


class SpeakerResponse(Speaker):
    """Who gives a talk."""

    model_config = SHOWN

    email: str | None = Field(default=None, exclude=True)


class TalkResponse(Talk):
    """A talk; null is unknown. `key` is stable within the event.

    `video_at` is seconds into the recording.
    """

    model_config = SHOWN

    speakers: tuple[SpeakerResponse, ...] = ()


class ScheduledTalkResponse(TalkResponse):
    """A talk with its start, null where it is not known."""

    starts_at: datetime | None


class ChairResponse(ApiModel):
    """Who chairs an event."""

    name: str


class DetailsResponse(ApiModel):
    """Where and how an event takes place; `join_url` only if it is public."""

    location: str | None
    registration_url: str | None
    chair: ChairResponse | None
    language: str | None
    links: list[Link]
    join_url: str | None = None


class EventResponse(DetailsResponse):
    """An event; `title` is that of calendar entries, `moved_from` the start by the rule.

    Details that the event does not have are those of its series.
    """

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
    talks: list[ScheduledTalkResponse]


class EventsResponse(ApiModel):
    """A page of events."""

    events: list[EventResponse]
    next: str | None


class PeriodResponse(PeriodSchema):
    """One line of a timetable, in wall time of the series' zone."""

    model_config = SHOWN


class GapResponse(Gap):
    """A date on which the rule gives nothing."""

    model_config = SHOWN


class SeriesEventResponse(DetailsResponse):
    """An event as the community file writes it, `starts` in wall time of the series' zone.

    Details that are null are those of the series.
    """

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

    Only its organizers see `organisers`, and a `join_url` that is not public. `events` are those
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
    location: str | None
    language: str | None
    registration_url: str | None
    status: SeriesStatus
    color: int
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
    """Return the response of an event."""
    cancelled = value.status is EventStatus.CANCELLED
    talks = [
        ScheduledTalkResponse.model_validate({**dict(talk), "starts_at": at}, from_attributes=True)
        for talk, at in zip(value.talks, value.talk_starts, strict=True)
    ]
    public = value.series.join_access is JoinAccess.PUBLIC
    return _filled(
        EventResponse,
        value,
        series=value.series.slug,
        title=calendar_entries.CANCELLED + value.title if cancelled else value.title,
        zone=value.series.zone,
        url=current.absolute_url(value.path),
        talks=talks,
        **({"join_url": value.join_url} if public else {}),
    )


def events(values: Iterable[Event], following: str | None) -> EventsResponse:
    """Return a page of events, `following` being the cursor of the next one."""
    return EventsResponse(events=[event(each) for each in values], next=following)


def series(
    value: Series,
    organizers: Sequence[str] | None = None,
    stored_events: Iterable[StoredEvent] | None = None,
) -> SeriesResponse:
    """Return the response of a series, with private fields if `organizers` are given."""
    shown: dict[str, object] = {}
    with_link = organizers is not None or value.join_access is JoinAccess.PUBLIC
    if with_link:
        shown["join_url"] = value.join_url
    if organizers is not None:
        shown["organisers"] = organizers
    if stored_events is not None:
        shown["events"] = [
            _series_event(row, with_link=with_link)
            for row in sorted(stored_events, key=attrgetter("key"))
        ]
    return _filled(
        SeriesResponse,
        value,
        sequence=value.revision,
        changed_at=value.revised_at,
        timetable=value.timetable.periods,
        url=current.absolute_url(value.path),
        **shown,
    )


def _series_event(stored: StoredEvent, *, with_link: bool) -> SeriesEventResponse:
    hidden = () if with_link else ("join_url",)
    details = {
        name: getattr(stored.details, name)
        for name in EventDetails.model_fields
        if name not in hidden
    }
    return _filled(
        SeriesEventResponse,
        stored,
        changed_at=stored.revised_at,
        date=stored.written_date,
        starts=stored.written_start,
        **details,
    )


def _filled(model: type[R], value: object, **other: object) -> R:
    """Return a response with `other` fields, and for the required ones the value's attributes."""
    names = (name for name, field in model.model_fields.items() if field.is_required())
    own = {name: getattr(value, name) for name in names if name not in other}
    return model.model_validate({**own, **other}, from_attributes=True)
