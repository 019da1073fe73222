"""A booking with everything that the text of a mail about it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts import queries as accounts
from accounts.queries import Organization
from booking.change_mails import CalendarEntry
from booking.domain.bookings import ENDED, OPEN, Booking, BookingStatus
from booking.domain.entries import EntryChange, EntryDetails
from booking.domain.hosts import Host
from booking.queries import bookings, hosts, office_hours, other_hosts
from booking.queries.other_hosts import NextSteps
from booking.snapshots import Role
from core.messages import mailboxes, times
from core.messages.mail import MailSettings
from core.time_format import HourClock

HOST_PAGE = "/host/"


@dataclass(frozen=True, slots=True)
class MailContext:
    """What one mail says about a booking at `now`, even if the booking has changed since.

    `status` is the one that the mail reports, `before` the one before the change. `previous` is the
    start in the last mail to the recipient, if it was another one, `changes` what else differs from
    it. `details` are what the change left, None for what holds at `now`. The mail has the meeting
    link only `with_link`. Only what `is_mailed` may contain the proof that confirms the guest's
    mailbox.
    """

    role: Role
    status: BookingStatus
    starts_at: datetime
    ends_at: datetime
    now: datetime
    before: BookingStatus | None = None
    previous: datetime | None = None
    changes: Sequence[EntryChange] = ()
    reason: str | None = None
    by_guest: bool = True
    entry: CalendarEntry | None = None
    details: EntryDetails | None = None
    with_link: bool = False
    is_mailed: bool = True


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A booking with everything that the text of a mail about it needs.

    A mail to an unconfirmed mailbox contains nothing that its guest typed: anybody can be the guest
    of another person's address. `next_steps` are the guest's after a no.
    """

    settings: MailSettings
    community: Organization
    host: Host
    booking: Booking
    context: MailContext
    mailbox_is_confirmed: bool
    next_steps: NextSteps | None

    @property
    def details(self) -> EntryDetails:
        """What the booking is called, whom it is with and where, as the mail says it."""
        return self.context.details or self.host.entry_of(self.booking.title)

    @property
    def quotes_guest(self) -> bool:
        """Whether the mail may contain what the guest typed."""
        return self.mailbox_is_confirmed or not self.to_guest

    @property
    def guest_name(self) -> str:
        """The guest's name, "" where the mail may not contain it."""
        return self.booking.guest_name if self.quotes_guest else ""

    @property
    def recipient_name(self) -> str:
        """The recipient's name, "" where the mail may not contain it."""
        return self.guest_name if self.to_guest else self.details.host

    @property
    def reason(self) -> list[str]:
        """The lines of the reason, none where the mail may not contain it."""
        is_typed_by_guest = self.context.by_guest and not self.quotes_guest
        return [] if is_typed_by_guest else (self.context.reason or "").splitlines()

    @property
    def answers(self) -> list[tuple[str, list[str]]]:
        """The guest's answers by question, in lines; none where the mail may not contain them."""
        answers = self.booking.answers.items() if self.quotes_guest else ()
        return [(label, text.splitlines()) for label, text in answers]

    @property
    def clock(self) -> HourClock:
        return self.community.hour_clock

    @property
    def to_guest(self) -> bool:
        return self.context.role is Role.GUEST

    @property
    def title(self) -> str:
        """The title of the calendar entry."""
        other = self.details.host if self.to_guest else self.booking.guest_name
        return f"{self.details.title} with {other}"

    @property
    def url(self) -> str:
        """The page on which the recipient sees and changes the booking."""
        if not self.to_guest:
            return self.settings.base_url + HOST_PAGE
        path = bookings.mailed_path if self.context.is_mailed else bookings.manage_path
        return self.settings.base_url + path(self.booking, self.settings.secret_key)

    @property
    def answer_url(self) -> str:
        """The page on which the host answers the request, "" if there is none to answer."""
        if self.to_guest or self.booking.status is not BookingStatus.PENDING:
            return ""
        path = bookings.answer_path(self.booking, self.settings.secret_key)
        return self.settings.base_url + path

    @property
    def again_url(self) -> str:
        """The page on which the guest finds another time, "" if there is none."""
        if self.next_steps is None or not self.next_steps.again_path:
            return ""
        return self.settings.base_url + self.next_steps.again_path

    @property
    def zones(self) -> list[str]:
        """The zones in which times are written, the recipient's first, each once."""
        guest, host = self.booking.guest_zone, self.host.zone_at(self.context.starts_at)
        return list(dict.fromkeys((guest, host) if self.to_guest else (host, guest)))

    @property
    def meeting_url(self) -> str:
        return (self.details.meeting_url or "") if self.context.with_link else ""

    @property
    def deadline(self) -> datetime:
        """Until when the guest may move or cancel what the mail is about."""
        booking = self.booking
        return self.context.starts_at - (booking.starts_at - booking.change_until)

    @property
    def may_change(self) -> bool:
        """Whether the guest may still move or cancel it as the mail is written."""
        context = self.context
        return (
            context.status in OPEN
            and context.now <= self.deadline
            and context.now < context.starts_at
        )

    def point(self, at: datetime) -> str:
        """Return an instant in the recipient's zone, with date and place."""
        return times.point(at, self.zones[0], self.clock)

    def spans(self) -> list[str]:
        """Return the time in each zone: "Tuesday 12 May 2026, 16:00 to 16:30 in Berlin (…)"."""
        return [
            times.span(self.context.starts_at, self.context.ends_at, zone, self.clock)
            for zone in self.zones
        ]


def read(
    session: Session, settings: MailSettings, booking: Booking, context: MailContext
) -> MailFacts:
    """Return a booking with what the text of a mail about it needs."""
    host = hosts.by_id(session, booking.host_id)
    community = accounts.organization(session)
    is_confirmed = mailboxes.is_confirmed(session, booking.guest_email)
    next_steps = None
    if context.role is Role.GUEST and context.status in ENDED:
        booked = office_hours.by_id(session, booking.office_hours_id)
        next_steps = other_hosts.next_steps(session, host, booked)
    return MailFacts(settings, community, host, booking, context, is_confirmed, next_steps)
