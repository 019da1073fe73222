"""What the API says of hosts, starts and bookings; private fields are left out, not emptied."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from booking import queries
from booking.domain.bookings import Status
from booking.domain.horizon import AvailableDays, BusinessDays, DateRange, Days, Horizon
from booking.domain.hosts import Booking, Host, OfficeHours, QuestionKind, Visibility
from booking.schemas import (
    DateHoursSchema,
    HostSchema,
    LimitsSchema,
    TimeOffSchema,
    TravelSchema,
    WeeklySchema,
)
from booking.services.bookings import BookingResult
from core.http import current
from core.http.api import ApiModel

MINUTE = timedelta(minutes=1)
PRIVATE = (
    *("email", "share_email", "travel", "weekly", "dates", "time_off", "limits", "calendars"),
    "meeting_url",
)


class QuestionResponse(ApiModel):
    """What a guest is asked."""

    label: str
    kind: QuestionKind
    choices: list[str]
    required: bool


class OfficeHoursLimitsResponse(ApiModel):
    """How many bookings a date and a week may hold, and how many one guest may have open."""

    per_day: int | None
    per_week: int | None
    per_guest_open: int | None


class OfficeHoursResponse(ApiModel):
    """What can be booked; numbers are minutes."""

    slug: str
    title: str
    description: str
    minutes: list[int]
    interval: int | None
    buffer_before: int
    buffer_after: int
    notice: int
    horizon: dict[str, int | date]
    limits: OfficeHoursLimitsResponse
    change_until: int
    approval: bool
    verify_guest: bool
    pending_blocks: bool
    visibility: Visibility
    questions: list[QuestionResponse]
    url: str


class HostResponse(ApiModel):
    """A host; from `email` on, only the host and admins see it."""

    slug: str
    name: str
    bio: str
    topics: list[str]
    languages: list[str]
    zone: str
    paused: bool
    office_hours: list[OfficeHoursResponse]
    url: str
    email: str | None = None
    share_email: bool = False
    travel: tuple[TravelSchema, ...] = ()
    weekly: tuple[WeeklySchema, ...] = ()
    dates: tuple[DateHoursSchema, ...] = ()
    time_off: tuple[TimeOffSchema, ...] = ()
    limits: LimitsSchema = LimitsSchema()
    calendars: tuple[str, ...] = ()
    meeting_url: str | None = None


class HostsResponse(ApiModel):
    """Every host."""

    hosts: list[HostResponse]


class SlotResponse(ApiModel):
    """A start that is on offer, and when a booking of the length asked for would end."""

    starts_at: datetime
    ends_at: datetime


class SlotsResponse(ApiModel):
    """The starts of some dates of `zone`."""

    zone: str
    slots: list[SlotResponse]


class BookingResultResponse(ApiModel):
    """What a request made. `manage_url` is the guest's private page of it."""

    id: str
    status: Status
    starts_at: datetime
    ends_at: datetime
    manage_url: str


class BookingResponse(ApiModel):
    """A booking as its guest sees it; until `change_until` it can be moved and cancelled."""

    id: str
    host: str
    office_hours: str
    title: str
    starts_at: datetime
    ends_at: datetime
    status: Status
    name: str
    email: str
    zone: str
    answers: dict[str, str]
    change_until: datetime


class HostBookingResponse(ApiModel):
    """A booking as its host sees it."""

    id: str
    office_hours: str
    starts_at: datetime
    ends_at: datetime
    status: Status
    name: str
    email: str
    zone: str
    answers: dict[str, str]


class HostBookingsResponse(ApiModel):
    """A page of a host's bookings, by start."""

    bookings: list[HostBookingResponse]
    next: str | None


def host(
    value: Host, offers: Iterable[OfficeHours], private: HostSchema | None = None
) -> HostResponse:
    """Return what the API says of a host; to the host and admins, if `private` is given."""
    shown = HostResponse(
        slug=value.slug,
        name=value.name,
        bio=value.bio,
        topics=list(value.topics),
        languages=list(value.languages),
        zone=value.zone,
        paused=value.paused,
        office_hours=[_office_hours(value, each) for each in offers],
        url=current.absolute_url(value.path),
    )
    if private is None:
        return shown
    return shown.model_copy(update={name: getattr(private, name) for name in PRIVATE})


def slots(zone: str, starts: Iterable[datetime], lasts: timedelta) -> SlotsResponse:
    """Return what the API says of open starts."""
    return SlotsResponse(
        zone=zone, slots=[SlotResponse(starts_at=at, ends_at=at + lasts) for at in starts]
    )


def placed(value: BookingResult, secret_key: str) -> BookingResultResponse:
    """Return the answer to a request that made a booking."""
    return BookingResultResponse(
        id=value.booking.id,
        status=value.status,
        starts_at=value.starts_at,
        ends_at=value.ends_at,
        manage_url=current.absolute_url(queries.manage_path(value.booking, secret_key)),
    )


def booking(value: Booking, host: Host) -> BookingResponse:
    """Return what the API tells a guest of a booking."""
    return BookingResponse(
        id=value.id,
        host=host.slug,
        office_hours=value.office_hours,
        title=value.title,
        starts_at=value.starts_at,
        ends_at=value.ends_at,
        status=value.status,
        name=value.guest_name,
        email=value.guest_email,
        zone=value.guest_zone,
        answers=dict(value.answers),
        change_until=value.change_until,
    )


def host_booking(value: Booking) -> HostBookingResponse:
    """Return what the API tells a host of a booking."""
    return HostBookingResponse(
        id=value.id,
        office_hours=value.office_hours,
        starts_at=value.starts_at,
        ends_at=value.ends_at,
        status=value.status,
        name=value.guest_name,
        email=value.guest_email,
        zone=value.guest_zone,
        answers=dict(value.answers),
    )


def _office_hours(host: Host, value: OfficeHours) -> OfficeHoursResponse:
    offer = value.rules
    return OfficeHoursResponse(
        slug=value.slug,
        title=value.title,
        description=value.description,
        minutes=[length // MINUTE for length in offer.lengths],
        interval=None if offer.interval is None else offer.interval // MINUTE,
        buffer_before=offer.buffer_before // MINUTE,
        buffer_after=offer.buffer_after // MINUTE,
        notice=offer.notice // MINUTE,
        horizon=_horizon(offer.horizon),
        limits=OfficeHoursLimitsResponse(
            per_day=offer.limits.per_day,
            per_week=offer.limits.per_week,
            per_guest_open=value.per_guest_open,
        ),
        change_until=value.change_until // MINUTE,
        approval=value.approval,
        verify_guest=value.verify_guest,
        pending_blocks=value.pending_blocks,
        visibility=value.visibility,
        questions=[
            QuestionResponse(
                label=each.label,
                kind=each.kind,
                choices=list(each.choices),
                required=each.required,
            )
            for each in value.questions
        ],
        url=current.absolute_url(value.path(host)),
    )


def _horizon(value: Horizon) -> dict[str, int | date]:
    match value:
        case Days(count):
            return {"days": count}
        case BusinessDays(count):
            return {"business_days": count}
        case AvailableDays(count):
            return {"available_days": count}
        case DateRange(first, last):
            return {"from": first, "to": last}
