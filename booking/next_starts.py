"""When each office hour is free next: read for all of them in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking import availability
from booking.domain import slots
from booking.domain.hosts import Host, OfficeHours
from booking.domain.slots import Availability
from booking.queries import HostListing
from scheduler.domain.interval import Interval

SOON, AHEAD = timedelta(days=14), timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Bookable:
    """An office hour, its page, and its first free start of the next two months."""

    office_hours: OfficeHours
    path: str
    next_at: datetime | None

    @property
    def lengths(self) -> str:
        """Its lengths in words: "20 or 40 minutes"."""
        minutes = [str(each // timedelta(minutes=1)) for each in self.office_hours.rules.lengths]
        return f"{' or '.join(minutes)} minutes"


@dataclass(frozen=True, slots=True)
class HostWithStarts:
    """A host with the office hours that the reader may find."""

    host: Host
    bookable: tuple[Bookable, ...]

    @property
    def next(self) -> Bookable | None:
        """The office hour that is free first, None if nothing is."""
        free = [(each.next_at, each) for each in self.bookable if each.next_at is not None]
        return min(free, key=lambda pair: pair[0])[1] if free else None


def next_starts(
    session: Session, listed: Sequence[HostListing], now: datetime
) -> list[HostWithStarts]:
    """Return the hosts in the order given, each office hour with its next free start."""
    offers = [(each.host, offer) for each in listed for offer in each.office_hours]
    ahead = Interval(now, now + AHEAD)
    read = availability.availabilities(session, offers, ahead, now)
    next_at = {
        offer.id: _next(situation, now) for (_, offer), situation in zip(offers, read, strict=True)
    }
    return [
        HostWithStarts(
            each.host,
            tuple(
                Bookable(offer, offer.path(each.host), next_at[offer.id])
                for offer in each.office_hours
            ),
        )
        for each in listed
    ]


def _next(situation: Availability, now: datetime) -> datetime | None:
    for within in (Interval(now, now + SOON), Interval(now + SOON, now + AHEAD)):
        starts = slots.open_starts(situation, within)
        if starts:
            return starts[0]
    return None
