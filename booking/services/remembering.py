"""Requests that made a booking, kept for a day, so that a repeated one makes no second."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, bindparam, delete
from sqlalchemy.orm import Session

from booking.domain.hosts import Booking, OfficeHours
from booking.models import IdempotencyKey
from booking.requests import BookingRequest
from core.db import Base, New
from core.refusals import Invalid

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
FIELD = "idempotency_key"

_FORGET_ONE = delete(IdempotencyKey).where(
    IdempotencyKey.office_hours_id == bindparam("office_hours_id"),
    IdempotencyKey.key == bindparam("key"),
)
KEYS: Table = Base.metadata.tables["idempotency_keys"]


@dataclass(frozen=True, slots=True)
class Made:
    """The booking, by its public id, that a request made, and what there is to know it by."""

    ref: str
    body_hash: str
    created_at: datetime


def require_key(key: str | None) -> None:
    """Raise Invalid for an empty and for an endless key."""
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise Invalid({FIELD: f"must be 1 to {LONGEST_KEY} characters"})


def is_repeated(made: Made, request: BookingRequest, now: datetime) -> bool:
    """Whether `request` is the one that made a booking with the same key, less than a day ago.

    Raises Invalid for another request with that key.
    """
    if made.created_at <= now - KEPT:
        return False
    if made.body_hash != _hash(request):
        raise Invalid({FIELD: "was sent before with another request: please use a new one"})
    return True


def forget_one(session: Session, office_hours: OfficeHours, key: str) -> None:
    """Forget what was made with this key, so that it can be used again."""
    session.execute(_FORGET_ONE, {"office_hours_id": office_hours.id, "key": key})


def memory(booking: Booking, key: str, request: BookingRequest, now: datetime) -> New:
    """Return what is to be kept of the request that made a booking with this key at `now`."""
    values = {
        "office_hours_id": booking.office_hours_id,
        "key": key,
        "body_hash": _hash(request),
        "booking_id": booking.row_id,
        "created_at": now,
    }
    return New(KEYS, values)


def forget(session: Session, now: datetime) -> int:
    """The job that deletes keys older than a day; return how many."""
    result = session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


def _hash(request: BookingRequest) -> str:
    minutes = None if request.lasts is None else request.lasts // timedelta(minutes=1)
    written = {
        "starts_at": request.starts_at.astimezone(UTC).isoformat(),
        "minutes": minutes,
        "name": request.name,
        "email": request.email,
        "zone": request.zone,
        "answers": dict(request.answers),
    }
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
