"""What the API shows of hosts, starts and bookings; private fields are left out, not emptied."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import ConfigDict, Field

from booking.domain.bookings import Booking, BookingStatus
from booking.domain.hosts import Host, HostSchema
from booking.domain.minutes import defaults_as_written
from booking.domain.no_starts import NoStarts
from booking.domain.office_hours import OfficeHours, OfficeHoursSchema
from booking.domain.proposals import Proposal
from booking.queries import bookings
from booking.services.bookings import BookingResult
from core.http import current
from core.http.api import ApiModel

PUBLIC = ("slug", "name", "bio", "topics", "languages", "zone", "paused")
"""The fields of a host that everybody sees; the others are for the host and admins."""


class OfficeHoursResponse(OfficeHoursSchema, ApiModel):
    """What can be booked; numbers are minutes."""

    model_config = ConfigDict(
        json_schema_extra=defaults_as_written, json_schema_serialization_defaults_required=True
    )

    url: str


class HostResponse(HostSchema, ApiModel):
    """A host; `email`, hours and other private fields are for the host and admins."""

    office_hours: tuple[OfficeHoursResponse, ...]
    url: str


class HostsResponse(ApiModel):
    """Every host."""

    hosts: list[HostResponse]


class SlotResponse(ApiModel):
    """An open start, and when a booking of the requested length would end."""

    starts_at: datetime
    ends_at: datetime


class SlotsResponse(ApiModel):
    """The open starts of some dates in `zone`; without any, `reason` says why."""

    zone: str
    slots: list[SlotResponse]
    reason: NoStarts | None = None


class BookingResultResponse(ApiModel):
    """The booking that a request made. `manage_url` is the guest's private page of it."""

    id: str
    status: BookingStatus
    starts_at: datetime
    ends_at: datetime
    manage_url: str


class HostBookingResponse(ApiModel):
    """A booking as its host sees it; `absent_at` is when the guest said that they cannot come."""

    id: str
    office_hours: str
    starts_at: datetime
    ends_at: datetime
    status: BookingStatus
    name: str = Field(validation_alias="guest_name")
    email: str = Field(validation_alias="guest_email")
    zone: str = Field(validation_alias="guest_zone")
    answers: dict[str, str]
    absent_at: datetime | None


class BookingResponse(HostBookingResponse):
    """A booking as its guest sees it; until `change_until` it can be moved and cancelled.

    `proposed` are the starts that the host lets the guest choose from, if there are any.
    """

    host: str
    title: str
    change_until: datetime
    proposed: list[datetime] = []


class ResendResponse(ApiModel):
    """The same for every address."""

    message: str


class HostBookingsResponse(ApiModel):
    """A page of a host's bookings, by start."""

    bookings: list[HostBookingResponse]
    next: str | None


def host(value: Host, offered: Iterable[OfficeHours], *, private: bool) -> HostResponse:
    """Return what the API shows of a host; `private` fields for the host and admins alone."""
    shown = HostSchema.model_fields if private else PUBLIC
    return HostResponse.model_construct(
        **{name: getattr(value, name) for name in shown},
        office_hours=tuple(_office_hours(value, each) for each in offered),
        url=current.absolute_url(value.path),
    )


def slots(zone: str, starts: Iterable[datetime], duration: timedelta) -> SlotsResponse:
    """Return what the API shows of open starts."""
    shown = [SlotResponse(starts_at=at, ends_at=at + duration) for at in starts]
    return SlotsResponse(zone=zone, slots=shown)


def no_slots(zone: str, reason: NoStarts) -> SlotsResponse:
    """Return what the API shows where no start is open."""
    return SlotsResponse(zone=zone, slots=[], reason=reason)


def booking_result(value: BookingResult, secret_key: str) -> BookingResultResponse:
    """Return the response to a request that made a booking."""
    return BookingResultResponse(
        id=value.booking.id,
        status=value.status,
        starts_at=value.starts_at,
        ends_at=value.ends_at,
        manage_url=current.absolute_url(bookings.manage_path(value.booking, secret_key)),
    )


def booking(value: Booking, host: Host, proposal: Proposal | None = None) -> BookingResponse:
    """Return what the API shows a guest of a booking."""
    shown: dict[str, Any] = {
        **dict(host_booking(value)),
        "host": host.slug,
        "title": value.title,
        "change_until": value.change_until,
    }
    if proposal is not None:
        shown["proposed"] = list(proposal.starts)
    return BookingResponse.model_construct(**shown)


def host_booking(value: Booking) -> HostBookingResponse:
    """Return what the API shows a host of a booking."""
    return HostBookingResponse.model_validate(value, from_attributes=True)


def _office_hours(host: Host, value: OfficeHours) -> OfficeHoursResponse:
    return OfficeHoursResponse.model_construct(
        **{name: getattr(value, name) for name in OfficeHoursSchema.model_fields},
        url=current.absolute_url(host.path_of(value)),
    )
