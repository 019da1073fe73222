"""Bookings, read by their private links, for hosts and for guests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from booking.domain.bookings import OPEN, WAITING, Booking, BookingStatus
from booking.domain.entries import EntryDetails
from booking.domain.hosts import Host
from booking.domain.minutes import MINUTE
from booking.domain.office_hours import OfficeHours
from booking.models import BookingRow, OfficeHoursRow
from core import tokens
from core.refusals import NotFound

LONGEST = timedelta(days=1)
"""No booking lasts longer: one that meets an instant began at most so long before."""

LINK = "booking"
"""The purpose of a booking's private link."""

PROOF = "booking mailed"
"""The purpose of the proof behind the link in a mail: who has it reads the guest's mailbox."""

ANSWER_LINK = "answer"
"""The purpose of the link by which a host answers a request."""

_BOOKINGS: Select[*tuple[Any, ...]] = select(
    BookingRow.id.label("row_id"),
    BookingRow.ref,
    BookingRow.uid,
    BookingRow.host_id,
    BookingRow.office_hours_id,
    OfficeHoursRow.slug,
    OfficeHoursRow.title,
    OfficeHoursRow.change_until,
    OfficeHoursRow.pending_minutes,
    BookingRow.starts_at,
    BookingRow.ends_at,
    BookingRow.host_zone,
    BookingRow.status,
    BookingRow.guest_name,
    BookingRow.guest_email,
    BookingRow.guest_zone,
    BookingRow.answers,
    BookingRow.reason,
    BookingRow.sequence,
    BookingRow.generation,
    BookingRow.placed_at,
    BookingRow.revised_at,
    BookingRow.entry,
    BookingRow.displaced_to,
    BookingRow.absent_at,
).join(OfficeHoursRow, OfficeHoursRow.id == BookingRow.office_hours_id)

_BY_REF = _BOOKINGS.where(BookingRow.ref == bindparam("ref"))


class _Booked(NamedTuple):
    """What a booking takes from its office hours."""

    slug: str
    title: str
    change_until: timedelta
    answer_lead: timedelta


def by_token(session: Session, token: str, secret_key: str) -> Booking:
    """Return the booking that this private link opens, as mailed or without the proof.

    Raises NotFound, also for a wrong proof.
    """
    link, _, proof = token.partition("/")
    row = session.execute(_BY_REF, {"ref": tokens.ref_of(link)}).one_or_none()
    found = None if row is None else _from_columns(row)
    if found is None or not tokens.matches(link, link_token(found, secret_key)):
        raise NotFound
    if proof and not tokens.matches(proof, _proof(found, secret_key)):
        raise NotFound
    return found


def is_mailed(token: str) -> bool:
    """Whether a token that opens a booking is the one in a mail, with its proof."""
    return "/" in token


def by_answer_token(session: Session, token: str, secret_key: str) -> Booking:
    """Return the booking that the link in the host's mail answers; raise NotFound."""
    row = session.execute(_BY_REF, {"ref": tokens.ref_of(token)}).one_or_none()
    found = None if row is None else _from_columns(row)
    if found is None or not tokens.matches(token, _answer_token(found, secret_key)):
        raise NotFound
    return found


