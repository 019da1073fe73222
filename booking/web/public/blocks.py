"""Blocks on other areas' pages: hosts who are free next, and the reader's bookings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.queries import Viewer
from accounts.web.viewer import actor, required_viewer
from booking.domain.bookings import OPEN, Booking
from booking.domain.hosts import Host
from booking.queries import bookings, next_starts
from booking.queries import hosts as host_queries
from core.http import current
from core.http.blocks import Block

MOST_HOSTS = 6


@dataclass(frozen=True, slots=True)
class Meeting:
    """A booking on an agenda: with `other`, in `zone`, on the page at `path`."""

    booking: Booking
    other: str
    zone: str
    path: str


def _talk(session: Session, now: datetime) -> Mapping[str, object]:
    """Return the hosts who are free first."""
    found = next_starts.next_starts(session, host_queries.directory(session, actor()), now)
    free = [
        (each.next.next_at, each)
        for each in found
        if each.next is not None and each.next.next_at is not None
    ]
    return {
        "found": [each for _, each in sorted(free, key=lambda pair: pair[0])][:MOST_HOSTS],
        "hosts": len(found),
    }


talk_to_someone = Block("booking/talk-block.html", _talk)


def _agenda(session: Session, now: datetime) -> Mapping[str, object]:
    """Return the bookings of the signed-in reader, as guest and as host, by start."""
    reader = required_viewer()
    meetings = [*_as_guest(session, reader, now), *_as_host(session, reader, now)]
    return {"meetings": sorted(meetings, key=lambda each: each.booking.starts_at)}


agenda = Block("booking/agenda-block.html", _agenda)


def _as_guest(session: Session, reader: Viewer, now: datetime) -> list[Meeting]:
    hosts = {host.id: host for host in host_queries.every(session)}
    secret_key = current.settings().secret_key
    return [
        Meeting(
            booking,
            hosts[booking.host_id].name,
            reader.zone or booking.guest_zone,
            bookings.manage_path(booking, secret_key),
        )
        for booking in bookings.of_guest(session, reader.email, now)
    ]


def _as_host(session: Session, reader: Viewer, now: datetime) -> list[Meeting]:
    return [
        Meeting(booking, booking.guest_name, _zone(host, reader, booking), "/host/")
        for host in host_queries.of_person(session, reader.person_id)
        for booking in bookings.of_host(session, host, now, statuses=OPEN)
    ]


def _zone(host: Host, reader: Viewer, booking: Booking) -> str:
    return reader.zone or host.zone_at(booking.starts_at)
