"""Which event a row of the talks CSV speaks of: found by the date on which it is now."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from core import zones
from scheduler.domain import event_keys, event_time, walltime
from scheduler.domain.events import EventStatus
from scheduler.domain.occurrences import StoredEvent
from scheduler.domain.recurrence import Slot
from scheduler.files.talks_table import CsvRow, RowRefused
from scheduler.services.event_lists import EventList
from scheduler.services.event_writer import EventTarget


class EventMatcher:
    """The events of the series by the local date on which they are now."""

    def __init__(self, listed: EventList) -> None:
        self.listed = listed
        self.series = listed.series
        self.claimed: set[str] = set()
        self.on: dict[date, list[tuple[datetime, StoredEvent]]] = {}
        zone = zones.zone(self.series.zone)
        for record in sorted(listed.records.values(), key=lambda each: each.key):
            if record.starts_at is not None:
                starts = walltime.wall(record.starts_at, zone)
                self.on.setdefault(starts.date(), []).append((starts, record))

    def assigned(self, lines: Iterable[CsvRow]) -> Iterator[tuple[EventTarget | str, list[CsvRow]]]:
        """Yield the rows of each date and time with the event they speak of, or why there is none.

        Rows that name an event's very time come first, so that no other row takes it from them.
        """
        groups: dict[tuple[str, time | None], list[CsvRow]] = {}
        for line in lines:
            groups.setdefault((line.written, line.at), []).append(line)
        exact = {place: self._exact(group[0]) for place, group in groups.items()}
        self.claimed |= {target.key for target in exact.values() if target}
        for place, group in groups.items():
            try:
                yield exact[place] or self._nearest(group[0]), group
            except RowRefused as refusal:
                yield str(refusal), group

    def _exact(self, line: CsvRow) -> EventTarget | None:
        if line.day is None:
            return self._target(line.written)
        if line.at is None:
            return None
        for starts, record in self._today(line.day):
            if starts.time() == line.at and not record.all_day:
                return self._target(record.key)
        slot = self._rowless(line.day)
        alike = slot is not None and slot.starts.time() == line.at
        return self._target(line.written, line.day) if alike else None

    def _nearest(self, line: CsvRow) -> EventTarget:
        """Return the event of that date: its own, one moved there, its own wherever, an extra."""
        if line.day is None:
            return self._target(line.written)
        own = line.written
        today = [record for _, record in self._today(line.day) if record.key not in self.claimed]
        standing = [record.key for record in today if record.status != EventStatus.CANCELLED]
        rowless = self._rowless(line.day)
        choices = [key for key in standing if key == own]
        choices += [own] if rowless else []
        choices += standing
        choices += [record.key for record in today]
        choices += [own] if line.at is None and own in self.listed.records else []
        for key in choices:
            if key not in self.claimed:
                self.claimed.add(key)
                return self._target(key, line.day if rowless and key == own else None)
        return self._extra(line.day)

    def _extra(self, day: date) -> EventTarget:
        try:
            key = event_keys.next_free_key(
                self.series, day, self.claimed | self.listed.records.keys()
            )
        except event_keys.KeyRefused as refusal:
            raise RowRefused(f"date: {refusal}") from None
        self.claimed.add(key)
        return self._target(key)

    def _target(self, key: str, day: date | None = None) -> EventTarget:
        record = self.listed.records.get(key)
        return EventTarget(self.series, key, record.date if record else day, record)

    def _today(self, day: date) -> list[tuple[datetime, StoredEvent]]:
        return self.on.get(day, [])

    def _rowless(self, day: date) -> Slot | None:
        if day.isoformat() in self.listed.records:
            return None
        return event_time.rule_slot(self.series.timetable, day)
