"""Match rows of the talks CSV to events: by key, else by date, then by time, then by title."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from core import zones
from scheduler.domain import event_keys, event_time, talk_pairs, walltime
from scheduler.domain.events import EventStatus
from scheduler.domain.occurrences import StoredEvent
from scheduler.files.talks_table import CsvRow
from scheduler.services.event_lists import EventList
from scheduler.services.event_writer import EventTarget


@dataclass(slots=True)
class EventRows:
    """The rows of one event, each with the position of the talk that it is about, if known."""

    target: EventTarget
    rows: list[tuple[CsvRow, int | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that rows of a date may be about.

    It takes place on that date (`is_here`) or did so before it was moved. `at` is the wall time at
    which it starts now, `former` at which the rule had put it; None is unknown, or all day.
    """

    target: EventTarget
    is_here: bool
    at: time | None
    former: time | None

    @property
    def key(self) -> str:
        """The key of the event."""
        return self.target.key

    @property
    def stands(self) -> bool:
        """Whether it is not cancelled."""
        stored = self.target.stored
        return stored is None or stored.status != EventStatus.CANCELLED

    def fits(self, at: time | None) -> bool:
        """Whether it starts at that time of day, or did so; None is any time."""
        if at is None or at in (self.at, self.former):
            return True
        return not self.is_here and self.former is None


class EventMatcher:
    """The events of a series, and the rows that were matched to them."""

    def __init__(self, listed: EventList) -> None:
        self.listed = listed
        self.series = listed.series
        self.events: dict[str, EventRows] = {}
        self.taken_keys = set(listed.stored_events)
        self.taken_talks: set[tuple[str, int]] = set()
        self.unmatched: list[CsvRow] = []
        self.on: dict[date, dict[str, StoredEvent]] = defaultdict(dict)
        zone = zones.zone(self.series.zone)
        for stored in sorted(listed.stored_events.values(), key=_order):
            if stored.starts_at is not None:
                self.on[walltime.wall(stored.starts_at, zone).date()][stored.key] = stored
        for stored in sorted(listed.stored_events.values(), key=_order):
            day = event_keys.date_of(stored.key)
            if day is not None:
                self.on[day].setdefault(stored.key, stored)

    def matched(self, rows: Iterable[CsvRow]) -> Iterator[EventRows]:
        """Yield events with their rows in the order of the table."""
        by_day: dict[date, list[CsvRow]] = defaultdict(list)
        by_key: dict[str, list[CsvRow]] = defaultdict(list)
        for row in rows:
            if row.day is None or row.key:
                by_key[row.key or row.written].append(row)
            else:
                by_day[row.day].append(row)
        for key, own in by_key.items():
            self._give_keyed(key, own)
        days = [_Day(self, day, own) for day, own in by_day.items()]
        for step in STEPS:
            for each in days:
                step(each)
        self.unmatched = [row for each in days for row in each.rows.values()]
        for event in self.events.values():
            event.rows.sort(key=lambda given: given[0].line)
            yield event

    def candidates(self, day: date) -> list[Candidate]:
        """Return the events that rows of `day` may be about, the likeliest first."""
        stored = [self._candidate(each, day) for each in self.on.get(day, {}).values()]
        slot = None
        if day.isoformat() not in self.listed.stored_events:
            slot = event_time.rule_slot(self.series.timetable, day)
        if slot is not None:
            target = self.listed.target_of(day.isoformat(), day)
            stored.insert(0, Candidate(target, True, slot.starts.time(), None))
        own = day.isoformat()
        return sorted(stored, key=lambda each: (not each.is_here, not each.stands, each.key != own))

    def give(self, target: EventTarget, row: CsvRow, talk: int | None) -> None:
        """Match the row to an event and, if it is known, to one of its talks."""
        self.events.setdefault(target.key, EventRows(target)).rows.append((row, talk))
        if talk is not None:
            self.taken_talks.add((target.key, talk))

    def pairs(
        self, rows: Sequence[CsvRow], targets: Iterable[EventTarget]
    ) -> Iterator[tuple[CsvRow, EventTarget, int]]:
        """Yield the rows that are about a talk of these events."""
        by_key = {target.key: target for target in targets}
        known = [
            ((target.key, position), talk)
            for target in by_key.values()
            for position, talk in enumerate(target.stored.talks if target.stored else ())
            if (target.key, position) not in self.taken_talks
        ]
        wanted = [(row, row.talk) for row in rows]
        for row, (key, position) in talk_pairs.pairs(wanted, known):
            yield row, by_key[key], position

    def added(self, day: date) -> EventTarget | None:
        """Return a new extra event on `day`, None when there are too many."""
        try:
            key = event_keys.next_free_key(self.series, day, self.taken_keys)
        except event_keys.KeyRefused:
            return None
        self.taken_keys.add(key)
        return self.listed.target_of(key)

    def _give_keyed(self, key: str, rows: list[CsvRow]) -> None:
        day = event_keys.date_of(key)
        by_rule = day is not None and key == day.isoformat()
        if not by_rule or not event_time.rule_slot(self.series.timetable, day):
            day = None
        target = self.listed.target_of(key, day)
        self.taken_keys.add(key)
        found = {row.line: talk for row, _, talk in self.pairs(rows, [target])}
        for row in rows:
            self.give(target, row, found.get(row.line))

    def _candidate(self, stored: StoredEvent, day: date) -> Candidate:
        target = self.listed.target_of(stored.key)
        slot = event_time.rule_slot(self.series.timetable, stored.date)
        former = slot.starts.time() if slot and slot.date == day else None
        if stored.starts_at is None:
            return Candidate(target, False, None, former)
        starts = walltime.wall(stored.starts_at, zones.zone(self.series.zone))
        at = None if stored.all_day else starts.time()
        return Candidate(target, starts.date() == day, at, former)


