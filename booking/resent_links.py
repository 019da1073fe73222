"""The mail with the links of an address's bookings ahead, for guests who lost the mails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts import queries as accounts
from booking.domain.bookings import Booking, BookingStatus
from booking.queries import bookings, hosts
from core import limits, tokens
from core.limits import Limit
from core.messages import mail, mailboxes, outbox, times
from core.messages.mail import Composer, Mail, MailSettings
from core.messages.outbox import Draft, Message
from core.time_format import HourClock

KIND = "bookings-again"
USEFUL_FOR = timedelta(days=1)
OF_MAILBOX = Limit("resent to mailbox", 3, timedelta(hours=1))
OF_NETWORK = Limit(
    "resend by network",
    10,
    timedelta(hours=1),
    "You have asked for such mails ten times within an hour.",
)
_WORDS = {
    BookingStatus.HELD: "not confirmed yet: please confirm it",
    BookingStatus.PENDING: "waits for an answer",
    BookingStatus.CONFIRMED: "confirmed",
}


@dataclass(frozen=True, slots=True)
class ListedBooking:
    """A booking in the mail; `deadline` is until when it can be changed, "" if it cannot."""

    title: str
    host: str
    when: str
    state: str
    deadline: str
    url: str


def ask(session: Session, email: str, now: datetime, *, network: str | None) -> None:
    """Queue the mail; an address with bookings and one without cost the same time.

    `network` is the one whose requests are limited, None without a limit. Raises RateLimited.
    """
    key = outbox.key(KIND, tokens.new_ref())
    if network is not None:
        limits.count(session, OF_NETWORK, network, now, cause=key)
    draft = Draft(
        key=key,
        kind=KIND,
        subject=outbox.key(KIND, email),
        recipient=email,
        due_at=now,
        useful_until=now + USEFUL_FOR,
    )
    outbox.enqueue(session, draft, now)


def composers(settings: MailSettings) -> Mapping[str, Composer]:
    """Return the composer of this mail by its kind."""

    def compose(session: Session, message: Message, now: datetime) -> Mail | None:
        found = [
            each
            for each in bookings.of_guest(session, message.recipient, now)
            if each.status is not BookingStatus.HELD or now < each.held_until
        ]
        if not found or (settings.limits_requests and not _has_room(session, message, now)):
            return None
        community = accounts.organization(session)
        names = {host.id: host.name for host in hosts.every(session)}

        def listed(booking: Booking) -> ListedBooking:
            return ListedBooking(
                title=booking.title,
                host=names[booking.host_id],
                when=times.span(
                    booking.starts_at, booking.ends_at, booking.guest_zone, community.hour_clock
                ),
                state=_WORDS[booking.status],
                deadline=_deadline(booking, now, community.hour_clock),
                url=settings.base_url + bookings.mailed_path(booking, settings.secret_key),
            )

        values = {"community": community.name, "bookings": [listed(each) for each in found]}
        return mail.render(KIND, values, to=message.recipient)

    return {KIND: compose}


def _deadline(booking: Booking, now: datetime, clock: HourClock) -> str:
    if booking.status is BookingStatus.HELD or not booking.may_change(now):
        return ""
    return times.point(booking.change_until, booking.guest_zone, clock)


def _has_room(session: Session, message: Message, now: datetime) -> bool:
    """Count the mail; return False if the mailbox has had enough."""
    to, key = message.recipient, message.key
    return mailboxes.may_be_mailed(session, to, now, cause=key) and limits.has_room(
        session, OF_MAILBOX, to, now, cause=key
    )
