"""Hosts: who they are, when they are open, and how much they take on."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from booking.domain.entries import EntryDetails
from booking.domain.hours import Hours
from booking.domain.office_hours import Limits, OfficeHours
from core.fields import Email, LongText, Name, Schema, ShortText, Slug, Url


def host_path(slug: str) -> str:
    """Return the public page of the host of this slug."""
    return f"/office-hours/{slug}/"


class HostProfile(Schema):
    """Who a host is. `email` is private, unless `share_email` gives it to guests."""

    slug: Slug
    email: Email | None = None
    share_email: bool = False
    name: Name
    bio: LongText = ""
    topics: tuple[ShortText, ...] = Field(default=(), max_length=50)
    languages: tuple[ShortText, ...] = Field(default=(), max_length=20)


class HostSchema(Hours, HostProfile):
    """A host as files and the API write it, without office hours; the key is `slug`.

    `calendars` are the private addresses of calendars whose times are busy, `meeting_url` is
    shown to guests with a confirmed booking.
    """

    not_yet: ClassVar = frozenset(("holidays", "ask_every"))

    paused: bool = False
    limits: Limits = Limits()
    calendars: tuple[Url, ...] = Field(default=(), max_length=20)
    meeting_url: Url | None = None


class Host(HostSchema):
    """A stored host.

    `has_own_events` says that there may be events of their own: they organize a series or speak
    at an event. No buffer of their office hours is longer than `longest_buffer`.
    """

    email: Email
    id: int = Field(exclude=True)
    person_id: int = Field(exclude=True)
    has_own_events: bool = Field(exclude=True)
    longest_buffer: timedelta = Field(exclude=True)

    @property
    def path(self) -> str:
        """The host's page."""
        return host_path(self.slug)

    def entry_of(self, title: str) -> EntryDetails:
        """Return what calendars say now of a booking of office hours of this title."""
        return EntryDetails(title, self.name, self.meeting_url)

    def path_of(self, office_hours: OfficeHours) -> str:
        """Return the page on which office hours of this host are booked."""
        return f"{self.path}{office_hours.slug}/"
