"""Mails about bookings: their texts and the calendar invites that they carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from accounts import queries as accounts
from accounts.queries import Organization
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.hosts import Host
from booking.domain.proposals import Proposal
from booking.queries import bookings, hosts, proposals
from booking.snapshots import PROPOSED, BookingMail, Role, Snapshot
from core.addresses import readable
from core.messages import mail, mailboxes, outbox, times
from core.messages.mail import Composer, Mail, Mailbox, MailSettings
from core.messages.outbox import Message
from core.time_format import HourClock
from scheduler import ical
from scheduler.domain import calendar_links
from scheduler.domain.calendar_links import LinkedEvent
from scheduler.ical import CalendarInvite, Method

REMINDER = "booking-reminder"
HOST_PAGE = "/host/"
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """How a calendar entry is marked; without a method it is a file to open."""

    method: Method | None
    sequence: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class MailContext:
    """What one mail says about a booking, even if the booking has changed since.

    `previous` is the start in the last mail to the recipient, if it was another one. The mail has
    the meeting link only `with_link`. Only what `is_mailed` may contain the proof that confirms the
    guest's mailbox.
    """

    role: Role
    starts_at: datetime
    ends_at: datetime
    previous: datetime | None = None
    reason: str | None = None
    by_guest: bool = True
    entry: CalendarEntry | None = None
    with_link: bool = False
    is_mailed: bool = True


@dataclass(frozen=True, slots=True)
class _Facts:
    """A booking with everything that the text of a mail about it needs.

    A mail to an unconfirmed mailbox contains nothing that its guest typed: anybody can be the guest
    of another person's address.
    """

    settings: MailSettings
    community: Organization
    host: Host
    booking: Booking
    context: MailContext
    mailbox_is_confirmed: bool

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
        return self.guest_name if self.to_guest else self.host.name

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
        booking = self.booking
        other = self.host.name if self.to_guest else booking.guest_name
        return f"{booking.title} with {other}"

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
    def zones(self) -> list[str]:
        """The zones in which times are written, the recipient's first, each once."""
        guest, host = self.booking.guest_zone, self.host.zone_at(self.context.starts_at)
        return list(dict.fromkeys((guest, host) if self.to_guest else (host, guest)))

    @property
    def meeting_url(self) -> str:
        return (self.host.meeting_url or "") if self.context.with_link else ""

    def spans(self) -> list[str]:
        """Return the time in each zone: "Tuesday 12 May 2026, 16:00 to 16:30 in Berlin (…)"."""
        return [
            times.span(self.context.starts_at, self.context.ends_at, zone, self.clock)
            for zone in self.zones
        ]


