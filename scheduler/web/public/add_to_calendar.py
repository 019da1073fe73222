"""The links that put one event into a calendar."""

from dataclasses import dataclass

from scheduler import calendar_entries
from scheduler.domain import calendar_links
from scheduler.domain.calendar_links import LinkedEvent
from scheduler.domain.events import Event, EventStatus


@dataclass(frozen=True, slots=True)
class AddLinks:
    """A file for any calendar program, and the addresses of two that live on the web."""

    file: str
    google: str
    outlook: str


def add_links(event: Event, base_url: str) -> AddLinks | None:
    """Return the links, None for an event that does not go into calendars."""
    written = calendar_entries.calendar_entry(event, base_url)
    if written is None or event.status is EventStatus.CANCELLED:
        return None
    if event.starts_at is None or event.ends_at is None:
        return None
    entry = LinkedEvent(
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        description=written.url,
        location=written.location or written.conference,
    )
    file = event.path.removesuffix("/") + ".ics"
    return AddLinks(file, calendar_links.google(entry), calendar_links.outlook(entry))
