"""Values -> iCalendar bytes (RFC 5545, 7986, 5546): the only writer, and the only escaper."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

from icalendar import (
    Alarm,
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneStandard,
    vCalAddress,
    vText,
)

PRODID = "-//Convenor//Convenor 1//EN"
REFRESH_HOURS = 4

_END_EVENT = b"END:VEVENT\r\n"
_END_CALENDAR = b"END:VCALENDAR\r\n"
# C0 but tab and newline, DEL, C1 with NEL, the line and paragraph separators, lone surrogates.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+")


class Status(StrEnum):
    """STATUS of a VEVENT."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class Method(StrEnum):
    """METHOD of an invitation (RFC 5546); the mail's Content-Type must say the same."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """The content of an entry in a feed: equal values give equal bytes.

    `starts_at` and `ends_at` are aware UTC instants, or dates for an all-day event, the end then
    being the day after. `conference` is the address to join at, shown as the location where there
    is no room.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: date
    ends_at: date
    summary: str
    description: str = ""
    url: str = ""
    location: str = ""
    conference: str = ""
    status: Status = Status.CONFIRMED
    transparent: bool = False
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarUser:
    """A person by name and mail address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class CalendarInvite:
    """A booking as REQUEST or CANCEL for a mail (RFC 6047), or without a method as a download."""

    method: Method | None
    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    organizer: CalendarUser
    attendees: tuple[CalendarUser, ...]
    description: str = ""
    url: str = ""
    location: str = ""
    status: Status = Status.CONFIRMED


class _Text(vText):
    r"""TEXT escaped by RFC 5545 3.3.11; icalendar's own would turn `\N` into a line break."""

    __slots__ = ()

    def to_ical(self) -> bytes:
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