def composers(settings: MailSettings) -> Mapping[str, Composer]:
    """Return what composes each kind of mail about a booking."""

    def compose_change(session: Session, message: Message, _now: datetime) -> Mail | None:
        snapshot = Snapshot.of(message.payload)
        booking = bookings.by_ref(session, snapshot.ref)
        if booking is None:
            return None
        if message.claimed_at is None and booking.sequence != snapshot.sequence:
            return None  # a later change replaced it
        if message.kind == BookingMail.HELD and booking.status is not BookingStatus.HELD:
            return None
        earlier = [Snapshot.of(each.payload) for each in outbox.claimed_before(session, message)]
        template = _template(BookingMail(message.kind), snapshot, earlier)
        if template is None:
            return None
        last = earlier[-1].starts_at if earlier else snapshot.starts_at
        context = MailContext(
            role=snapshot.role,
            starts_at=snapshot.starts_at,
            ends_at=snapshot.ends_at,
            previous=last if last != snapshot.starts_at else None,
            reason=snapshot.reason,
            by_guest=snapshot.by_guest,
            entry=_entry(template, snapshot, earlier),
            with_link=snapshot.method is Method.REQUEST,
        )
        facts = _facts(session, settings, booking, context)
        return _mail(template, facts, message.recipient)

    def compose_reminder(session: Session, message: Message, _now: datetime) -> Mail | None:
        booking = bookings.by_ref(session, str(message.payload["ref"]))
        starts_at = datetime.fromisoformat(str(message.payload["starts_at"]))
        if booking is None or booking.status is not BookingStatus.CONFIRMED:
            return None
        if booking.starts_at != starts_at:
            return None  # it was moved, and the new start has reminders of its own
        role = Role(str(message.payload["role"]))
        context = MailContext(role, booking.starts_at, booking.ends_at, with_link=True)
        facts = _facts(session, settings, booking, context)
        return _mail(REMINDER, facts, message.recipient)

    def compose_proposal(session: Session, message: Message, now: datetime) -> Mail | None:
        booking = bookings.by_ref(session, str(message.payload["ref"]))
        proposal = None if booking is None else proposals.open_for(session, booking, now)
        if booking is None or proposal is None:
            return None
        if proposal.proposed_at.isoformat() != message.payload["proposed_at"]:
            return None  # a later one replaced it
        context = MailContext(
            Role.GUEST, booking.starts_at, booking.ends_at, reason=proposal.reason, by_guest=False
        )
        facts = _facts(session, settings, booking, context)
        return _mail(PROPOSED, facts, message.recipient, _proposal(facts, proposal))

    return {
        **{kind.value: compose_change for kind in BookingMail},
        REMINDER: compose_reminder,
        PROPOSED: compose_proposal,
    }


def download(
    session: Session, settings: MailSettings, booking: Booking, *, with_link: bool
) -> bytes:
    """Return the guest's calendar entry of a booking as a file to open.

    It has the meeting link only `with_link`, and if the booking is confirmed.
    """
    context = MailContext(
        role=Role.GUEST,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        with_link=with_link and booking.status is BookingStatus.CONFIRMED,
        is_mailed=False,
    )
    entry = CalendarEntry(None, booking.sequence, booking.revised_at)
    return _calendar(_facts(session, settings, booking, context), entry, booking.guest_email)


def _template(
    kind: BookingMail, snapshot: Snapshot, earlier: Sequence[Snapshot]
) -> BookingMail | None:
    """Return the template for a change, given earlier mails to the recipient; None without news.

    A move is a confirmation to a recipient who had no mail about the booking in this state. A host
    who declined before being asked by mail is told nothing.
    """
    if kind is BookingMail.DECLINED and snapshot.role is Role.HOST and not earlier:
        return None
    if kind is not BookingMail.MOVED:
        return kind
    last = earlier[-1] if earlier else None
    if last is None or last.method is not snapshot.method:
        confirmed = snapshot.method is Method.REQUEST
        return BookingMail.CONFIRMED if confirmed else BookingMail.PENDING
    return BookingMail.MOVED if last.starts_at != snapshot.starts_at else None


def _entry(
    template: BookingMail, snapshot: Snapshot, earlier: Sequence[Snapshot]
) -> CalendarEntry | None:
    """Return the calendar entry of a mail: CANCEL where an earlier mail had a REQUEST."""
    method = snapshot.method
    if template in (BookingMail.CANCELLED, BookingMail.DECLINED):
        invited = any(each.method is Method.REQUEST for each in earlier)
        method = Method.CANCEL if invited else None
    if method is None:
        return None
    # Clocks of two machines may differ: DTSTAMP never goes backwards (RFC 5546 2.1.5).
    changed_at = max(each.changed_at for each in (*earlier, snapshot))
    return CalendarEntry(method, snapshot.sequence, changed_at)


def _facts(
    session: Session, settings: MailSettings, booking: Booking, context: MailContext
) -> _Facts:
    host = hosts.by_id(session, booking.host_id)
    community = accounts.organization(session)
    is_confirmed = mailboxes.is_confirmed(session, booking.guest_email)
    return _Facts(settings, community, host, booking, context, is_confirmed)


