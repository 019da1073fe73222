"""A host's week as a picture: bands of each day in the host's wall time, also in words.

All minutes are wall-clock minutes after the midnight that begins the day, 0 to 1440, half-open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.domain import hours_words
from booking.domain.hours import Hours, Opening, windows
from booking.domain.timeofday import TimeOfDay
from core.time_format import HourClock
from core.zones import zone
from scheduler.domain.interval import Interval
from scheduler.domain.walltime import midnight, wall

DAYS = 7
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_HOUR, _WHOLE = 60, 24 * 60
# The least that is shown, and the longest picture that has a label every two hours.
_MORNING, _EVENING = 8 * _HOUR, 20 * _HOUR
_SHORT = 12 * _HOUR


class BandKind(StrEnum):
    """What a band stands for, in the order in which bands are drawn over each other."""

    OPEN = "open"
    AWAY = "away"
    EVENT = "event"
    PENDING = "pending"
    BOOKED = "booked"


_WORDS = {
    BandKind.OPEN: "open",
    BandKind.AWAY: "away",
    BandKind.EVENT: "your own event",
    BandKind.PENDING: "waiting for your answer",
    BandKind.BOOKED: "booked",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to draw over the hours; `words` say more than its kind does, or nothing."""

    kind: BandKind
    interval: Interval
    words: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A part of one day, from minute `top` to minute `bottom`."""

    kind: BandKind
    top: int
    bottom: int
    words: str

    @property
    def height(self) -> int:
        """The length of the band in minutes of the picture."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class DayPicture:
    """One host-local date; `words` are the whole picture of it for those who cannot see it."""

    day: date
    zone: ZoneInfo
    bands: tuple[Band, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday, shown from minute `top` to `bottom`, with a label every `step`."""

    days: tuple[DayPicture, ...]
    top: int
    bottom: int
    step: int
    labels: tuple[str, ...]

    @property
    def height(self) -> int:
        """How many minutes of each day are shown."""
        return self.bottom - self.top

    @property
    def lines(self) -> range:
        """The whole hours inside of the picture."""
        return range(self.top + _HOUR, self.bottom, _HOUR)


def weeks(
    hours: Hours, marks: Sequence[Mark], first: date, count: int, *, clock: HourClock
) -> list[Week]:
    """Return `count` weeks from the Monday `first`, all with the same frame."""
    days = [first + number * _DAY for number in range(count * DAYS)]
    opened = [
        Mark(BandKind.OPEN, window.interval)
        for window in windows(hours, first - _DAY, days[-1] + _DAY)
    ]
    pictures = [_picture(hours, [*opened, *marks], day, clock) for day in days]
    top, bottom, step = _frame(pictures)
    labels = tuple(_label(minute, clock) for minute in range(top, bottom + 1, step))
    return [
        Week(tuple(pictures[at : at + DAYS]), top, bottom, step, labels)
        for at in range(0, len(pictures), DAYS)
    ]


def weeks_interval(hours: Hours, first: date, count: int) -> Interval:
    """Return the time that `count` weeks from the Monday `first` show."""
    after = first + count * DAYS * _DAY
    return Interval(
        midnight(first, zone(hours.zone_on(first))), midnight(after, zone(hours.zone_on(after)))
    )


def _label(minute: int, clock: HourClock) -> str:
    """Return the time of day beside the picture: the end of the day is 24:00."""
    at = TimeOfDay(minute)
    return str(at) if clock is HourClock.H24 else at.in_words(clock)


def _picture(hours: Hours, marks: Sequence[Mark], day: date, clock: HourClock) -> DayPicture:
    here = zone(hours.zone_on(day))
    bands = [band for mark in marks if (band := _band(mark, day, here, clock)) is not None]
    bands += [
        Band(BandKind.AWAY, 0, _WHOLE, _named(_WORDS[BandKind.AWAY], off.reason or ""))
        for off in hours.time_off
        if off.covers(day)
    ]
    bands.sort(key=lambda band: (list(BandKind).index(band.kind), band.top, band.bottom))
    return DayPicture(day, here, tuple(bands), _words(day, bands))


def _band(mark: Mark, day: date, zone: ZoneInfo, clock: HourClock) -> Band | None:
    """Return the part of a mark on the day, None if it is not on it."""
    starts_at = max(mark.interval.start, midnight(day, zone))
    ends_at = min(mark.interval.end, midnight(day + _DAY, zone))
    if starts_at >= ends_at:
        return None
    top, bottom = _minute(starts_at, day, zone), _minute(ends_at, day, zone)
    if bottom <= top:  # the clock was set back in between: its real length is shown
        bottom = min(_WHOLE, top + (ends_at - starts_at) // _MINUTE)
    if bottom <= top:
        return None
    part = Opening.model_construct(opens=TimeOfDay(top), closes=TimeOfDay(bottom))
    words = f"{_WORDS[mark.kind]} {hours_words.opening(part, clock)}"
    return Band(mark.kind, top, bottom, _named(words, mark.words))


def _minute(at: datetime, day: date, zone: ZoneInfo) -> int:
    local = wall(at, zone)
    if local.date() > day:
        return _WHOLE
    return local.hour * _HOUR + local.minute


def _named(words: str, more: str) -> str:
    return f"{words}, {more}" if more else words


def _words(day: date, bands: Sequence[Band]) -> str:
    said = "; ".join(band.words for band in bands) or "closed"
    return f"{hours_words.long_date(day)}: {said}"


def _frame(pictures: Sequence[DayPicture]) -> tuple[int, int, int]:
    """Return the first and the last minute that are shown, and the distance of the labels."""
    edges = list(_edges(pictures))
    top = min([_MORNING, *(band.top for band in edges)])
    bottom = max([_EVENING, *(band.bottom for band in edges)])
    step = 2 * _HOUR if bottom - top <= _SHORT else 4 * _HOUR
    return top // step * step, -(-bottom // step) * step, step


def _edges(pictures: Sequence[DayPicture]) -> Iterator[Band]:
    """Yield the bands that must be visible as a whole, which a day away need not be."""
    for picture in pictures:
        yield from (band for band in picture.bands if band.kind is not BandKind.AWAY)
