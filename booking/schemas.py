"""What only files and the API know of hosts and bookings: a host with its parts."""

from typing import Annotated, ClassVar

from pydantic import Field

from booking.domain.bookings import BookingStatus
from booking.domain.hosts import HostSchema
from booking.domain.minutes import Duration
from booking.domain.office_hours import OfficeHoursSchema
from core.fields import Email, IsoInstant, LongText, Name, Schema, ShortText, Slug, ZoneName
from scheduler.schemas import Uid


class BookingSchema(Schema):
    """A booking as a fact: off the grid is fine, an overlap is refused. The key is `uid`, or
    the office hours, start and guest where the file has no `uid`."""

    not_yet: ClassVar = frozenset(("notes",))

    office_hours: Slug
    starts_at: IsoInstant
    minutes: Duration
    name: Name
    email: Email
    zone: ZoneName
    status: BookingStatus = BookingStatus.CONFIRMED
    answers: dict[ShortText, LongText] = {}
    reason: ShortText | None = None
    absent_at: IsoInstant | None = None
    uid: Uid | None = None
    sequence: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    changed_at: IsoInstant | None = None


class HostBodySchema(HostSchema):
    """A host as the API writes it; the key is `slug`."""

    office_hours: tuple[OfficeHoursSchema, ...] = Field(default=(), max_length=50)


class HostFileSchema(HostBodySchema):
    """A host as a file writes it: with the keys that only files have."""

    bookings: tuple[BookingSchema, ...] = ()
