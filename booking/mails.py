"""Letters about a booking: the words, the times in both zones, the links, the calendar entry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from sqlalchemy.orm import Session

from accounts import queries as accounts
from accounts.queries import Community
from booking import queries
from booking.domain.hosts import Booking, Host
from core import mail, time_format, zones
from core.config import Settings
from core.mail import Letter
from core.outbox import Message
from scheduler import ical
from scheduler.domain import calendar_links
from scheduler.domain.calendar_links import Entry
from scheduler.ical import Invitation, Method

HOST_PAGE = "/host/"


class Role(StrEnum):
    """To whom a letter goes."""

    GUEST = "guest"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """How the entry that goes along is marked; without a method it is a file to open."""

    method: Method | None
    sequence: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter tells, and to whom, whatever has become of the booking since.

    `previous` is the start before a move. The meeting link is told only `with_link`.
    """

    role: Role
    starts_at: datetime
    ends_at: datetime
    previous: datetime | None = None
    reason: str | None = None
    by_guest: bool = True
    entry: CalendarEntry | None = None
    with_link: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """Where letters come from: what their links are made of, and the address they are from."""

    base_url: str
    secret_key: str
    sender: str
    sender_is_set: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings say."""
        _, address = mail.default_sender(settings)
        return cls(settings.base_url, settings.secret_key, address, bool(settings.mail_from))

    def address(self, community: Community) -> str:
        """Return the address that mail is from: MAIL_FROM, by default the organisation's."""
        return self.sender if self.sender_is_set else community.email or self.sender


@dataclass(frozen=True, slots=True)
class _Case:
    """One letter's booking with all that its words are made of."""

    office: Office
    community: Community
    host: Host
    booking: Booking
    told: Told

    @property
    def to_guest(self) -> bool:
        return self.told.role is Role.GUEST

    @property
    def title(self) -> str:
        """What the reader's calendar says."""
        booking = self.booking
        other = self.host.name if self.to_guest else booking.guest_name
        return f"{booking.title} with {other}"

    @property
    def url(self) -> str:
        """Where the reader sees and changes the booking."""
        if not self.to_guest:
            return self.office.base_url + HOST_PAGE
        return self.office.base_url + queries.manage_path(self.booking, self.office.secret_key)

    @property
    def zones(self) -> list[str]:
        """The zones in which times are written, the reader's first, each once."""
        guest, host = self.booking.guest_zone, self.host.zone_at(self.told.starts_at)
        return list(dict.fromkeys((guest, host) if self.to_guest else (host, guest)))

    @property
    def meeting_url(self) -> str:
        return (self.host.meeting_url or "") if self.told.with_link else ""

    def times(self) -> list[str]:
        """Return the time in each zone: "Tuesday 12 May 2026, 16:00 to 16:30 in Berlin (…)"."""
        return [span(self.told.starts_at, self.told.ends_at, name) for name in self.zones]


def letter(
    session: Session, office: Office, message: Message, booking: Booking, told: Told
) -> Letter:
    """Return the letter that tells the message's recipient of the booking as `told` has it."""
    case = _case(session, office, booking, told)
    with_entry = told.entry is not None
    return mail.render(
        message.kind,
        _values(case),
        to=message.recipient,
        to_name=booking.guest_name if case.to_guest else case.host.name,
        reply_to=_reply_to(case),
        calendar=_calendar(case, message.recipient) if with_entry else None,
        method=told.entry.method if told.entry is not None else None,
    )


def calendar(session: Session, office: Office, booking: Booking, told: Told) -> bytes:
    """Return the calendar entry alone, for a guest to open as a file."""
    return _calendar(_case(session, office, booking, told), booking.guest_email)


