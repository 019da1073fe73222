"""What guests do: book, move, cancel. The caller opens the transaction and passes `now`."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from accounts.domain.actors import ANYONE, Actor
from booking import snapshots
from booking.domain import booking_requests, bookings, policy
from booking.domain.booking_requests import AcceptedRequest, BookingRequest
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours, OfficeHoursPath
from booking.domain.refusals import GuestLimit, Settled, TooLate
from booking.queries import bookings as queries
from booking.services import booking_context, ending, idempotency, writing
from booking.services.booking_context import BookingContext
from booking.services.ending import BookingEnd
from booking.services.idempotency import EarlierBooking
from core import audit, tokens
from core.db.fast_sql import insert_all
from core.messages import mailboxes, outbox
from core.refusals import NotFound
from scheduler.domain.interval import Interval


@dataclass(frozen=True, slots=True)
class BookingResult:
    """The answer to a request, the same when asked again: what it made, as it was then.

    `booking` is what has become of it.
    """

    booking: Booking
    status: BookingStatus
    starts_at: datetime
    ends_at: datetime


def book(
    session: Session,
    path: OfficeHoursPath,
    request: BookingRequest,
    now: datetime,
    *,
    domain: str,
    actor: Actor = ANYONE,
    idempotency_key: str | None = None,
    limited: bool = False,
) -> BookingResult:
    """Book a start of office hours; the booking gets a UID under `domain`.

    Where office hours verify their guests it is held until the guest uses the mailed link, unless
    they are signed in with the address. With a key the same request within 24 hours makes no second
    booking and gives the same answer.
    Raises SlotTaken with the nearest free starts, GuestLimit, Invalid by the form's fields (also
    for a key that was sent with another request), and NotFound for what `actor` may not see. If
    requests are `limited`, raises RateLimited for a mailbox that has had enough mails.
    """
    writing.lock_host(session, path.host)
    context = booking_context.read(session, path, request, idempotency_key, now)
    host, office_hours = context.host, context.office_hours
    if not (policy.may_see(office_hours.visibility, actor) or policy.may_manage(actor, host)):
        raise NotFound
    idempotency.require_valid(idempotency_key)
    if context.earlier is not None and idempotency.is_repeated(context.earlier, request, now):
        return _first_answer(session, host, context.earlier)
    accepted = booking_requests.accept(request, office_hours, now)
    _require_room(context)
    availability = writing.require_open(session, host, office_hours, accepted.start, now)
    is_own = actor.email == accepted.email
    values = {
        **_values(host, office_hours, accepted, domain, now, is_own=is_own),
        **writing.placement(host, accepted.start, now),
    }
    if limited and not is_own:
        cause = _mail_key(values["ref"], 0)
        mailboxes.count_mail(session, accepted.email, now, cause=cause)
    row = writing.insert(session, values, accepted.start, availability)
    booking = queries.from_row(row, office_hours)
    kind = snapshots.KIND_OF_STATUS[booking.status]
    inserts = [
        audit.entry(
            _guest(booking).name, "booking made", booking.subject, now=now, status=booking.status
        ),
        *snapshots.messages(host, booking, kind, now),
    ]
    if idempotency_key is not None:
        if context.earlier is not None:  # more than a day ago
            idempotency.delete_key(session, office_hours, idempotency_key)
        inserts.append(idempotency.entry(booking, idempotency_key, request, now))
    insert_all(session, *inserts)
    return BookingResult(booking, booking.status, booking.starts_at, booking.ends_at)


def verify(session: Session, token: str, now: datetime, *, secret_key: str) -> Booking:
    """Confirm the held booking that the mailed link opens, or ask the host where they approve.

    One that is not held stays as it is. Raises NotFound, also for a link without its proof, and
    Settled for one that was held too long.
    """
    if not queries.is_mailed(token):
        raise NotFound
    opened = queries.by_token(session, token, secret_key)
    host, office_hours, row = writing.lock_booking(session, opened.id)
    before = queries.from_row(row, office_hours)
    if before.status is not BookingStatus.HELD:
        return before
    if now >= before.held_until:
        raise Settled(
            "This time was not confirmed soon enough, so it is free for others. Please book again."
        )
    status = bookings.first_status(is_verified=True, approval=office_hours.approval)
    row.status = status
    row.blocks = bookings.blocks(status, pending_blocks=office_hours.pending_blocks)
    row.placed_at = now
    writing.revise(row, host, office_hours, now, is_first=True)
    verified = queries.from_row(row, office_hours)
    insert_all(
        session,
        audit.entry(
            _guest(verified).name, "booking verified", verified.subject, now=now, status=status
        ),
        *snapshots.messages(
            host, verified, snapshots.KIND_OF_STATUS[status], now, before=before.status
        ),
    )
    return verified


def confirm_mailbox(session: Session, token: str, now: datetime, *, secret_key: str) -> None:
    """Record that the guest reads the mailbox to which this link was mailed; raise NotFound."""
    mailboxes.confirm(session, queries.by_token(session, token, secret_key).guest_email, now)


def reschedule(
    session: Session,
    token: str,
    starts_at: datetime,
    now: datetime,
    *,
    secret_key: str,
    limited: bool = False,
) -> Booking:
    """Move the booking that the private link opens and return it; it keeps its length.

    Its own time counts as free. Where the host approves moves too, one that was confirmed waits for
    approval again. Raises NotFound, TooLate after the deadline, Settled for one that is held or has
    ended, and SlotTaken. If requests are `limited`, raises RateLimited for
    a mailbox that has had enough mails.
    """
    opened = queries.by_token(session, token, secret_key)
    guest = _guest(opened)
    host, office_hours, row = writing.lock_booking(session, opened.id)
    before = queries.from_row(row, office_hours)
    _require_changeable(before, now)
    if before.status is BookingStatus.HELD:
        raise Settled("Please confirm this booking first, by the link in the mail about it.")
    start = Interval(starts_at, starts_at + before.duration)
    if start.start == before.starts_at:
        return before
    availability = writing.require_open(session, host, office_hours, start, now, moving=before)
    if limited:
        cause = _mail_key(before.id, before.sequence + 1)
        mailboxes.count_mail(session, before.guest_email, now, cause=cause)
    status = office_hours.status_after_move(before.status)
    return writing.move(
        session, host, office_hours, row, start, availability, now, actor=guest, status=status
    )


def cancel(
    session: Session,
    token: str,
    now: datetime,
    *,
    secret_key: str,
    reason: str | None = None,
    limited: bool = False,
) -> Booking:
    """Cancel the booking that the private link opens; its time is free at once.

    One that is cancelled already stays as it is, and one that is held has no deadline. Raises
    NotFound, TooLate and Settled. If requests are `limited`, the guest gets no mail in a mailbox
    that has had enough: the time is free anyway.
    """
    opened = queries.by_token(session, token, secret_key)
    guest = _guest(opened)
    host, office_hours, row = writing.lock_booking(session, opened.id)
    before = queries.from_row(row, office_hours)
    if before.status is BookingStatus.CANCELLED:
        return before
    if before.status is not BookingStatus.HELD:  # nobody waits for its guest yet
        _require_changeable(before, now)
    # A held booking that its guest gives up causes no mail, so it is not counted.
    mails_guest = (
        not limited
        or before.status is BookingStatus.HELD
        or mailboxes.may_be_mailed(
            session, before.guest_email, now, cause=_mail_key(before.id, before.sequence + 1)
        )
    )
    how = BookingEnd(BookingStatus.CANCELLED, guest, now, reason, mails_guest)
    return ending.end(session, host, office_hours, row, how)


def _first_answer(session: Session, host: Host, earlier: EarlierBooking) -> BookingResult:
    """Return the answer that the request got when it made the booking."""
    booking = queries.of_host_by_ref(session, host, earlier.ref)
    return BookingResult(booking, BookingStatus(earlier.status), earlier.starts_at, earlier.ends_at)


def _mail_key(ref: object, sequence: int) -> str:
    """Return the key by which the mail about a change is counted once."""
    return outbox.key("booking", ref, sequence)


def _values(
    host: Host,
    office_hours: OfficeHours,
    accepted: AcceptedRequest,
    domain: str,
    now: datetime,
    *,
    is_own: bool,
) -> dict[str, object]:
    """Return the columns of a new booking, without those that `writing.placement` returns.

    `is_own` says that the guest has proven to own the address.
    """
    status = bookings.first_status(
        is_verified=is_own or not office_hours.verify_guest, approval=office_hours.approval
    )
    return {
        "ref": tokens.new_ref(),
        "uid": f"{uuid4()}@{domain}",
        "host_id": host.id,
        "office_hours_id": office_hours.id,
        "status": status,
        "blocks": bookings.blocks(status, pending_blocks=office_hours.pending_blocks),
        "guest_name": accepted.name,
        "guest_email": accepted.email,
        "guest_zone": accepted.zone,
        "answers": dict(accepted.answers),
        "created_at": now,
        "revised_at": now,
        "entry": asdict(host.entry_of(office_hours.title)),
    }


def _require_room(context: BookingContext) -> None:
    """Raise GuestLimit if the guest has as many open bookings here as one may have."""
    most = context.office_hours.limits.per_guest_open
    if most is not None and context.open_bookings >= most:
        raise GuestLimit(most)


def _require_changeable(booking: Booking, now: datetime) -> None:
    """Raise Settled or TooLate unless the guest may still move or cancel the booking."""
    if booking.has_ended:
        raise Settled(f"This booking {booking.end_in_words}. You can book another time.")
    if now >= booking.ends_at:
        raise TooLate("This booking is over. You can book another time.")
    if not booking.may_change(now):
        raise TooLate(
            "It is too late to move or cancel this booking. You can still tell the host that you "
            "cannot come."
        )


def _guest(booking: Booking) -> Actor:
    """Return the guest of a booking, who acts by its private link."""
    return Actor.link("guest", booking.subject)
