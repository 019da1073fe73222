"""Series and events as values, and the titles of their calendar entries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.fields import IsoDate, Schema
from core.words import shortened
from scheduler.domain import identity, talk_times
from scheduler.domain.event_details import NO_DETAILS, Chair, EventDetails
from scheduler.domain.links import Link
from scheduler.domain.recurrence import Timetable
from scheduler.domain.talks import OptionalLine, Talk

LONGEST_TITLE = 500  # of a calendar entry, in characters


class Kind(StrEnum):
    """The kind of a series; only talks and jams have open slots."""

    TALKS = "talks"
    JAM = "jam"
    GROUP = "group"
    SOCIAL = "social"
    SERVICE = "service"

    @property
    def has_open_slots(self) -> bool:
        """Whether an occurrence without a talk is an open slot."""
        return self in (Kind.TALKS, Kind.JAM)

    @property
    def expects_speakers(self) -> bool:
        """Whether each event needs a title and a speaker, so that a missing one is pointed out."""
        return self is Kind.TALKS


class JoinAccess(StrEnum):
    """Who gets the meeting link."""

    PUBLIC = "public"
    REGISTERED = "registered"
    ON_REQUEST = "on_request"


class SeriesStatus(StrEnum):
    """The status of a series; only an active one has occurrences by its timetable."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class EventStatus(StrEnum):
    """RFC 5545 3.8.1.11, and `open` for a slot that has no talk yet."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Gap(Schema):
    """A date on which the rule gives nothing, and why."""

    date: IsoDate
    reason: OptionalLine = None

    @property
    def key(self) -> str:
        """What an event on that date would have as its key."""
        return self.date.isoformat()


@dataclass(frozen=True, slots=True)
class Series:
    """A series of events. `revision` and `revised_at` are those of its last visible change.

    `color` is a position in `scheduler.domain.colors.COLORS`.
    """

    id: int
    uid: str
    ref: str
    slug: str
    name: str
    short_name: str
    kind: Kind
    timetable: Timetable
    gaps: tuple[Gap, ...]
    description: str
    join_url: str | None
    join_access: JoinAccess
    status: SeriesStatus
    color: int
    revision: int
    revised_at: datetime
    location: str | None = None
    language: str | None = None
    registration_url: str | None = None

    @property
    def zone(self) -> str:
        """The IANA name of the zone whose wall clock the series lives by."""
        return self.timetable.zone

    @property
    def path(self) -> str:
        """Its page."""
        return f"/series/{self.slug}/"

    def path_of(self, key: str) -> str:
        """Return the page of the event or gap of that key; the address never changes."""
        return f"{self.path}{key}/"

    def gap_at(self, key: str) -> Gap | None:
        """Return the gap of that key, which is its date; None if there is none."""
        return next((gap for gap in self.gaps if gap.key == key), None)


@dataclass(frozen=True, slots=True)
class Event:
    """One gathering of a series, with or without a row of its own.

    `date` is the rule's date (None for an extra event); `starts` is wall time in the series' zone;
    `starts_at` and `ends_at` are instants, half-open, None when the date is not known better than
    `key` says ("2021", "2023-04"). `moved_from` is the instant that the rule had given.
    """

    series: Series
    key: str
    uid: str
    date: date | None
    starts: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    minutes: int
    all_day: bool
    days: int
    number: int | None
    status: EventStatus
    reason: str | None
    moved_from: datetime | None
    talks: tuple[Talk, ...]
    sequence: int
    changed_at: datetime
    row_id: int | None
    details: EventDetails = NO_DETAILS

    @property
    def location(self) -> str | None:
        """The room, None if there is none."""
        return self.details.location or self.series.location

    @property
    def join_url(self) -> str | None:
        """The meeting link, which is not for everybody."""
        return self.details.join_url or self.series.join_url

    @property
    def registration_url(self) -> str | None:
        """Where one signs up elsewhere."""
        return self.details.registration_url or self.series.registration_url

    @property
    def language(self) -> str | None:
        """The code of its language."""
        return self.details.language or self.series.language

    @property
    def chair(self) -> Chair | None:
        """Who chairs it."""
        return self.details.chair

    @property
    def links(self) -> tuple[Link, ...]:
        """The links beside those of its talks."""
        return self.details.links

    @property
    def talk_starts(self) -> list[datetime | None]:
        """The start of each talk, None where it is not known."""
        offsets = talk_times.offsets(self.talks, None if self.all_day else 0)
        begins = self.starts_at
        return [
            None if begins is None or offset is None else begins + timedelta(minutes=offset)
            for offset in offsets
        ]

    @property
    def running_order(self) -> list[tuple[Talk, datetime | None]]:
        """The talks, each with its start where that says more than the start of the event."""
        starts = self.talk_starts if talk_times.are_known(self.talks) else [None] * len(self.talks)
        return list(zip(self.talks, starts, strict=True))

    @property
    def id(self) -> str:
        """The public identifier, the same before and after the occurrence gets a row."""
        return identity.event_id(self.series.ref, self.key)

    @property
    def path(self) -> str:
        """Its page; the address never changes."""
        return self.series.path_of(self.key)

    @property
    def is_on_another_day(self) -> bool:
        """Whether it is not on the date that the rule gave."""
        return self.starts is not None and self.starts.date() != self.date

    @property
    def move_reason(self) -> str | None:
        """Why it was moved or is tentative; a cancelled event gives the reason of that alone."""
        return None if self.status is EventStatus.CANCELLED else self.reason

    @property
    def title(self) -> str:
        """The title of a calendar entry, without the mark of a cancellation.

        Such as "DLCT: Title (Ada)", "DLCT: open slot", "Jam #34: Title (Ada)", "Research Jam #34".
        """
        if not self.headline:
            return self.series_headline
        return shortened(
            f"{self._numbered(self.series.short_name)}: {self.headline}", LONGEST_TITLE
        )

    @property
    def is_named_by_series(self) -> bool:
        """Whether its page and its line are headed by the series' name."""
        return self.number is not None or not self.headline

    @property
    def series_headline(self) -> str:
        """The series' name, with the event's number if it has one."""
        return self._numbered(self.series.name)

    @property
    def headline(self) -> str:
        """The talks or an open slot; empty where the series' name says all."""
        if self.status is EventStatus.OPEN:
            return "open slot"
        missing = "title to be announced" if self.series.kind.expects_speakers else ""
        talks = self.talks or (Talk(),)
        return "; ".join(filter(None, (_talk_headline(talk) or missing for talk in talks)))

    def _numbered(self, name: str) -> str:
        return name if self.number is None else f"{name} #{self.number}"


def _talk_headline(talk: Talk) -> str:
    if talk.title and talk.speakers:
        return f"{talk.title} ({talk.speaker_names})"
    return talk.title or talk.speaker_names
