"""Requests that made a booking, kept for a day, so that a repeated one makes no second."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from booking.domain.hosts import OfficeHours
from booking.models import BookingRow, IdempotencyKey
from booking.requests import BookingRequest
from core.db import Base
from core.refusals import Invalid

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
FIELD = "idempotency_key"

_ASKED = (
    IdempotencyKey.office_hours_id == bindparam("office_hours_id"),
    IdempotencyKey.key == bindparam("key"),
)
_MADE = (
    select(IdempotencyKey.body_hash, IdempotencyKey.created_at, BookingRow.ref)
    .join(BookingRow, BookingRow.id == IdempotencyKey.booking_id)
    .where(*_ASKED)
)
_FORGET_ONE = delete(IdempotencyKey).where(*_ASKED)
_KEEP = insert(Base.metadata.tables["idempotency_keys"])


def find(
    session: Session, office_hours: OfficeHours, key: str, request: BookingRequest, now: datetime
) -> str | None:
    """Return the public id of what the same request made with this key, None if it made nothing.

    Raises Invalid for another request with the same key, and for an endless key.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid({FIELD: f"must be 1 to {LONGEST_KEY} characters"})
    values = {"office_hours_id": office_hours.id, "key": key}
    found = session.execute(_MADE, values).one_or_none()
    if found is None:
        return None
    body_hash, created_at, ref = found
    if created_at <= now - KEPT:
        session.execute(_FORGET_ONE, values)
        return None
    if body_hash != _hash(request):
        raise Invalid({FIELD: "was sent before with another request: please use a new one"})
    return str(ref)


def keep(session: Session, row: BookingRow, key: str, request: BookingRequest) -> None:
    """Remember what `request` made with this key, for which `find` found nothing."""
    values = {
        "office_hours_id": row.office_hours_id,
        "key": key,
        "body_hash": _hash(request),
        "booking_id": row.id,
        "created_at": row.created_at,
    }
    session.execute(_KEEP, values)


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