def of_host_by_ref(session: Session, host: Host, ref: str) -> Booking:
    """Return the host's booking of this public id; raise NotFound."""
    query = _BOOKINGS.where(BookingRow.ref == ref, BookingRow.host_id == host.id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _from_columns(row)


def by_ref(session: Session, ref: str) -> Booking | None:
    """Return the booking of this public id, None if there is none; asks for no permission."""
    row = session.execute(_BY_REF, {"ref": ref}).one_or_none()
    return None if row is None else _from_columns(row)


def of_host(
    session: Session,
    host: Host,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    statuses: Sequence[BookingStatus] = tuple(BookingStatus),
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[Booking]:
    """Return the host's bookings that meet [since, until), by start and id.

    `after` is the start and id of the last one on the page before.
    """
    query = (
        _BOOKINGS.where(BookingRow.host_id == host.id, BookingRow.status.in_(statuses))
        .order_by(BookingRow.starts_at, BookingRow.ref)
        .limit(limit)
    )
    if since is not None:
        query = query.where(BookingRow.starts_at > since - LONGEST, BookingRow.ends_at > since)
    if until is not None:
        query = query.where(BookingRow.starts_at < until)
    if after is not None:
        at, ref = after
        query = query.where(
            (BookingRow.starts_at > at) | ((BookingRow.starts_at == at) & (BookingRow.ref > ref))
        )
    return [_from_columns(row) for row in session.execute(query)]


def of_guest(session: Session, email: str, since: datetime) -> list[Booking]:
    """Return the bookings under this address that are still open and end after `since`."""
    query = _BOOKINGS.where(
        BookingRow.guest_email == email,
        BookingRow.starts_at > since - LONGEST,
        BookingRow.ends_at > since,
        BookingRow.status.in_(OPEN),
    ).order_by(BookingRow.starts_at, BookingRow.ref)
    return [_from_columns(row) for row in session.execute(query)]


def waiting(session: Session) -> list[Booking]:
    """Return all bookings that wait for an answer, those of one host together.

    The hosts come in the order in which every job locks them.
    """
    query = _BOOKINGS.where(BookingRow.status.in_(WAITING))
    query = query.order_by(BookingRow.host_id, BookingRow.starts_at, BookingRow.id)
    return [_from_columns(row) for row in session.execute(query)]


def link_token(booking: Booking, secret_key: str) -> str:
    """Return the token of the booking's private link."""
    return tokens.link(secret_key, LINK, booking.id, booking.generation)


def manage_path(booking: Booking, secret_key: str) -> str:
    """Return the page on which the guest sees, moves and cancels the booking."""
    return f"/bookings/{link_token(booking, secret_key)}/"


def mailed_path(booking: Booking, secret_key: str) -> str:
    """Return the same page as only mails to the guest link it: a POST there confirms the mailbox.

    `<token>/<proof>` is a token for `by_token` as well.
    """
    return f"{manage_path(booking, secret_key)}{_proof(booking, secret_key)}/"


def _proof(booking: Booking, secret_key: str) -> str:
    return tokens.proof(secret_key, PROOF, booking.id, booking.generation)


def answer_path(booking: Booking, secret_key: str) -> str:
    """Return the page on which the host answers a request without signing in."""
    return f"/bookings/answer/{_answer_token(booking, secret_key)}/"


def _answer_token(booking: Booking, secret_key: str) -> str:
    return tokens.link(secret_key, ANSWER_LINK, booking.id, booking.generation)


def _from_columns(row: Row[*tuple[Any, ...]]) -> Booking:
    """Return the booking of a row of `_BOOKINGS`."""
    booked = _Booked(row.slug, row.title, row.change_until * MINUTE, row.pending_minutes * MINUTE)
    return _booking(row, row.row_id, booked)


def from_row(row: Row[*tuple[Any, ...]] | BookingRow, office_hours: OfficeHours) -> Booking:
    """Return the booking of a complete row, as it is in memory."""
    booked = _Booked(
        office_hours.slug,
        office_hours.title,
        office_hours.change_until,
        office_hours.pending_minutes,
    )
    return _booking(row, row.id, booked)


def entry(row: Row[*tuple[Any, ...]] | BookingRow) -> EntryDetails | None:
    """Return what calendars say of the booking of a row; None for one of an older release."""
    return EntryDetails(**row.entry) if row.entry else None


def _booking(row: Row[*tuple[Any, ...]] | BookingRow, row_id: int, booked: _Booked) -> Booking:
    return Booking(
        row_id=row_id,
        id=row.ref,
        uid=row.uid,
        host_id=row.host_id,
        office_hours_id=row.office_hours_id,
        office_hours=booked.slug,
        title=booked.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        host_zone=row.host_zone,
        status=BookingStatus(row.status),
        guest_name=row.guest_name,
        guest_email=row.guest_email,
        guest_zone=row.guest_zone,
        answers=row.answers,
        reason=row.reason,
        change_until=row.starts_at - booked.change_until,
        sequence=row.sequence,
        generation=row.generation,
        placed_at=row.placed_at,
        revised_at=row.revised_at,
        entry=entry(row),
        displaced_to=row.displaced_to,
        absent_at=row.absent_at,
        answer_lead=booked.answer_lead,
    )
