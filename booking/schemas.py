"""Hosts, office hours and bookings as a file and the API write them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from booking.domain.timeofday import TimeOfDay
from core.fields import (
    Email,
    IsoDate,
    IsoInstant,
    LongText,
    Name,
    Schema,
    ShortText,
    Slug,
    Url,
    ZoneName,
    unique_by,
)

DAY_MINUTES = 24 * 60


def _time_of_day(text: str) -> str:
    return str(TimeOfDay.parse(text))


ClockText = Annotated[str, AfterValidator(_time_of_day)]
DurationMinutes = Annotated[int, Field(ge=1, le=DAY_MINUTES)]
Buffer = Annotated[int, Field(ge=0, le=DAY_MINUTES)]
LeadMinutes = Annotated[int, Field(ge=0, le=366 * DAY_MINUTES)]
Cap = Annotated[int, Field(ge=1, le=1000)]
Weekday = Annotated[int, Field(ge=1, le=7)]


class WindowSchema(Schema):
    """Open from one time of day to another; a `to` that is not later lies on the next date."""

    from_: ClockText = Field(alias="from")
    to: ClockText


class WeeklySchema(WindowSchema):
    """Open on ISO weekdays, in every week or in every so many counted from that of `since`."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    every: Annotated[int, Field(ge=1, le=52)] = 1
    since: IsoDate | None = None

    @model_validator(mode="after")
    def _counted_from_somewhere(self) -> Self:
        if self.every > 1 and self.since is None:
            raise ValueError("every so many weeks needs `since`, a date in a week that is on")
        return self


class DateHoursSchema(Schema):
    """The windows that replace a date's weekly hours; none closes it. The key is `date`."""

    date: IsoDate
    windows: tuple[WindowSchema, ...] = Field(default=(), max_length=24)


class DateRangeSchema(Schema):
    """Dates, both included."""

    from_: IsoDate = Field(alias="from")

    to: IsoDate | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError("`to` lies before `from`")
        return self


class TravelSchema(DateRangeSchema):
    """Dates on which the host lives in another zone; without `to` it lasts. Key: `from`."""

    zone: ZoneName


class TimeOffSchema(DateRangeSchema):
    """Dates on which the host is away. The key is `from`."""

    to: IsoDate
    reason: ShortText | None = None


class LimitsSchema(Schema):
    """How many bookings a host-local day and week may hold."""

    per_day: Cap | None = None
    per_week: Cap | None = None


class OfficeHoursLimitsSchema(LimitsSchema):
    """The same for one office hour, and how many open bookings one guest may have."""

    per_guest_open: Cap | None = 2


class HorizonSchema(Schema):
    """How far ahead starts are on offer, in host-local dates: exactly one of the four ways."""

    days: Annotated[int, Field(ge=0, le=730)] | None = None
    business_days: Annotated[int, Field(ge=0, le=500)] | None = None
    available_days: Annotated[int, Field(ge=1, le=366)] | None = None
    from_: IsoDate | None = Field(default=None, alias="from")
    to: IsoDate | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.days, self.business_days, self.available_days, self.from_ or self.to)
        if sum(way is not None for way in ways) != 1 or (self.from_ is None) != (self.to is None):
            raise ValueError("must be one of days, business_days, available_days, or from and to")
        if self.from_ and self.to and self.to < self.from_:
            raise ValueError("`to` lies before `from`")
        return self


class QuestionSchema(Schema):
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


Questions = Annotated[tuple[QuestionSchema, ...], unique_by("label")]
TimesOff = Annotated[tuple[TimeOffSchema, ...], unique_by("from_")]


class OfficeHoursSchema(Schema):
    """What can be booked; the key is `slug`. Numbers are minutes."""

    slug: Slug
    title: Name
    description: LongText = ""
    minutes: tuple[DurationMinutes, ...] = Field(default=(30,), min_length=1, max_length=10)
    interval: DurationMinutes | None = None
    buffer_before: Buffer = 0
    buffer_after: Buffer = 0
    notice: LeadMinutes = DAY_MINUTES
    horizon: HorizonSchema = HorizonSchema(days=60)
    limits: OfficeHoursLimitsSchema = OfficeHoursLimitsSchema()
    change_until: LeadMinutes = 720
    approval: bool = False
    verify_guest: bool = False
    pending_blocks: bool = True
    visibility: Literal["public", "unlisted", "members"] = "public"
    questions: Questions = Field(default=(), max_length=20)


class BookingSchema(Schema):
    """A booking as a fact: off the grid is fine, an overlap is refused. The key is `uid`, or
    the office hours, start and guest where the file names none."""

    office_hours: Slug
    starts_at: IsoInstant
    minutes: DurationMinutes
    name: Name
    email: Email
    zone: ZoneName
    status: Literal["held", "pending", "confirmed", "declined", "cancelled", "done", "no_show"] = (
        "confirmed"
    )
    answers: dict[ShortText, LongText] = {}
    reason: ShortText | None = None
    uid: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None
    sequence: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    changed_at: IsoInstant | None = None


class HostSchema(Schema):
    """A host as the API writes it; the key is `slug`."""

    slug: Slug
    email: Email | None = None
    share_email: bool = False
    name: Name
    bio: LongText = ""
    topics: tuple[ShortText, ...] = Field(default=(), max_length=50)
    languages: tuple[ShortText, ...] = Field(default=(), max_length=20)
    zone: ZoneName
    travel: Annotated[tuple[TravelSchema, ...], unique_by("from_")] = Field(
        default=(), max_length=200
    )
    weekly: tuple[WeeklySchema, ...] = Field(default=(), max_length=100)
    dates: Annotated[tuple[DateHoursSchema, ...], unique_by("date")] = Field(
        default=(), max_length=1000
    )
    time_off: TimesOff = Field(default=(), max_length=500)
    paused: bool = False
    limits: LimitsSchema = LimitsSchema()
    calendars: tuple[Url, ...] = Field(default=(), max_length=20)
    meeting_url: Url | None = None
    office_hours: tuple[OfficeHoursSchema, ...] = Field(default=(), max_length=50)


class HostFileSchema(HostSchema):
    """A host as a file writes it: with the keys that only files have."""

    bookings: tuple[BookingSchema, ...] = ()


FILE_ONLY = HostFileSchema.model_fields.keys() - HostSchema.model_fields.keys()
"""The keys of a host that the API refuses."""
