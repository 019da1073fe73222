"""Which mail tells its recipient of a change, given the mails that the recipient may have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain.bookings import BookingStatus
from booking.domain.entries import EntryChange
from booking.snapshots import BookingMail, Role, Snapshot
from scheduler.ical import Method, Status

ASKED_AGAIN = "booking-asked-again"
"""The templates of a booking that was moved and waits for approval."""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """How a calendar entry is marked; without a method it is a file to open."""

    method: Method | None
    sequence: int
    changed_at: datetime
    status: Status = Status.CONFIRMED


@dataclass(frozen=True, slots=True)
class ChangeMail:
    """The templates of a mail, what the recipient knew if it was something else, the entry."""

    template: str
    previous: datetime | None
    changes: Sequence[EntryChange]
    entry: CalendarEntry | None


def choose(kind: BookingMail, snapshot: Snapshot, earlier: Sequence[Snapshot]) -> ChangeMail | None:
    """Return the mail of a change, None if it is no news to the recipient.

    `earlier` are the changes that the recipient may have been told, in order.
    """
    invited = any(each.status is BookingStatus.CONFIRMED for each in earlier)
    template = _template(kind, snapshot, earlier)
    if template is None:
        return None
    known = earlier[-1] if earlier else snapshot
    return ChangeMail(
        template,
        previous=known.starts_at if known.starts_at != snapshot.starts_at else None,
        changes=_changes(snapshot, known) if invited else (),
        entry=_entry(snapshot, earlier, invited=invited),
    )


def entry_status(status: BookingStatus) -> Status:
    """Return the STATUS of the calendar entry of a booking."""
    if status in (BookingStatus.HELD, BookingStatus.PENDING):
        return Status.TENTATIVE
    if status in (BookingStatus.CONFIRMED, BookingStatus.DONE, BookingStatus.NO_SHOW):
        return Status.CONFIRMED
    return Status.CANCELLED


def _template(kind: BookingMail, snapshot: Snapshot, earlier: Sequence[Snapshot]) -> str | None:
    """Return the templates for a change.

    A move, or a change of details, is a confirmation or a request to a recipient who knew of
    neither. A host who declined before being asked by mail is told nothing.
    """
    if kind is BookingMail.DECLINED and snapshot.role is Role.HOST and not earlier:
        return None
    if kind not in (BookingMail.MOVED, BookingMail.DETAILS):
        return kind
    last = earlier[-1] if earlier else None
    if snapshot.status is BookingStatus.PENDING:
        return _request(snapshot, last)
    if last is None or last.status is not BookingStatus.CONFIRMED:
        return BookingMail.CONFIRMED
    if last.starts_at != snapshot.starts_at:
        return BookingMail.MOVED
    return BookingMail.DETAILS if _changes(snapshot, last) else None


def _changes(snapshot: Snapshot, known: Snapshot) -> list[EntryChange]:
    """Return what calendars say otherwise than before; nothing is known of an older release."""
    if snapshot.entry is None or known.entry is None:
        return []
    return snapshot.entry.changes(known.entry)


def _request(snapshot: Snapshot, last: Snapshot | None) -> str | None:
    """Return the templates for a booking that was moved and waits for approval."""
    if last is None or last.status is BookingStatus.HELD:
        return BookingMail.PENDING
    if last.status is BookingStatus.PENDING and last.starts_at == snapshot.starts_at:
        return None
    return ASKED_AGAIN


def _entry(
    snapshot: Snapshot, earlier: Sequence[Snapshot], *, invited: bool
) -> CalendarEntry | None:
    """Return the calendar entry of a mail: the first one when the booking is confirmed.

    It is tentative while a booking that was confirmed waits for approval again, and is taken out
    when the booking ends.
    """
    status = entry_status(snapshot.status)
    if status is not Status.CONFIRMED and not invited:
        return None
    method = Method.CANCEL if status is Status.CANCELLED else Method.REQUEST
    # Clocks of two machines may differ: DTSTAMP never goes backwards (RFC 5546 2.1.5).
    changed_at = max(each.changed_at for each in (*earlier, snapshot))
    return CalendarEntry(method, snapshot.sequence, changed_at, status)
