"""The next open start of each of many office hours, read in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.domain import no_starts, slots
from booking.domain.hosts import Host
from booking.domain.minutes import in_minutes
from booking.domain.no_starts import NoStarts
from booking.domain.office_hours import OfficeHours
from booking.domain.slots import Availability
from booking.queries import availability
from booking.queries.hosts import HostListing
from scheduler.domain.interval import Interval

SOON, AHEAD = timedelta(days=14), timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Bookable:
    """Office hours, their page, and their first free start of the next two months.

    Without one `none_because` says why.
    """

    office_hours: OfficeHours
    path: str
    next_at: datetime | None
    none_because: NoStarts | None

    @property
    def lengths(self) -> str:
        """The lengths in words: "20 or 40 minutes"."""
        minutes = [str(in_minutes(each)) for each in self.office_hours.minutes]
        return f"{' or '.join(minutes)} minutes"


@dataclass(frozen=True, slots=True)
class HostWithStarts:
    """A host with the office hours that the reader may find."""

    host: Host
    bookable: tuple[Bookable, ...]

    @property
    def next(self) -> Bookable | None:
        """The office hours that are free first, None if nothing is."""
        free = [(each.next_at, each) for each in self.bookable if each.next_at is not None]
        return min(free, key=lambda pair: pair[0])[1] if free else None


def next_starts(
    session: Session, listed: Sequence[HostListing], now: datetime
) -> list[HostWithStarts]:
    """Return the hosts in the same order, with the next free start of each office hours."""
    pairs = [(each.host, office_hours) for each in listed for office_hours in each.office_hours]
    found = availability.for_each(session, pairs, Interval(now, now + AHEAD), now)
    deciding = {office_hours.id: each for (_, office_hours), each in zip(pairs, found, strict=True)}
    return [
        HostWithStarts(
            each.host,
            tuple(
                _bookable(each.host, office_hours, deciding[office_hours.id], now)
                for office_hours in each.office_hours
            ),
        )
        for each in listed
    ]


def _bookable(
    host: Host, office_hours: OfficeHours, found: Availability, now: datetime
) -> Bookable:
    next_at = _next(found, now)
    why = no_starts.reason(found, Interval(now, now + AHEAD)) if next_at is None else None
    return Bookable(office_hours, host.path_of(office_hours), next_at, why)


def _next(found: Availability, now: datetime) -> datetime | None:
    for within in (Interval(now, now + SOON), Interval(now + SOON, now + AHEAD)):
        starts = slots.open_starts(found, within)
        if starts:
            return starts[0]
    return None
