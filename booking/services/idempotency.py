"""Idempotency keys: the same request within a day gets its first answer and books nothing more."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.orm import Session

from booking.domain.booking_requests import BookingRequest
from booking.domain.bookings import Booking
from booking.domain.minutes import in_minutes
from booking.domain.office_hours import OfficeHours
from booking.models import IdempotencyKey
from core.db.base import Base
from core.db.fast_sql import PendingInsert
from core.jobs import Job
from core.refusals import Invalid

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
FIELD = "idempotency_key"

_DELETE = delete(IdempotencyKey).where(
    IdempotencyKey.office_hours_id == bindparam("office_hours_id"),
    IdempotencyKey.key == bindparam("key"),
)
KEYS: Table = Base.metadata.tables["idempotency_keys"]


@dataclass(frozen=True, slots=True)
class EarlierBooking:
    """The booking that an earlier request with the same key made.

    `ref` is the booking's public id; `status`, `starts_at` and `ends_at` are the first answer.
    """

    ref: str
    body_hash: str
    created_at: datetime
    status: str
    starts_at: datetime
    ends_at: datetime


def require_valid(key: str | None) -> None:
    """Raise Invalid for an empty key and for one that is too long."""
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise Invalid({FIELD: f"must be 1 to {LONGEST_KEY} characters"})


def is_repeated(earlier: EarlierBooking, request: BookingRequest, now: datetime) -> bool:
    """Whether `request` made the earlier booking, less than a day ago.

    Raises Invalid for another request with the same key.
    """
    if earlier.created_at <= now - KEPT:
        return False
    if earlier.body_hash != _hash(request):
        raise Invalid({FIELD: "was sent before with another request: please use a new one"})
    return True


def delete_key(session: Session, office_hours: OfficeHours, key: str) -> None:
    """Delete the key, so that it can be used again."""
    session.execute(_DELETE, {"office_hours_id": office_hours.id, "key": key})


def entry(booking: Booking, key: str, request: BookingRequest, now: datetime) -> PendingInsert:
    """Return the row, still to be inserted, that keeps the first answer to a request."""
    values = {
        "office_hours_id": booking.office_hours_id,
        "key": key,
        "body_hash": _hash(request),
        "booking_id": booking.row_id,
        "created_at": now,
        "status": booking.status,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
    }
    return PendingInsert(KEYS, values)


def delete_expired(session: Session, now: datetime) -> int:
    """Delete the keys that are a day old or older; return how many."""
    result = session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


def has_old(session: Session, now: datetime) -> bool:
    """Whether there is any key older than a day."""
    old = select(IdempotencyKey.key).where(IdempotencyKey.created_at <= now - KEPT)
    return session.scalar(old.limit(1)) is not None


DELETE_EXPIRED = Job("booking requests", timedelta(hours=1), delete_expired, has_work=has_old)


def _hash(request: BookingRequest) -> str:
    minutes = None if request.minutes is None else in_minutes(request.minutes)
    written = {
        "starts_at": request.starts_at.astimezone(UTC).isoformat(),
        "minutes": minutes,
        "name": request.name,
        "email": request.email,
        "zone": request.zone,
        "answers": dict(request.answers),
    }
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
