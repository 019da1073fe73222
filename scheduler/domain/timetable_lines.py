"""Lines of a timetable side by side: which replaces which, which takes over, which collide."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice, pairwise

from core import zones
from scheduler.domain import recurrence
from scheduler.domain.recurrence import Period, Timetable

NAMED_DATES = 3

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Collision:
    """A date that two tracks give."""

    date: date
    first: Period
    second: Period

    @property
    def places(self) -> tuple[tuple[str | None, datetime], ...]:
        """The track and start of each of the two lines."""
        return _place(self.first), _place(self.second)


@dataclass(frozen=True, slots=True)
class Takeover:
    """A line that ends the line before it in its track, which would have had further dates.

    `both` are the first dates that each of them gives, one more than an error text names.
    """

    before: Period
    after: Period
    both: tuple[date, ...]


def in_order(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Return the periods in the order in which rows, files and pages have them."""
    return tuple(sorted(periods, key=_order))


def merged(before: Sequence[Period], lines: Sequence[Period]) -> tuple[Period, ...]:
    """Return `before` with `lines`, each in place of the line of its key, else of its start.

    A line without a key keeps that of the line that it replaces. A line that has got a track
    replaces the one without a track that begins at the same start.
    """
    kept = {_place(period): period for period in before}
    by_key = {period.key: _place(period) for period in before if period.key}
    places = {_place(line) for line in lines}
    named = {line.key for line in lines if line.key}
    after = []
    for line in sorted(lines, key=lambda line: line.key is None):
        place = by_key.get(line.key or "", _place(line))
        if place not in kept and (None, line.starts) not in places:
            place = (None, line.starts)
        replaced = kept.pop(place, None)
        if replaced and not line.key and replaced.key not in named:
            line = replace(line, key=replaced.key)
        after.append(line)
    return in_order([*kept.values(), *after])


def twice(periods: Iterable[Period]) -> Period | None:
    """Return a period that has track and start, or the key, of another; None if there is none."""
    places: set[object] = set()
    for period in periods:
        own = {_place(period), period.key or _place(period)}
        if own & places:
            return period
        places |= own
    return None


def collision(timetable: Timetable) -> Collision | None:
    """Return the first date that two tracks give, None if there is none."""
    zone = zones.zone(timetable.zone)
    tracks = recurrence.tracks(timetable)
    if len(tracks) < 2:
        return None
    ends = [
        max(min(last, recurrence.end(period, zone)) for period, _, last in track)
        for track in tracks
    ]
    until = sorted(ends)[-2]  # later on, one track is alone

    def given(track: Sequence[tuple[Period, date, date]]) -> Iterator[tuple[date, Period]]:
        for period, first, last in track:
            for day in recurrence.dates(period, zone, first, min(last, until)):
                yield day, period

    in_turn = merge(*map(given, tracks), key=lambda each: each[0])
    for (day, first), (later, second) in pairwise(in_turn):
        if day == later:
            return Collision(day, first, second)
    return None


def collision_words(collision: Collision) -> str:
    """Return which tracks give which date twice."""
    names = sorted(each.track or "" for each in (collision.first, collision.second))
    tracks = " and ".join(
        f"track {name}" if name else "the lines without a track" for name in names
    )
    return (
        f"{tracks[0].upper()}{tracks[1:]} both give {collision.date}. "
        "Tracks must not have a date in common."
    )


def takeovers(timetable: Timetable) -> list[Takeover]:
    """Return where a line ends an earlier one that would have gone on."""
    zone = zones.zone(timetable.zone)
    found = []
    for track in recurrence.tracks(timetable):
        for position, (before, _, _) in enumerate(track[:-1]):
            later = track[position + 1 :]
            after, first, last = next(each for each in later if each[1] <= each[2])
            until = min(last, first + recurrence.LOOKAHEAD)
            if any(recurrence.dates(before, zone, first, until)):
                own = recurrence.dates(after, zone, first, until)
                both = (day for day in own if any(recurrence.dates(before, zone, day, day)))
                found.append(Takeover(before, after, tuple(islice(both, NAMED_DATES + 1))))
    return found


def takeover_words(takeover: Takeover) -> str:
    """Return which line holds from when, and the dates that both gave."""
    before, after = takeover.before, takeover.after
    begins = after.starts.date()
    until = "never holds"
    if before.starts.date() < begins:
        until = f"holds until {begins - _DAY}"
    return (
        f"the line that starts {line_name(after)} holds from {begins} on and the line that starts "
        f"{line_name(before)} {until}; {_common(takeover.both)}. "
        "To correct a line give it a `key`, to keep both give one of them a `track`"
    )


def line_name(period: Period) -> str:
    """Return the start of the line and its track: "2026-01-09T10:00 in track early"."""
    track = f" in track {period.track}" if period.track else ""
    return f"{period.starts:%Y-%m-%dT%H:%M}{track}"


def _common(dates: Sequence[date]) -> str:
    if not dates:
        return "they have no date in common"
    named = ", ".join(map(str, dates[:NAMED_DATES]))
    return f"both gave {named}{' and later dates' if len(dates) > NAMED_DATES else ''}"


def _place(period: Period) -> tuple[str | None, datetime]:
    return period.track, period.starts


def _order(period: Period) -> tuple[datetime, str]:
    return period.starts, period.track or ""
