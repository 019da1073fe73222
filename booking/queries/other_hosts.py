"""What a guest can do whose booking is not to be: book the same again, or ask other hosts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.domain.hosts import Host, host_path
from booking.domain.office_hours import OfficeHours, Visibility
from booking.models import HostRow, OfficeHoursRow

MOST = 3

_TAKE_BOOKINGS = (
    select(HostRow.id, HostRow.name, HostRow.slug, HostRow.topics)
    .where(
        HostRow.paused.is_(False),
        exists().where(
            OfficeHoursRow.host_id == HostRow.id,
            OfficeHoursRow.visibility == Visibility.PUBLIC,
            OfficeHoursRow.closed.is_(False),
        ),
    )
    .order_by(HostRow.name, HostRow.slug)
)


@dataclass(frozen=True, slots=True)
class OtherHost:
    """A host, their page, and the topics that they share."""

    name: str
    path: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextSteps:
    """The page of the same office hours, "" if nobody can book them, and other hosts to ask."""

    again_path: str
    others: Sequence[OtherHost]


def next_steps(session: Session, host: Host, office_hours: OfficeHours) -> NextSteps:
    """Return what a guest of these office hours can do after a no."""
    again_path = "" if host.paused or office_hours.closed else host.path_of(office_hours)
    return NextSteps(again_path, sharing_topics(session, host))


def sharing_topics(session: Session, host: Host) -> Sequence[OtherHost]:
    """Return up to MOST other hosts that take bookings, those with most shared topics first."""
    if not host.topics:
        return ()
    found = [
        OtherHost(row.name, host_path(row.slug), shared)
        for row in session.execute(_TAKE_BOOKINGS)
        if row.id != host.id
        and (shared := tuple(name for name in host.topics if name in row.topics))
    ]
    return sorted(found, key=lambda each: -len(each.topics))[:MOST]
