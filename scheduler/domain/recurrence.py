"""A rule in wall time -> its dates in a window, at a cost that does not grow with its age."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, islice, zip_longest
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

from core import zones
from scheduler.domain import rule_text, walltime
from scheduler.domain.rule_text import Frequency, Rule, RuleRefused, Weekday

__all__ = (
    "Period",
    "RuleRefused",
    "Slot",
    "Timetable",
    "check",
    "dates",
    "end",
    "explicit",
    "following",
    "last_date",
    "occurrences",
    "occurs_on",
    "reigns",
    "tracks",
)

LIFE_YEARS = 100  # no rule is followed further than this from its start
LOOKAHEAD = timedelta(days=3660)  # 29 February comes at least every eight years
FIRST_YEAR, LAST_YEAR = 1900, 2200

_DAY = timedelta(days=1)
_FREQUENCIES: dict[Frequency, Literal[0, 1]] = {
    Frequency.MONTHLY: rrule.MONTHLY,
    Frequency.YEARLY: rrule.YEARLY,
}
_BEYOND_THE_CALENDAR = 12 * 9999  # an interval after which dateutil stops: one period, no more


@dataclass(frozen=True, slots=True)
class Period:
    """One rhythm: a naive wall start, real elapsed minutes, a rule, and its last date (included).

    Without a rule there is a single date, that of `starts`. Periods without a track share one.
    `key` is what corrections of the line refer to.
    """

    starts: datetime
    minutes: int
    rule: str | None = None
    until: date | None = None
    track: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """The periods of a series in one IANA zone.

    Within a track a later period takes over from its first date; tracks run side by side.
    """

    zone: str
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """An occurrence of the rule on `date`: naive wall start and real elapsed minutes."""

    date: date
    starts: datetime
    minutes: int
    track: str | None = None


def check(rule: str, starts: datetime, zone: ZoneInfo) -> str:
    """Return the rule's normalized text ("" for a single date); raise RuleRefused in words.

    `starts` is the naive wall start. A start that does not fit the rule is not one of its dates.
    """
    if not FIRST_YEAR <= starts.year <= LAST_YEAR:
        raise RuleRefused(f"A rule must start between {FIRST_YEAR} and {LAST_YEAR}.")
    text = rule_text.normalized(rule)
    if not text:
        return text
    rule_text.parse(text)
    if _end(text, starts, zone) < starts.date():
        raise RuleRefused("The rule ends before its first date.")
    if next(_dates(text, starts, zone, starts.date(), date.max), None) is None:
        raise RuleRefused("No date fits this rule: it would never take place.")
    return text


def occurrences(timetable: Timetable, first: date, last: date) -> list[Slot]:
    """Return what the rules give from `first` to `last`, both included, sorted, one a date.

    The dates are local to the timetable's zone. Raises RuleRefused for a rule not checked.
    """
    zone = zones.zone(timetable.zone)
    slots: dict[date, Slot] = {}
    for period, begins, ends in reigns(timetable):
        for day in dates(period, zone, max(first, begins), min(last, ends)):
            starts = datetime.combine(day, period.starts.time())
            slots.setdefault(day, Slot(day, starts, period.minutes, period.track))
    return [slots[day] for day in sorted(slots)]


def occurs_on(timetable: Timetable, day: date) -> bool:
    """Whether the rules give `day`."""
    return bool(occurrences(timetable, day, day))


def following(timetable: Timetable, after: date, count: int) -> list[Slot]:
    """Return the next `count` slots later than the date `after`, fewer if ten years hold fewer."""
    slots: list[Slot] = []
    first, span = after + _DAY, timedelta(days=62)
    while len(slots) < count and first - after < LOOKAHEAD:
        last = min(first + span, after + LOOKAHEAD)
        slots += occurrences(timetable, first, last)
        first, span = last + _DAY, span * 2
    return slots[:count]


@lru_cache(maxsize=1024)
def explicit(text: str, starts: date) -> Rule:
    """Return the rule with what it leaves to its start date written out (RFC 5545 3.3.10)."""
    rule = rule_text.parse(text)
    if not (rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays):
        if rule.frequency is Frequency.WEEKLY:
            return replace(rule, weekdays=(Weekday(starts.weekday()),))
        if rule.frequency is Frequency.MONTHLY:
            return replace(rule, month_days=(starts.day,))
        if rule.frequency is Frequency.YEARLY:
            return replace(rule, months=rule.months or (starts.month,), month_days=(starts.day,))
    return rule


def last_date(until: date, at: time, zone: ZoneInfo) -> date:
    """Return the last date whose start at the wall time `at` is not later than `until`.

    Raises RuleRefused for an end at the edge of the calendar, in the year 1 or 9999.
    """
    if not isinstance(until, datetime):
        return until
    if until.year == MINYEAR or (until.year == MAXYEAR and until.tzinfo is not None):
        raise RuleRefused("UNTIL is beyond the calendar: leave it out if the rule has no end.")
    if until.tzinfo is None:
        return until.date() if at <= until.time() else until.date() - _DAY
    day = walltime.wall(until, zone).date() + _DAY
    while walltime.instant(datetime.combine(day, at), zone) > until:
        day -= _DAY
    return day


def reigns(timetable: Timetable) -> Iterator[tuple[Period, date, date]]:
    """Yield each period, track by track, with the first and the last date on which it holds.

    The last is before the first for a period that is taken over before it begins.
    """
    periods = sorted(timetable.periods, key=_track_order)
    for period, successor in zip_longest(periods, periods[1:]):
        taken_over = successor is not None and successor.track == period.track
        ends = successor.starts.date() - _DAY if successor and taken_over else date.max
        yield period, period.starts.date(), min(ends, period.until or date.max)


def tracks(timetable: Timetable) -> list[list[tuple[Period, date, date]]]:
    """Return the periods of each track with the dates on which they hold; see `reigns`."""
    return [list(own) for _, own in groupby(reigns(timetable), key=lambda reign: reign[0].track)]


def dates(period: Period, zone: ZoneInfo, first: date, last: date) -> Iterator[date]:
    """Yield the dates that the period alone gives from `first` to `last`, both included, sorted."""
    last = min(last, period.until or date.max)
    if period.rule:
        yield from _dates(period.rule, period.starts, zone, first, last)
    elif first <= period.starts.date() <= last:
        yield period.starts.date()


def end(period: Period, zone: ZoneInfo) -> date:
    """Return a date after which the period gives nothing."""
    ends = _end(period.rule, period.starts, zone) if period.rule else period.starts.date()
    return min(ends, period.until or date.max)


def _track_order(period: Period) -> tuple[str, date]:
    return period.track or "", period.starts.date()


def _dates(text: str, starts: datetime, zone: ZoneInfo, first: date, last: date) -> Iterator[date]:
    last = min(last, _end(text, starts, zone))
    yield from _endless(explicit(text, starts.date()), starts.date(), first, last)


def _endless(rule: Rule, starts: date, first: date, last: date) -> Iterator[date]:
    """Yield the rule's dates in [first, last] as if it had no end.

    Periods are numbered, so the ones of the window are found by arithmetic: the phase of the
    interval is kept and nothing before the window is looked at.
    """
    first = max(first, starts)
    if first > last:
        return
    origin = _number(rule, starts)
    skipped = -(-(_number(rule, first) - origin) // rule.interval)
    begin = origin + skipped * rule.interval
    for number in range(begin, _number(rule, last) + 1, rule.interval):
        for day in _dates_of(rule, number, starts):
            if first <= day <= last:
                yield day


def _number(rule: Rule, day: date) -> int:
    """Return the number of the day, week, month or year that `day` lies in."""
    match rule.frequency:
        case Frequency.DAILY:
            return day.toordinal()
        case Frequency.WEEKLY:
            return (day.toordinal() - 1 - rule.week_starts) // 7
        case Frequency.MONTHLY:
            return day.year * 12 + day.month - 1
        case Frequency.YEARLY:
            return day.year


def _dates_of(rule: Rule, number: int, starts: date) -> list[date]:
    """Return the rule's dates in the period of that number; they may lie before `starts`."""
    match rule.frequency:
        case Frequency.DAILY:
            return _chosen(rule, [date.fromordinal(number)])
        case Frequency.WEEKLY:
            monday = number * 7 + 1 + rule.week_starts
            days = [date.fromordinal(monday + offset) for offset in range(7)]
            # The first week is counted from the start, as dateutil counts it for BYSETPOS.
            return _chosen(rule, [day for day in days if day >= starts])
        case Frequency.MONTHLY:
            return _by_dateutil(rule, date(number // 12, number % 12 + 1, 1))
        case Frequency.YEARLY:
            return _by_dateutil(rule, date(number, 1, 1))


def _chosen(rule: Rule, days: list[date]) -> list[date]:
    weekdays = {weekday.day for weekday in rule.weekdays}
    fitting = [
        day
        for day in days
        if (not weekdays or day.weekday() in weekdays)
        and (not rule.months or day.month in rule.months)
        and (not rule.month_days or _fits_month_day(rule, day))
    ]
    if not rule.positions:
        return fitting
    wanted = {each - 1 if each > 0 else len(fitting) + each for each in rule.positions}
    return [day for index, day in enumerate(fitting) if index in wanted]


def _fits_month_day(rule: Rule, day: date) -> bool:
    next_month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day.day in rule.month_days or (day - next_month).days in rule.month_days


def _by_dateutil(rule: Rule, begins: date) -> list[date]:
    dates = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=datetime.combine(begins, time()),
        interval=_BEYOND_THE_CALENDAR,
        wkst=rule.week_starts,
        bymonth=rule.months or None,
        bymonthday=rule.month_days or None,
        byyearday=rule.year_days or None,
        byweekno=rule.week_numbers or None,
        byweekday=_weekdays(rule) or None,
        bysetpos=rule.positions or None,
    )
    return [each.date() for each in dates]


def _weekdays(rule: Rule) -> list[rrule.weekday]:
    """Return the weekdays for dateutil, which takes "MO,1FR" as both at once and not as either."""
    if not any(weekday.nth for weekday in rule.weekdays):
        return [rrule.weekday(weekday.day) for weekday in rule.weekdays]
    most = 5 if rule.weekdays_in_month else 53
    return [
        rrule.weekday(weekday.day, nth)
        for weekday in rule.weekdays
        for nth in ([weekday.nth] if weekday.nth else range(1, most + 1))
    ]


@lru_cache(maxsize=1024)
def _end(text: str, starts: datetime, zone: ZoneInfo) -> date:
    """Return the last date that the rule may have: by UNTIL, by COUNT, or the end of its life."""
    rule = explicit(text, starts.date())
    life = date(min(starts.year + LIFE_YEARS, MAXYEAR), 12, 31)
    if rule.count:
        counted = _endless(rule, starts.date(), starts.date(), life)
        return next(islice(counted, rule.count - 1, None), life)
    if rule.until:
        return min(last_date(rule.until, starts.time(), zone), life)
    return life
