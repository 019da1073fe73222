"""Hosts, office hours and bookings as a file and the API write them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from booking.domain.timeofday import TimeOfDay
from core.documents import At, Day, Document, Email, Line, Name, Prose, Slug, Url, ZoneName, once

DAY_MINUTES = 24 * 60


def _time_of_day(text: str) -> str:
    return str(TimeOfDay.parse(text))


Clock = Annotated[str, AfterValidator(_time_of_day)]
Lasts = Annotated[int, Field(ge=1, le=DAY_MINUTES)]
Buffer = Annotated[int, Field(ge=0, le=DAY_MINUTES)]
Ahead = Annotated[int, Field(ge=0, le=366 * DAY_MINUTES)]
Cap = Annotated[int, Field(ge=1, le=1000)]
Weekday = Annotated[int, Field(ge=1, le=7)]


class WindowDocument(Document):
    """Open from one time of day to another; a `to` that is not later lies on the next date."""

    from_: Clock = Field(alias="from")
    to: Clock


class WeeklyDocument(WindowDocument):
    """Open on ISO weekdays, in every week or in every so many counted from that of `since`."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    every: Annotated[int, Field(ge=1, le=52)] = 1
    since: Day | None = None

    @model_validator(mode="after")
    def _counted_from_somewhere(self) -> Self:
        if self.every > 1 and self.since is None:
            raise ValueError("every so many weeks needs `since`, a date in a week that is on")
        return self


class DateDocument(Document):
    """The windows that replace a date's weekly hours; none closes it. The key is `date`."""

    date: Day
    windows: tuple[WindowDocument, ...] = Field(default=(), max_length=24)


class SpanDocument(Document):
    """Dates, both included."""

    from_: Day = Field(alias="from")

    to: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError("`to` lies before `from`")
        return self


class TravelDocument(SpanDocument):
    """Dates on which the host lives in another zone; without `to` it lasts. Key: `from`."""

    zone: ZoneName


class TimeOffDocument(SpanDocument):
    """Dates on which the host is away. The key is `from`."""

    to: Day
    reason: Line | None = None


class LimitsDocument(Document):
    """How many bookings a host-local day and week may hold."""

    per_day: Cap | None = None
    per_week: Cap | None = None


class OfferLimitsDocument(LimitsDocument):
    """The same for one office hour, and how many open bookings one guest may have."""

    per_guest_open: Cap | None = 2


class HorizonDocument(Document):
    """How far ahead starts are on offer, in host-local dates: exactly one of the four ways."""

    days: Annotated[int, Field(ge=0, le=730)] | None = None
    business_days: Annotated[int, Field(ge=0, le=500)] | None = None
    available_days: Annotated[int, Field(ge=1, le=366)] | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.days, self.business_days, self.available_days, self.from_ or self.to)
        if sum(way is not None for way in ways) != 1 or (self.from_ is None) != (self.to is None):
            raise ValueError("must be one of days, business_days, available_days, or from and to")
        if self.from_ and self.to and self.to < self.from_:
            raise ValueError("`to` lies before `from`")
        return self


class QuestionDocument(Document):
    """What a guest is asked; the key is `label`."""

    label: Name
    kind: Literal["text", "long", "choice", "url"] = "text"
    choices: tuple[Name, ...] = Field(default=(), max_length=50)
    required: bool = False

    @model_validator(mode="after")
    def _choices_to_choose_from(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a question of kind choice, and no other, has choices")
        return self


Questions = Annotated[tuple[QuestionDocument, ...], once("label")]
TimesOff = Annotated[tuple[TimeOffDocument, ...], once("from_")]


class OfficeHoursDocument(Document):
    """What can be booked; the key is `slug`. Numbers are minutes."""

    slug: Slug
    title: Name
    description: Prose = ""
    minutes: tuple[Lasts, ...] = Field(default=(30,), min_length=1, max_length=10)
    interval: Lasts | None = None
    buffer_before: Buffer = 0
    buffer_after: Buffer = 0
    notice: Ahead = DAY_MINUTES
    horizon: HorizonDocument = HorizonDocument(days=60)
    limits: OfferLimitsDocument = OfferLimitsDocument()
    change_until: Ahead = 720
    approval: bool = False
    verify_guest: bool = False
    pending_blocks: bool = True
    visibility: Literal["public", "unlisted", "members"] = "public"
    questions: Questions = Field(default=(), max_length=20)


class BookingDocument(Document):
    """A booking as a fact: off the grid is fine, an overlap is refused. The key is `uid`, or
    the office hours, start and guest where the file names none."""

    office_hours: Slug
    starts_at: At
    minutes: Lasts
    name: Name
    email: Email
    zone: ZoneName
    status: Literal["held", "pending", "confirmed", "declined", "cancelled", "done", "no_show"] = (
        "confirmed"
    )
    answers: dict[Line, Prose] = {}
    reason: Line | None = None
    uid: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None
    sequence: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    changed_at: At | None = None


class HostDocument(Document):
    """A host as the API writes it; the key is `slug`."""

    slug: Slug
    email: Email | None = None
    share_email: bool = False
    name: Name
    bio: Prose = ""
    topics: tuple[Line, ...] = Field(default=(), max_length=50)
    languages: tuple[Line, ...] = Field(default=(), max_length=20)
    zone: ZoneName
    travel: Annotated[tuple[TravelDocument, ...], once("from_")] = Field(default=(), max_length=200)
    weekly: tuple[WeeklyDocument, ...] = Field(default=(), max_length=100)
    dates: Annotated[tuple[DateDocument, ...], once("date")] = Field(default=(), max_length=1000)
    time_off: TimesOff = Field(default=(), max_length=500)
    paused: bool = False
    limits: LimitsDocument = LimitsDocument()
    calendars: tuple[Url, ...] = Field(default=(), max_length=20)
    meeting_url: Url | None = None
    office_hours: tuple[OfficeHoursDocument, ...] = Field(default=(), max_length=50)


class HostFileDocument(HostDocument):
    """A host as a file writes it: with the keys that only files have."""

    bookings: tuple[BookingDocument, ...] = ()


FILE_ONLY = HostFileDocument.model_fields.keys() - HostDocument.model_fields.keys()
"""The keys of a host that the API refuses."""
