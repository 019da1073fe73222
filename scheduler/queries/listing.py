"""Pages of a list of events: the matches in a window, after a position."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.domain.events import Event, Series
from scheduler.domain.interval import Interval
from scheduler.queries.events import events_between
from scheduler.queries.loading import Reader

FIRST_SPAN = timedelta(days=366)

ListPosition = tuple[datetime, str]
"""The position of an event in a list: its start, then its UID."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Events of `series` that meet `window`, with this topic and these words in them, if any."""

    series: Sequence[Series]
    window: Interval
    topic: str = ""
    words: str = ""

    def has(self, event: Event) -> bool:
        """Whether the event has the topic and the words; case does not matter."""
        topics = {topic.casefold() for talk in event.talks for topic in talk.topics}
        if self.topic and self.topic.casefold() not in topics:
            return False
        return self.words.casefold() in "\n".join(_texts(event)).casefold()


def page(
    reader: Reader, matching: EventFilter, now: datetime, *, after: ListPosition | None, limit: int
) -> tuple[list[Event], ListPosition | None]:
    """Return at most `limit` events by start, and the position of the last if there are more.

    The window is read in spans, so that the first page of a long one costs no more than a year.
    """
    window, seen = matching.window, after
    start = max(window.start, after[0]) if after else window.start
    span = FIRST_SPAN
    page_events: list[Event] = []
    while start < window.end and len(page_events) <= limit:
        end = min(start + span, window.end)
        events = events_between(
            reader,
            matching.series,
            Interval(start, end),
            now,
            open_until=end,
            rowless_until=end,
        )
        page_events += [
            event
            for event in events
            if (seen is None or _position(event) > seen) and matching.has(event)
        ]
        seen = (end, "")  # an event that reaches into the next span was found in this one
        start, span = end, span * 2
    last = _position(page_events[limit - 1]) if len(page_events) > limit else None
    return page_events[:limit], last


def _position(event: Event) -> ListPosition:
    return event.starts_at or event.changed_at, event.uid


def _texts(event: Event) -> Iterator[str]:
    yield event.title
    yield event.series.name
    for talk in event.talks:
        yield from filter(None, (talk.title, talk.abstract, *talk.topics))
        for speaker in talk.speakers:
            yield from filter(None, (speaker.name, speaker.affiliation))