def _proposal(facts: _Facts, proposal: Proposal) -> dict[str, object]:
    """Return the values that the mail about a proposal has besides `_values`."""
    zone, clock = facts.booking.guest_zone, facts.clock
    return {
        "starts": [times.point(at, zone, clock) for at in proposal.starts],
        "expires": times.point(proposal.expires_at, zone, clock),
    }


def _mail(
    template: str, facts: _Facts, recipient: str, more: Mapping[str, object] = NOTHING
) -> Mail:
    entry = facts.context.entry
    return mail.render(
        template,
        {**_values(facts), **more},
        to=recipient,
        to_name=facts.recipient_name,
        reply_to=_reply_to(facts),
        calendar=None if entry is None else _calendar(facts, entry, recipient),
        method=None if entry is None else entry.method,
    )


def _values(facts: _Facts) -> dict[str, object]:
    """Return the values of the templates."""
    booking, context = facts.booking, facts.context
    # A web calendar gets the meeting link, but not the private link, which can cancel.
    deadline = context.starts_at - (booking.starts_at - booking.change_until)
    entry = LinkedEvent(facts.title, context.starts_at, context.ends_at, location=facts.meeting_url)
    previous = [] if context.previous is None else [context.previous]
    return {
        "community": facts.community.name,
        "role": context.role.value,
        "title": booking.title,
        "host": facts.host.name,
        "guest": facts.guest_name,
        "guest_email": readable(booking.guest_email),
        "starts_at": context.starts_at,
        "zone": facts.zones[0],
        "when": times.short(context.starts_at, facts.zones[0], facts.clock),
        "times": facts.spans(),
        "previous": [times.point(at, zone, facts.clock) for at in previous for zone in facts.zones],
        "meeting_url": facts.meeting_url,
        "url": facts.url,
        "answer_url": facts.answer_url,
        "deadline": times.point(deadline, facts.zones[0], facts.clock),
        "held_until": times.point(booking.held_until, facts.zones[0], facts.clock),
        "answers": facts.answers,
        "reason": facts.reason,
        "by_guest": context.by_guest,
        "writer": _writer(facts),
        "google_url": calendar_links.google(entry),
        "outlook_url": calendar_links.outlook(entry),
    }


def _writer(facts: _Facts) -> str:
    """Return the author of the reason, from the recipient's point of view."""
    if facts.context.by_guest == facts.to_guest:
        return "You"
    return facts.booking.guest_name if facts.context.by_guest else facts.host.name


def _description(facts: _Facts) -> str:
    """Return the text of the calendar entry; the host's has the guest's address and answers."""
    lines = facts.spans()
    if facts.meeting_url:
        lines.append(f"Join: {facts.meeting_url}")
    if not facts.to_guest:
        lines.append(f"Guest: {facts.booking.guest_name}, {facts.booking.guest_email}")
        lines += [f"{label}: {text}" for label, text in facts.booking.answers.items()]
    lines.append(f"{'Move or cancel' if facts.to_guest else 'Your bookings'}: {facts.url}")
    return "\n".join(lines)


def _reply_to(facts: _Facts) -> Mailbox | None:
    """Return the address that replies go to: the host's own only if the host shares it."""
    if not facts.to_guest:
        return facts.booking.guest_name, facts.booking.guest_email
    if facts.host.share_email:
        return facts.host.name, facts.host.email
    community = facts.community
    return (community.name, community.email) if community.email else None


def _calendar(facts: _Facts, entry: CalendarEntry, recipient: str) -> bytes:
    community, context = facts.community, facts.context
    _, sender = facts.settings.sender(community.name, community.email)
    return ical.calendar_invite(
        CalendarInvite(
            method=entry.method,
            uid=facts.booking.uid,
            sequence=entry.sequence,
            changed_at=entry.changed_at,
            starts_at=context.starts_at,
            ends_at=context.ends_at,
            summary=facts.title,
            organizer=ical.CalendarUser(facts.host.name, sender),
            attendees=(ical.CalendarUser(facts.recipient_name, recipient),),
            description=_description(facts),
            url=facts.url,
            location=facts.meeting_url,
        )
    )
