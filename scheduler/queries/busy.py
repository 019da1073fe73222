"""Busy times of people: the events that they organize or speak at."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from scheduler.domain import occurrences
from scheduler.domain.events import EventStatus
from scheduler.domain.interval import Interval
from scheduler.domain.occurrences import RowlessUntil
from scheduler.models import EventRow, SeriesRow, SpeakerRow, TalkRow, series_organizers
from scheduler.queries.around import stored_events_around
from scheduler.queries.loading import Reader, load_outlines, load_series

TAKING_PLACE = (EventStatus.SCHEDULED, EventStatus.TENTATIVE)

_ORGANIZERS = select(series_organizers.c.series_id, series_organizers.c.person_id).where(
    series_organizers.c.person_id.in_(bindparam("person_ids", expanding=True))
)
_SPEAKING = (
    select(SpeakerRow.email, EventRow.starts_at, EventRow.ends_at)
    .join(TalkRow, TalkRow.id == SpeakerRow.talk_id)
    .join(EventRow, EventRow.id == TalkRow.event_id)
    .where(
        SpeakerRow.email.in_(bindparam("emails", expanding=True)),
        EventRow.status.in_(TAKING_PLACE),
        EventRow.starts_at < bindparam("until"),
        EventRow.ends_at > bindparam("from"),
    )
)


@dataclass(frozen=True, slots=True)
class Attendant:
    """A person to look up: organizers have an id, speakers an address."""

    person_id: int
    email: str


def busy_times(
    reader: Reader, people: Collection[Attendant], window: Interval, now: datetime
) -> Mapping[int, list[Interval]]:
    """Return the busy intervals of each person in `window`, by `person_id`, unsorted.

    Events that are scheduled or tentative count, all-day ones too; open slots do not.
    """
    busy: dict[int, list[Interval]] = defaultdict(list)
    if not people:
        return busy
    by_email = {each.email: each.person_id for each in people}
    values = {"emails": list(by_email), "from": window.start, "until": window.end}
    for email, starts_at, ends_at in reader.execute(_SPEAKING, values):
        if email and starts_at and ends_at:
            busy[by_email[email]].append(Interval(starts_at, ends_at))
    for person_id, interval in _organizing(reader, people, window, now):
        busy[person_id].append(interval)
    return busy


def _organizing(
    reader: Reader, people: Collection[Attendant], window: Interval, now: datetime
) -> Iterator[tuple[int, Interval]]:
    ids = [each.person_id for each in people]
    own = select(series_organizers.c.series_id).where(series_organizers.c.person_id.in_(ids))
    series = load_series(reader, SeriesRow.id.in_(own))
    if not series:
        return
    organizers = _organizers(reader, ids, [each.id for each in series])
    stored_events = stored_events_around(reader, series, window, load_outlines)
    ahead = RowlessUntil(now, window.end)
    for each in series:
        for event in occurrences.events(each, stored_events[each.id], window, now, ahead):
            if event.status in TAKING_PLACE and event.starts_at and event.ends_at:
                for person_id in organizers[each.id]:
                    yield person_id, Interval(event.starts_at, event.ends_at)


def _organizers(
    reader: Reader, person_ids: list[int], series_ids: list[int]
) -> Mapping[int, list[int]]:
    """Return which of these people organize each series; a single one needs no statement."""
    if len(person_ids) == 1:
        return dict.fromkeys(series_ids, person_ids)
    organizers: dict[int, list[int]] = defaultdict(list)
    for series_id, person_id in reader.execute(_ORGANIZERS, {"person_ids": person_ids}):
        organizers[series_id].append(person_id)
    return organizers
