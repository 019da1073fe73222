"""Input of series and events: by file, by API and by the organizer's pages."""

import datetime as dt
import re
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from core.fields import (
    Email,
    IsoDate,
    IsoInstant,
    Key,
    LongText,
    Name,
    Schema,
    ShortText,
    Slug,
    Url,
    WallTime,
    ZoneName,
    only_text,
    unique_by,
)
from scheduler.domain.colors import COLORS
from scheduler.domain.event_details import EventDetails, Language
from scheduler.domain.events import EventStatus, Gap, JoinAccess, Kind, SeriesStatus
from scheduler.domain.talks import OptionalLine, Talk, null_for_empty

EVENT_KEY = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:-(?:[2-9]|[1-9]\d))?)?)?", re.ASCII)
KNOWN_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MAX_TALKS = 100
UID = re.compile(r"[\x21-\x7e]{1,200}")

# First words of our own pages: a series of that slug would hide one (`/<slug>/` redirects).
RESERVED_SLUGS = frozenset(
    (
        *("admin", "api", "bookings", "calendar", "events", "feeds", "healthz", "host", "me"),
        *("metrics", "office-hours", "organise", "readyz", "search", "series", "sign-in"),
        *("sign-out", "static", "subscribe", "talks", "topics"),
    )
)


_DAY: TypeAdapter[dt.date] = TypeAdapter(IsoDate)


def _free_slug(slug: str) -> str:
    if slug in RESERVED_SLUGS:
        raise ValueError(f"{slug!r} is the name of a page: choose another slug")
    return slug


def _uid(text: str) -> str:
    if not UID.fullmatch(text):
        raise ValueError("must be printable ASCII without spaces")
    return text


def _known_date(text: object) -> object:
    if not isinstance(text, str) or not KNOWN_DATE.fullmatch(text):
        raise ValueError("must be a date such as 2026-06-17, a month or a year")
    return text


WallStart = Annotated[
    WallTime, PlainSerializer(lambda at: f"{at:%Y-%m-%dT%H:%M}", return_type=str, when_used="json")
]
KnownDate = Annotated[
    str,
    BeforeValidator(_known_date),
    Field(json_schema_extra={"pattern": f"^{KNOWN_DATE.pattern}$"}),
]
Uid = Annotated[str, AfterValidator(_uid)]
LineKey = Annotated[Key, AfterValidator(null_for_empty)]
SeriesSlug = Annotated[Slug, AfterValidator(_free_slug)]
Color = Annotated[int, Field(ge=0, le=len(COLORS) - 1)]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
Sequence = Annotated[int, Field(ge=0, le=1_000_000)]


class PeriodSchema(Schema):
    """One line of a timetable. Without a rule it is a single occurrence.

    Lines merge by `key`, else by `track` and `starts`. Within a track a later line takes over from
    its first date; tracks run side by side.
    """

    key: LineKey | None = None
    track: LineKey | None = None
    starts: WallStart
    minutes: Minutes = 60
    rule: ShortText | None = None
    until: IsoDate | None = None


class EventSchema(EventDetails):
    """An event of a series.

    `date` is the rule's date, or "2021" or "2023-04" where no more is known; without it the event
    is an extra one and `starts` gives its key. `key` is written where a date has a second event.
    `uid` and `sequence` may be sent as they are shown; they cannot be changed.
    """

    not_yet: ClassVar = frozenset(("slots", "capacity"))

    date: KnownDate | None = None
    key: str | None = None
    uid: Uid | None = None
    sequence: Sequence | None = None
    starts: WallTime | IsoDate | None = None
    minutes: Minutes | None = None
    all_day: bool = False
    days: Annotated[int, Field(ge=1, le=366)] = 1
    number: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    status: Literal["scheduled", "tentative", "cancelled"] = EventStatus.SCHEDULED.value
    reason: ShortText | None = None
    talks: Annotated[tuple[Talk, ...], unique_by("key")] = Field(default=(), max_length=MAX_TALKS)

    @field_validator("starts", mode="wrap")
    @classmethod
    def _bare_date_stays_a_date(
        cls, value: object, parse: ValidatorFunctionWrapHandler
    ) -> dt.datetime | dt.date | None:
        if isinstance(value, str) and BARE_DATE.fullmatch(value.strip()):
            return _DAY.validate_python(value.strip())
        parsed: dt.datetime | dt.date | None = parse(value if value is None else only_text(value))
        return parsed

    @field_validator("key")
    @classmethod
    def _known_key(cls, key: str | None) -> str | None:
        if key is not None and not EVENT_KEY.fullmatch(key):
            raise ValueError("must be a date, or a date and -2 for the second event of that day")
        return key


class NextEventSchema(Schema):
    """The event that follows the one with the highest number; `starts` is the whole wall start."""

    date: IsoDate
    starts: WallTime | None = None


class EventFileSchema(EventSchema):
    """An event in a file, which carries its history: a lower `sequence` is raised to the file's."""

    changed_at: IsoInstant | None = None


class SeriesSchema(Schema):
    """A series; the key is `slug`. A new one without a `color` gets the least used one.

    `uid` and `sequence` may be sent as they are shown; they cannot be changed.
    """

    not_yet: ClassVar = frozenset(("discord", "run_sheet", "slots", "nominations"))

    slug: SeriesSlug
    uid: Uid | None = None
    sequence: Sequence | None = None
    name: Name
    short_name: Annotated[Name, Field(max_length=40)] | None = None
    kind: Kind = Kind.TALKS
    zone: ZoneName | None = None
    description: LongText = ""
    organisers: tuple[Email, ...] = Field(default=(), max_length=50)
    join_url: Url | None = None
    join_access: JoinAccess = JoinAccess.PUBLIC
    location: OptionalLine = None
    language: Language | None = None
    registration_url: Url | None = None
    status: SeriesStatus = SeriesStatus.ACTIVE
    color: Color | None = None
    timetable: tuple[PeriodSchema, ...] = Field(default=(), max_length=200)
    gaps: Annotated[tuple[Gap, ...], unique_by("date")] = Field(default=(), max_length=2000)
    events: tuple[EventSchema, ...] = Field(default=(), max_length=20_000)


class SeriesFileSchema(SeriesSchema):
    """A series in a file, which carries its history: a lower `sequence` is raised to the file's."""

    changed_at: IsoInstant | None = None
