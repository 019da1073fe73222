"""Office hours: what can be booked with a host, and by which rules."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from booking.domain.bookings import BookingStatus
from booking.domain.horizon import Days, Horizon
from booking.domain.minutes import Buffer, Duration, Lead, defaults_as_written
from booking.domain.questions import MOST_QUESTIONS, Question
from core.fields import LongText, Name, Schema, Slug, unique_by

Count = Annotated[int, Field(ge=1, le=1000)]


class Visibility(StrEnum):
    """Who may see and book office hours: all, those with the address, those signed in."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    MEMBERS = "members"


class ShareLink(StrEnum):
    """Whose page of a booking shows the meeting link: guests with a confirmed mailbox, or all."""

    CONFIRMED = "confirmed"
    ALWAYS = "always"


class Limits(Schema):
    """The most bookings on one host-local date and in one week from Monday; None is no limit."""

    per_day: Count | None = None
    per_week: Count | None = None

    @property
    def is_set(self) -> bool:
        """Whether a date or a week can be full."""
        return self.per_day is not None or self.per_week is not None


class OfficeHoursLimits(Limits):
    """The same for one kind of office hours, and how many open bookings one guest may have."""

    per_guest_open: Count | None = 2


class OfficeHoursSchema(Schema):
    """Office hours as files and the API write them; the key is `slug`. Lengths are in minutes.

    `minutes` are the lengths to choose from, the first is the default. `interval` is the distance
    of starts, None for the chosen length. A request that nobody answers lapses `pending_minutes`
    before its start. With `approval` a guest who moves a booking asks for it again, unless
    `approval_on_move` is false. While they are `closed` nobody can book them, whatever the
    visibility; existing bookings stay.
    """

    model_config = ConfigDict(json_schema_extra=defaults_as_written)

    not_yet: ClassVar = frozenset(("places", "waiting_list", "offer_minutes"))

    slug: Slug
    title: Name
    description: LongText = ""
    minutes: tuple[Duration, ...] = Field(
        default=(timedelta(minutes=30),), min_length=1, max_length=10
    )
    interval: Duration | None = None
    buffer_before: Buffer = timedelta()
    buffer_after: Buffer = timedelta()
    notice: Lead = timedelta(days=1)
    horizon: Horizon = Days(days=60)
    limits: OfficeHoursLimits = OfficeHoursLimits()
    change_until: Lead = timedelta(hours=12)
    approval: bool = False
    verify_guest: bool = False
    pending_blocks: bool = True
    share_link: ShareLink = ShareLink.CONFIRMED
    pending_minutes: Lead = timedelta(hours=1)
    approval_on_move: bool = True
    visibility: Visibility = Visibility.PUBLIC
    closed: bool = False
    questions: Annotated[tuple[Question, ...], unique_by("label")] = Field(
        default=(), max_length=MOST_QUESTIONS
    )


class OfficeHours(OfficeHoursSchema):
    """Stored office hours of a host."""

    id: int = Field(exclude=True)
    host_id: int = Field(exclude=True)

    @property
    def asks_after_move(self) -> bool:
        """Whether a booking that was approved needs approval again after a move."""
        return self.approval and self.approval_on_move

    def status_after_move(self, status: BookingStatus) -> BookingStatus:
        """Return the state in which a guest's move leaves a booking."""
        if status is BookingStatus.CONFIRMED and self.asks_after_move:
            return BookingStatus.PENDING
        return status


@dataclass(frozen=True, slots=True)
class OfficeHoursPath:
    """Where office hours are booked: the slugs of the host and of the office hours."""

    host: str
    office_hours: str