def clean(text: str) -> str:
    r"""Return `text` without control characters; every line break but `\n` becomes `\n`."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str) -> str:
    """Return `text` clean and on one line."""
    return clean(text).replace("\n", " ").strip()


def feed(
    name: str,
    description: str,
    source_url: str,
    events: Iterable[CalendarEvent],
    alarm: timedelta | None = None,
) -> bytes:
    """Return a calendar to subscribe to: one VEVENT an event, in the order given.

    Without events it has the time zone UTC: a calendar needs one component (RFC 5545 3.6).

    `alarm` is the time before the start at which the subscriber wants to be reminded of events
    that are not cancelled.
    """
    bodies = (
        (vevent(event) for event in events)
        if alarm is None
        else (_with_alarm(event, alarm) for event in events)
    )
    components = tuple(bodies) or (_UTC,)
    return b"".join((_feed_head(name, description, source_url), *components, _END_CALENDAR))


@lru_cache(maxsize=4096)
def vevent(event: CalendarEvent) -> bytes:
    """Return the VEVENT of `event`; it depends on that value alone and is kept by it.

    Raises ValueError for an event that does not end after it starts, or without a zone.
    """
    entry = Event()
    _identify(entry, event.uid, event.sequence, event.changed_at)
    _lasts(entry, event.starts_at, event.ends_at)
    _describe(entry, event, event.conference)
    entry.add("status", _Text(event.status))
    entry.add("transp", _Text("TRANSPARENT" if event.transparent else "OPAQUE"))
    entry.add("class", _Text("PUBLIC"))
    categories = [line(category) for category in event.categories]
    if any(categories):
        entry.add("categories", [_Text(category) for category in categories if category])
    return _written(entry)


def single(event: CalendarEvent) -> bytes:
    """Return a calendar of one event to download.

    It has no name of its own, or Outlook would make a new calendar for it.
    """
    head = _written(_calendar()).removesuffix(_END_CALENDAR)
    return head + vevent(event) + _END_CALENDAR


def calendar_invite(value: CalendarInvite) -> bytes:
    """Return the calendar of one booking; a CANCEL is always CANCELLED.

    Without a method it names no organizer and no attendees, so that no client answers to it.
    Raises ValueError for times as `vevent` does, for what is not a mail address, and for a
    cancelled REQUEST.
    """
    if value.method is Method.REQUEST and value.status is Status.CANCELLED:
        raise ValueError("what is cancelled needs a CANCEL: after a REQUEST it stays in calendars")
    entry = Event()
    _identify(entry, value.uid, value.sequence, value.changed_at)
    _lasts(entry, value.starts_at, value.ends_at)
    _describe(entry, value, value.location)
    if value.method is not None:
        entry.add("organizer", _mailbox(value.organizer))
        for attendee in value.attendees:
            entry.add("attendee", _mailbox(attendee, **_ATTENDS))
    cancelled = value.method is Method.CANCEL
    entry.add("status", _Text(Status.CANCELLED if cancelled else value.status))
    entry.add("transp", _Text("OPAQUE"))
    calendar = _calendar()
    if value.method is not None:
        calendar.add("method", _Text(value.method))
    calendar.add_component(entry)
    return _written(calendar)


_ATTENDS = {
    "CUTYPE": "INDIVIDUAL",
    "ROLE": "REQ-PARTICIPANT",
    "PARTSTAT": "ACCEPTED",
    "RSVP": "FALSE",
}


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _Text(PRODID))
    calendar.add("version", _Text("2.0"))
    return calendar


@lru_cache(maxsize=256)
def _feed_head(name: str, description: str, source_url: str) -> bytes:
    calendar = _calendar()
    calendar.add("calscale", _Text("GREGORIAN"))
    calendar.add("name", _Text(line(name)))
    calendar.add("x-wr-calname", _Text(line(name)))
    if description := clean(description):
        calendar.add("description", _Text(description))
        calendar.add("x-wr-caldesc", _Text(description))
    refresh = timedelta(hours=REFRESH_HOURS)
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _Text(f"PT{REFRESH_HOURS}H"))
    if source_url:
        calendar.add("source", _uri(source_url), parameters={"VALUE": "URI"})
    return _written(calendar).removesuffix(_END_CALENDAR)


def _with_alarm(event: CalendarEvent, alarm: timedelta) -> bytes:
    body = vevent(event)
    if event.status is Status.CANCELLED:
        return body
    return body.removesuffix(_END_EVENT) + _valarm(alarm) + _END_EVENT


@lru_cache(maxsize=64)
def _valarm(alarm: timedelta) -> bytes:
    entry = Alarm()
    entry.add("action", _Text("DISPLAY"))
    entry.add("description", _Text("Starts soon"))
    entry.add("trigger", -alarm)
    return _written(entry)


def _written(component: Component) -> bytes:
    written: bytes = component.to_ical(sorted=False)
    return written


def _utc_zone() -> bytes:
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", _Text("Etc/UTC"))
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  local by RFC 5545 3.6.5
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    standard.add("tzname", _Text("UTC"))
    zone.add_component(standard)
    return _written(zone)


_UTC = _utc_zone()


def _identify(entry: Component, uid: str, sequence: int, changed_at: datetime) -> None:
    changed_at = _utc(changed_at)
    entry.add("uid", _Text(line(uid)))
    entry.add("dtstamp", changed_at)
    entry.add("last-modified", changed_at)
    entry.add("sequence", sequence)


def _lasts(entry: Component, starts_at: date, ends_at: date) -> None:
    if isinstance(starts_at, datetime) and isinstance(ends_at, datetime):
        starts_at, ends_at = _utc(starts_at), _utc(ends_at)
    elif isinstance(starts_at, datetime) or isinstance(ends_at, datetime):
        raise ValueError("an event starts and ends both at instants or both on dates")
    if starts_at >= ends_at:
        raise ValueError(f"an event must end after it starts: {starts_at} .. {ends_at}")
    entry.add("dtstart", starts_at)
    entry.add("dtend", ends_at)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {at}")
    return at.astimezone(UTC).replace(microsecond=0)


def _describe(entry: Component, of: CalendarEvent | CalendarInvite, join: str) -> None:
    """Add the texts; `join` is where to join, which is the place where there is no room."""
    entry.add("summary", _Text(line(of.summary)))
    if description := clean(of.description):
        entry.add("description", _Text(description))
    if location := line(of.location or join):
        entry.add("location", _Text(location))
    if join.startswith(("https://", "http://")):
        joins = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Join"}
        entry.add("conference", _uri(join), parameters=joins)
    if of.url:
        entry.add("url", _uri(of.url))


def _uri(text: str) -> str:
    """Return an address in which nothing but RFC 3986 characters is left."""
    return quote(line(text), safe="%:/?#[]@!$&'()*+,;=~")


def _mailbox(person: CalendarUser, **parameters: str) -> vCalAddress:
    if not _ADDRESS.fullmatch(person.address) or _CONTROLS.search(person.address):
        raise ValueError("not a mail address")
    # Quotes cannot stand in a parameter, and readers take a backslash there for an escape.
    name = line(person.name).replace('"', "").replace("\\", "").strip()
    value = vCalAddress(f"mailto:{person.address}")
    value.params.update(parameters)
    if name:
        value.params["CN"] = name
    return value
