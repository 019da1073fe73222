"""Convert events to calendar entries."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from core import time_format, zones
from core.time_format import HourClock
from core.words import shortened
from scheduler.domain.events import Event, EventStatus
from scheduler.domain.links import Link
from scheduler.domain.talks import Talk
from scheduler.ical import CalendarEvent, Status

ABSTRACT_LENGTH = 1500
CANCELLED = "Cancelled: "
STATUS = {
    EventStatus.OPEN: Status.TENTATIVE,
    EventStatus.TENTATIVE: Status.TENTATIVE,
    EventStatus.SCHEDULED: Status.CONFIRMED,
    EventStatus.CANCELLED: Status.CANCELLED,
}


def join_path(event: Event) -> str:
    """Return the address that redirects to the meeting, also after its link changes."""
    return f"/events/{event.id}/join"


def calendar_entry(
    event: Event, base_url: str, *, mark_cancelled: bool = False
) -> CalendarEvent | None:
    """Return the entry of `event`, None where its date is not known.

    `mark_cancelled` keeps a cancelled one visible in calendars that hide STATUS:CANCELLED.
    """
    starts_at, ends_at = _span(event)
    if starts_at is None or ends_at is None:
        return None
    url = base_url + event.path
    cancelled = event.status is EventStatus.CANCELLED
    return CalendarEvent(
        uid=event.uid,
        sequence=event.sequence,
        changed_at=event.changed_at,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=CANCELLED + event.title if cancelled else event.title,
        description="\n\n".join(_paragraphs(event, url)),
        url=url,
        location=event.location or "",
        conference=base_url + join_path(event) if event.join_url else "",
        status=Status.CONFIRMED if cancelled and mark_cancelled else STATUS[event.status],
        transparent=cancelled or event.status is EventStatus.OPEN,
        categories=(event.series.short_name,),
    )


def _span(event: Event) -> tuple[date | None, date | None]:
    if event.all_day and event.starts is not None:
        first = event.starts.date()
        return first, first + timedelta(days=event.days)
    return event.starts_at, event.ends_at


def _paragraphs(event: Event, url: str) -> Iterator[str]:
    zone = event.series.zone
    if event.status is EventStatus.CANCELLED:
        yield _with_reason("Cancelled", event.reason)
    elif event.moved_from is not None and event.date is not None:
        other_day = f"Moved from {time_format.day_long(event.date)}"
        change = other_day if event.is_on_another_day else "Moved to another hour"
        yield _with_reason(change, event.reason)
    elif event.reason:
        yield event.reason
    if event.status is EventStatus.OPEN:
        yield "No one has this date yet. Know someone?"
    for talk, at in event.running_order:
        begins = f"{time_format.clock(at, zone, HourClock.H24)} in {zones.city(zone)}" if at else ""
        yield from _about(talk, begins)
    if event.registration_url:
        yield f"Sign up: {event.registration_url}"
    if event.links:
        yield "\n".join(_link_lines(event.links))
    yield f"{event.series.name}\n{url}"


def _with_reason(change: str, reason: str | None) -> str:
    return f"{change}: {reason}" if reason else f"{change}."


def _about(talk: Talk, begins: str) -> Iterator[str]:
    by = [", ".join(filter(None, (each.name, each.affiliation))) for each in talk.speakers]
    if title := "\n".join(filter(None, (begins, talk.title, "; ".join(by)))):
        yield title
    if talk.abstract:
        yield shortened(talk.abstract.strip(), ABSTRACT_LENGTH)
    links = (("Paper", talk.paper_url), ("Slides", talk.slides_url), ("Video", talk.video_url))
    own = [f"{name}: {address}" for name, address in links if address]
    if said := "\n".join([*own, *_link_lines(talk.links)]):
        yield said


def _link_lines(links: Iterable[Link]) -> list[str]:
    return [f"{link.label}: {link.url}" for link in links]
