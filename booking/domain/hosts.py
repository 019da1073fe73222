"""Hosts, what they offer, and what was booked with them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.bookings import Status
from booking.domain.hours import Hours
from booking.domain.slots import Limits, StartRules

OPEN = (Status.HELD, Status.PENDING, Status.CONFIRMED)
"""The states of a booking that is still to take place."""


class Visibility(StrEnum):
    """Who may see and book an office hour: all, those with the address, those signed in."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    MEMBERS = "members"


class QuestionKind(StrEnum):
    """How a question is answered: a line, a text, one of its choices, a web address."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Question:
    """What a guest is asked when booking."""

    label: str
    kind: QuestionKind = QuestionKind.TEXT
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Host:
    """Somebody who gives office hours. `email` and `meeting_url` are private.

    `teaches` says that there may be events of their own: they organise a series or speak somewhere.
    No buffer of their office hours is longer than `longest_buffer`.
    """

    id: int
    slug: str
    person_id: int
    email: str
    share_email: bool
    name: str
    bio: str
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    hours: Hours
    paused: bool
    limits: Limits
    meeting_url: str | None
    has_own_events: bool
    longest_buffer: timedelta

    @property
    def zone(self) -> str:
        """The IANA name of the zone the host lives by when not on a journey."""
        return self.hours.zone.key

    @property
    def path(self) -> str:
        """The host's page."""
        return f"/office-hours/{self.slug}/"

    def zone_at(self, at: datetime) -> str:
        """Return the IANA name of the zone the host lives by at an instant."""
        return self.hours.zone_at(at).key


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """What can be booked with a host; `offer` is what decides on its starts."""

    id: int
    host_id: int
    slug: str
    title: str
    description: str
    rules: StartRules
    per_guest_open: int | None
    change_until: timedelta
    approval: bool
    verify_guest: bool
    pending_blocks: bool
    visibility: Visibility
    questions: tuple[Question, ...]

    def path(self, host: Host) -> str:
        """Return the page on which it is booked."""
        return f"{host.path}{self.slug}/"


@dataclass(frozen=True, slots=True)
class OfficeHoursPath:
    """Where an office hour is booked: its host's slug, and its own."""

    host: str
    office_hours: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One guest's start. `id` is public, `row_id` is not; `change_until` is the guest's deadline.

    `sequence` and `revised_at` speak of the last change that calendars show. `host_zone` is the
    zone in which the host chose the wall time. `displaced_to` is where new zone data would put the
    start, if another booking is there.
    """

    row_id: int
    id: str
    uid: str
    host_id: int
    office_hours_id: int
    office_hours: str
    title: str
    starts_at: datetime
    ends_at: datetime
    host_zone: str
    status: Status
    guest_name: str
    guest_email: str
    guest_zone: str
    answers: Mapping[str, str] = field(hash=False)
    reason: str | None
    change_until: datetime
    sequence: int
    generation: int
    placed_at: datetime
    revised_at: datetime
    displaced_to: datetime | None

    @property
    def duration(self) -> timedelta:
        """How long it lasts, in real elapsed time."""
        return self.ends_at - self.starts_at

    def is_open(self, now: datetime) -> bool:
        """Whether it is still to take place, or taking place."""
        return self.status in OPEN and now < self.ends_at

    def may_change(self, now: datetime) -> bool:
        """Whether the guest may still move or cancel it."""
        return self.status in OPEN and now <= self.change_until and now < self.starts_at