class _Day:
    """The rows of one date without a key, of which each step matches some to events.

    A home is the event that rows of one time have; further rows of that time are its talks too.
    """

    def __init__(self, matcher: EventMatcher, day: date, rows: list[CsvRow]) -> None:
        self.matcher = matcher
        self.day = day
        self.rows = {row.line: row for row in rows}
        self.candidates = matcher.candidates(day)
        self.homes: dict[time | None, EventTarget] = {}

    def by_time_and_talk(self) -> None:
        """Match rows to talks of events that fit their time."""
        by_time: dict[time | None, list[CsvRow]] = defaultdict(list)
        for row in self.rows.values():
            by_time[row.at].append(row)
        for at, rows in by_time.items():
            self._give_pairs(rows, [each for each in self.candidates if each.fits(at)])

    def by_time(self) -> None:
        """Match rows with a time to events which start then and have no row yet."""
        for row in self._rest():
            if row.at is not None:
                self._give(row, self._free(each for each in self.candidates if each.at == row.at))

    def by_talk(self) -> None:
        """Match rows with a time to talks of events that start at another time now."""
        self._give_pairs([row for row in self._rest() if row.at is not None], self.candidates)

    def by_date(self) -> None:
        """Match rows without a time to what is on that date."""
        for row in self._rest():
            if row.at is None:
                free = self._free(each for each in self.candidates if each.is_here)
                self._give(row, self.homes.get(None) or free)

    def by_former_date(self) -> None:
        """Match rows to what was moved away from their date and time."""
        for row in self._rest():
            free = self._free(each for each in self.candidates if each.fits(row.at))
            self._give(row, self._home(row) or free)

    def by_rule(self) -> None:
        """Match rows with an unusual time to what the rule gives, else to extra events."""
        for row in self._rest():
            free = self._free(each for each in self.candidates if each.target.stored is None)
            self._give(row, self._home(row) or free or self.matcher.added(self.day))

    def _rest(self) -> list[CsvRow]:
        return list(self.rows.values())

    def _free(self, wanted: Iterable[Candidate]) -> EventTarget | None:
        """Return the first of the wanted events that has no row yet."""
        given = self.matcher.events
        return next((each.target for each in wanted if each.key not in given), None)

    def _home(self, row: CsvRow) -> EventTarget | None:
        """Return the event of rows with the same time, or with a key, or without a time."""
        if row.at in self.homes:
            return self.homes[row.at]
        for each in self.candidates:
            given = self.matcher.events.get(each.key)
            if given and each.is_here and row.at in (None, each.at):
                others = [other for other, _ in given.rows]
                if all(other.key or other.at in (None, row.at) for other in others):
                    return each.target
        return None

    def _give_pairs(self, rows: list[CsvRow], candidates: list[Candidate]) -> None:
        here = {each.key for each in candidates if each.is_here}
        targets = [each.target for each in candidates]
        for row, target, talk in list(self.matcher.pairs(rows, targets)):
            if target.key in here:
                self.homes.setdefault(row.at, target)
            del self.rows[row.line]
            self.matcher.give(target, row, talk)

    def _give(self, row: CsvRow, target: EventTarget | None) -> None:
        if target is not None:
            self.homes.setdefault(row.at, target)
            del self.rows[row.line]
            self.matcher.give(target, row, None)


STEPS = (
    *(_Day.by_time_and_talk, _Day.by_time, _Day.by_talk),
    *(_Day.by_date, _Day.by_former_date, _Day.by_rule),
)


def _order(stored: StoredEvent) -> tuple[str, str]:
    return stored.starts_at.isoformat() if stored.starts_at else "", stored.key
