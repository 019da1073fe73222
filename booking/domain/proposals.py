"""Proposals: other starts that a host lets a guest choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from booking.domain.bookings import Booking
from core.fields import IsoInstant, Schema, ShortText, validate
from core.refusals import Invalid

LASTS = timedelta(hours=24)
MOST_STARTS = 10


class ProposalSchema(Schema):
    """Starts to choose from, and a word on why."""

    starts: Annotated[tuple[IsoInstant, ...], Field(min_length=1, max_length=MOST_STARTS)]
    reason: ShortText | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a host proposed for a booking that began at `instead_of`; open until `expires_at`."""

    starts: tuple[datetime, ...]
    instead_of: datetime
    reason: str | None
    proposed_at: datetime
    expires_at: datetime

    def is_open(self, booking: Booking, now: datetime) -> bool:
        """Whether the guest may still choose; not after the booking moved or ended."""
        return (
            booking.is_open(now) and booking.starts_at == self.instead_of and now < self.expires_at
        )


def parse(body: Mapping[str, object]) -> ProposalSchema:
    """Return the proposal that the API's object writes; raise Invalid with errors by field."""
    return validate(ProposalSchema, body)


def propose(
    booking: Booking, proposed: ProposalSchema, notice: timedelta, now: datetime
) -> Proposal:
    """Return the proposal, which ends after LASTS, or when the last start is too near to book it.

    It never outlives the booking, which ends or lapses meanwhile. Raises Invalid for a start that
    is the booking's own, and if the guest could not answer in time.
    """
    starts = tuple(sorted(set(proposed.starts)))
    if booking.starts_at in starts:
        raise Invalid({"starts": "has the time of the booking itself: choose other times"})
    last = starts[-1] - notice
    if last <= now:
        raise Invalid({"starts": "begin too soon to be answered: choose a later time"})
    expires_at = min(now + LASTS, last, booking.lapses_at or booking.ends_at)
    reason = proposed.reason or None
    return Proposal(starts, booking.starts_at, reason, now, expires_at)
