"""Match rows of the talks CSV to events, by the date on which these take place now."""

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
        for stored in sorted(listed.stored_events.values(), key=lambda each: each.key):
            if stored.starts_at is not None:
                starts = walltime.wall(stored.starts_at, zone)
                self.on.setdefault(starts.date(), []).append((starts, stored))

    def assigned(self, rows: Iterable[CsvRow]) -> Iterator[tuple[EventTarget | str, list[CsvRow]]]:
        """Yield the rows of each date and time with their event, or why there is none.

        Rows that name an event's very time come first, so that no other row takes it from them.
        """
        groups: dict[tuple[str, time | None], list[CsvRow]] = {}
        for row in rows:
            groups.setdefault((row.written, row.at), []).append(row)
        exact = {at: self._exact(group[0]) for at, group in groups.items()}
        self.claimed |= {target.key for target in exact.values() if target}
        for at, group in groups.items():
            try:
                yield exact[at] or self._nearest(group[0]), group
            except RowRefused as refusal:
                yield str(refusal), group

    def _exact(self, row: CsvRow) -> EventTarget | None:
        if row.day is None:
            return self.listed.target_of(row.written)
        if row.at is None:
            return None
        for starts, stored in self._today(row.day):
            if starts.time() == row.at and not stored.all_day:
                return self.listed.target_of(stored.key)
        slot = self._rowless(row.day)
        alike = slot is not None and slot.starts.time() == row.at
        return self.listed.target_of(row.written, row.day) if alike else None

    def _nearest(self, row: CsvRow) -> EventTarget:
        """Return the event of that date: its own, one moved there, its own moved away, an extra."""
        if row.day is None:
            return self.listed.target_of(row.written)
        own = row.written
        today = [stored for _, stored in self._today(row.day) if stored.key not in self.claimed]
        standing = [stored.key for stored in today if stored.status != EventStatus.CANCELLED]
        rowless = self._rowless(row.day)
        choices = [key for key in standing if key == own]
        choices += [own] if rowless else []
        choices += standing
        choices += [stored.key for stored in today]
        choices += [own] if row.at is None and own in self.listed.stored_events else []
        for key in choices:
            if key not in self.claimed:
                self.claimed.add(key)
                return self.listed.target_of(key, row.day if rowless and key == own else None)
        return self._extra(row.day)

    def _extra(self, day: date) -> EventTarget:
        try:
            key = event_keys.next_free_key(
                self.series, day, self.claimed | self.listed.stored_events.keys()
            )
        except event_keys.KeyRefused as refusal:
            raise RowRefused(f"date: {refusal}") from None
        self.claimed.add(key)
        return self.listed.target_of(key)

    def _today(self, day: date) -> list[tuple[datetime, StoredEvent]]:
        return self.on.get(day, [])

    def _rowless(self, day: date) -> Slot | None:
        if day.isoformat() in self.listed.stored_events:
            return None
        return event_time.rule_slot(self.series.timetable, day)