def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Return a time in words: "Tuesday 12 May 2026, 16:00 to 16:30 in Berlin (UTC+02:00)"."""
    day, last_day = (time_format.day_long(at, zone) for at in (starts_at, ends_at))
    end = time_format.clock(ends_at, zone)
    until = end if day == last_day else f"{last_day}, {end}"
    return f"{day}, {time_format.clock(starts_at, zone)} to {until} in {_place(starts_at, zone)}"


def point(at: datetime, zone: str) -> str:
    """Return an instant in words: "Tuesday 12 May 2026, 16:00 in Berlin (UTC+02:00)"."""
    return f"{time_format.day_long(at, zone)}, {time_format.clock(at, zone)} in {_place(at, zone)}"


def _place(at: datetime, zone: str) -> str:
    offset = time_format.offset(at, zone)
    return zones.city(zone) if offset == zone else f"{zones.city(zone)} ({offset})"


def _case(session: Session, office: Office, booking: Booking, told: Told) -> _Case:
    host = queries.host_by_id(session, booking.host_id)
    return _Case(office, accounts.community(session), host, booking, told)


def _values(case: _Case) -> dict[str, object]:
    """Return what the templates say."""
    booking, told = case.booking, case.told
    # Whoever runs a web calendar learns the meeting link, but not the one that cancels.
    deadline = told.starts_at - (booking.starts_at - booking.change_until)
    entry = Entry(case.title, told.starts_at, told.ends_at, location=case.meeting_url)
    return {
        "community": case.community.name,
        "role": told.role.value,
        "title": booking.title,
        "host": case.host.name,
        "guest": booking.guest_name,
        "guest_email": booking.guest_email,
        "when": _short(case),
        "times": case.times(),
        "previous": [] if told.previous is None else _points(case, told.previous),
        "meeting_url": case.meeting_url,
        "url": case.url,
        "deadline": point(deadline, case.zones[0]),
        "answers": [(label, text.splitlines()) for label, text in booking.answers.items()],
        "reason": (told.reason or "").splitlines(),
        "by_guest": told.by_guest,
        "writer": _writer(case),
        "google_url": calendar_links.google(entry),
        "outlook_url": calendar_links.outlook(entry),
    }


def _writer(case: _Case) -> str:
    """Return whose words the reason is, as its reader says it."""
    if case.told.by_guest == case.to_guest:
        return "You"
    return case.booking.guest_name if case.told.by_guest else case.host.name


def _short(case: _Case) -> str:
    """Return the start for a subject, in the reader's zone: "Tue 12 May 2026, 16:00 (Berlin)"."""
    zone = case.zones[0]
    return f"{time_format.moment(case.told.starts_at, zone)} ({zones.city(zone)})"


def _points(case: _Case, at: datetime) -> list[str]:
    return [point(at, name) for name in case.zones]


def _description(case: _Case) -> str:
    """Return what the calendar entry says; a guest's answers stand in the host's mail alone."""
    lines = case.times()
    if case.meeting_url:
        lines.append(f"Join: {case.meeting_url}")
    lines.append(f"{'Move or cancel' if case.to_guest else 'Your bookings'}: {case.url}")
    return "\n".join(lines)


def _reply_to(case: _Case) -> mail.Mailbox | None:
    """Return who answers reach: a host's own address is given only where the host shares it."""
    if not case.to_guest:
        return case.booking.guest_name, case.booking.guest_email
    if case.host.share_email:
        return case.host.name, case.host.email
    return (case.community.name, case.community.email) if case.community.email else None


def _calendar(case: _Case, recipient: str) -> bytes:
    entry = case.told.entry
    if entry is None:
        raise ValueError("this letter has no calendar entry")
    name = case.booking.guest_name if case.to_guest else case.host.name
    return ical.invitation(
        Invitation(
            method=entry.method,
            uid=case.booking.uid,
            sequence=entry.sequence,
            changed_at=entry.changed_at,
            starts_at=case.told.starts_at,
            ends_at=case.told.ends_at,
            summary=case.title,
            organizer=ical.Mailbox(case.host.name, case.office.address(case.community)),
            attendees=(ical.Mailbox(name, recipient),),
            description=_description(case),
            url=case.url,
            location=case.meeting_url,
        )
    )
