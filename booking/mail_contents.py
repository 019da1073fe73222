"""What a mail about a booking contains: its texts, its addresses and its calendar entry."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from booking.change_mails import CalendarEntry
from booking.domain.bookings import OPEN, BookingStatus
from booking.domain.minutes import MINUTE
from booking.domain.proposals import Proposal
from booking.mail_facts import MailContext, MailFacts
from core.addresses import readable
from core.messages import mail, times
from core.messages.mail import Mail, Mailbox
from core.words import counted, listed
from scheduler import ical
from scheduler.domain import calendar_links
from scheduler.domain.calendar_links import LinkedEvent
from scheduler.ical import CalendarInvite, Status

ABSENCE = "absent"
"""The end of the page on which a guest says that they cannot come."""

NOTHING: Mapping[str, object] = MappingProxyType({})

_NAMES = {"meeting_url": "meeting link", "title": "title", "host": "name of the host"}
_SOON = timedelta(hours=1)


def proposal(facts: MailFacts, proposal: Proposal) -> dict[str, object]:
    """Return the values that the mail about a proposal has besides those of every mail."""
    return {
        "starts": [facts.point(at) for at in proposal.starts],
        "expires": facts.point(proposal.expires_at),
    }


def render(
    template: str, facts: MailFacts, recipient: str, more: Mapping[str, object] = NOTHING
) -> Mail:
    """Return the mail of these templates, with the calendar entry of its context."""
    entry = facts.context.entry
    return mail.render(
        template,
        {**_values(facts), **more},
        to=recipient,
        to_name=facts.recipient_name,
        reply_to=_reply_to(facts),
        calendar=None if entry is None else calendar(facts, entry, recipient),
        method=None if entry is None else entry.method,
    )


def _values(facts: MailFacts) -> dict[str, object]:
    """Return the values of the templates."""
    booking, context = facts.booking, facts.context
    # A web calendar gets the meeting link, but not the private link, which can cancel.
    entry = LinkedEvent(facts.title, context.starts_at, context.ends_at, location=facts.meeting_url)
    previous = [] if context.previous is None else [context.previous]
    return {
        "community": facts.community.name,
        "role": context.role.value,
        "title": facts.details.title,
        "host": facts.details.host,
        "guest": facts.guest_name,
        "guest_email": readable(booking.guest_email),
        "starts_at": context.starts_at,
        "zone": facts.zones[0],
        "when": times.short(context.starts_at, facts.zones[0], facts.clock),
        "times": facts.spans(),
        "previous": [times.point(at, zone, facts.clock) for at in previous for zone in facts.zones],
        "changed": listed([f"the {_NAMES[each.detail]}" for each in context.changes]),
        "details_before": [
            f"The {_NAMES[each.detail]} was: {each.before}"
            for each in context.changes
            if each.before
        ],
        "meeting_url": facts.meeting_url,
        "url": facts.url,
        "answer_url": facts.answer_url,
        "absence_url": facts.url + ABSENCE,
        "again_url": facts.again_url,
        "others": () if facts.next_steps is None else facts.next_steps.others,
        "base_url": facts.settings.base_url,
        "may_change": facts.may_change,
        "deadline": facts.point(facts.deadline),
        "held_until": facts.point(booking.held_until),
        "lapses": "" if booking.lapses_at is None else facts.point(booking.lapses_at),
        "soon": _soon(context),
        "status": context.status.value,
        "before": context.before or "",
        "is_tentative": context.entry is not None and context.entry.status is Status.TENTATIVE,
        "answers": facts.answers,
        "reason": facts.reason,
        "by_guest": context.by_guest,
        "writer": _writer(facts),
        "google_url": calendar_links.google(entry),
        "outlook_url": calendar_links.outlook(entry),
    }


def _writer(facts: MailFacts) -> str:
    """Return the author of the reason, from the recipient's point of view."""
    if facts.context.by_guest == facts.to_guest:
        return "You"
    return facts.booking.guest_name if facts.context.by_guest else facts.details.host


def _soon(context: MailContext) -> str:
    """Return how long it is to a start within the hour: "one hour", "35 minutes"; else ""."""
    left = context.starts_at - context.now
    if not timedelta() < left <= _SOON:
        return ""
    minutes = -(-left // MINUTE)
    return "one hour" if minutes * MINUTE == _SOON else counted(minutes, "minute")


def _description(facts: MailFacts) -> str:
    """Return the text of the calendar entry; the host's has the guest's address and answers."""
    lines = facts.spans()
    if facts.context.status is BookingStatus.PENDING:
        asked = facts.details.host if facts.to_guest else "you"
        lines.append(f"Not confirmed: this waits for an answer from {asked}.")
    if facts.meeting_url:
        lines.append(f"Join: {facts.meeting_url}")
    if not facts.to_guest:
        lines.append(f"Guest: {facts.booking.guest_name}, {readable(facts.booking.guest_email)}")
        lines += [f"{label}: {text}" for label, text in facts.booking.answers.items()]
        lines.append(f"Your bookings: {facts.url}")
    elif facts.may_change:
        lines.append(change_line(facts.url, facts.point(facts.deadline)))
    else:
        lines.append(f"See: {facts.url}")
    return "\n".join(lines)


def change_line(url: str, deadline: str) -> str:
    """Return the line of a calendar entry that leads to where the guest can change the booking."""
    return f"See or change: {url} (until {deadline})"


def _reply_to(facts: MailFacts) -> Mailbox | None:
    """Return the address that replies go to: the host's own only if the host shares it."""
    if not facts.to_guest:
        return facts.booking.guest_name, facts.booking.guest_email
    if facts.host.share_email:
        return facts.host.name, facts.host.email
    community = facts.community
    return (community.name, community.email) if community.email else None


def _stamp(facts: MailFacts, entry: CalendarEntry) -> datetime:
    """Return the DTSTAMP of an entry: the guest's changes once more when the deadline passes."""
    if not facts.to_guest or facts.may_change or facts.context.status not in OPEN:
        return entry.changed_at
    return max(entry.changed_at, facts.deadline + timedelta(seconds=1))


def calendar(facts: MailFacts, entry: CalendarEntry, recipient: str) -> bytes:
    """Return the recipient's calendar entry of a booking."""
    community, context = facts.community, facts.context
    _, sender = facts.settings.sender(community.name, community.email)
    return ical.calendar_invite(
        CalendarInvite(
            method=entry.method,
            uid=facts.booking.uid,
            sequence=entry.sequence,
            changed_at=_stamp(facts, entry),
            starts_at=context.starts_at,
            ends_at=context.ends_at,
            summary=facts.title,
            organizer=ical.CalendarUser(facts.details.host, sender),
            attendees=(ical.CalendarUser(facts.recipient_name, recipient),),
            description=_description(facts),
            url=facts.url,
            location=facts.meeting_url,
            status=entry.status,
        )
    )
