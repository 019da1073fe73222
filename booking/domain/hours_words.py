"""A host's hours as sentences, such as "every second Thursday 18:00 to 19:00"."""

from collections.abc import Sequence
from datetime import date, timedelta

from booking.domain.hours import (
    DateHours,
    HoursLine,
    Opening,
    TimeOff,
    Travel,
    WeeklyHours,
    monday,
)
from core import time_format, zones
from core.time_format import WEEKDAYS, HourClock
from core.words import listed

CLOSED = "closed"
_ORDINALS = {2: "second", 3: "third", 4: "fourth"}
_WORKING_DAYS, _ALL_DAYS = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7)
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


def line(each: HoursLine, today: date, clock: HourClock) -> str:
    """Return what a line of a host's hours says."""
    match each:
        case WeeklyHours():
            return weekly(each, today, clock)
        case DateHours():
            return on_date(each, clock)
        case TimeOff():
            return time_off(each)
        case Travel():
            return travel(each)


def weekly(each: WeeklyHours, today: date, clock: HourClock) -> str:
    """Return when it is open, with the next date unless it is every week from now on."""
    times = opening(each, clock)
    if each.every > 1:
        return f"{_rhythm(each)} {times}, next on {_day_month(next_date(each, today), today)}"
    if each.since is not None and monday(each.since) > today:
        return f"{_plural(each.days)} {times}, from {_day_month(next_date(each, today), today)} on"
    return f"{_plural(each.days)} {times}"


def next_date(each: WeeklyHours, today: date) -> date:
    """Return the first date from `today` on, itself included, on which it is open."""
    day = today
    if each.since is not None:
        begins = monday(each.since)
        skipped = max((monday(today) - begins).days // 7, 0) // each.every * each.every
        day = max(today, begins + skipped * _WEEK)
    while not each.is_on(day):
        day += _DAY
    return day


def on_date(each: DateHours, clock: HourClock) -> str:
    """Return a date and the openings that replace the weekly ones on it."""
    times = listed([opening(window, clock) for window in each.windows]) or CLOSED
    return f"{short_date(each.date)}: {times}"


def time_off(each: TimeOff) -> str:
    """Return the dates of an absence and its reason."""
    when = _dates(each.first, each.last)
    return f"{when}: {each.reason}" if each.reason else when


def travel(each: Travel) -> str:
    """Return the dates of a trip and the place where the host is then."""
    place = zones.city(each.zone)
    if each.last is None:
        return f"from {short_date(each.first)} on: {place}"
    return f"{_dates(each.first, each.last)}: {place}"


def opening(each: Opening, clock: HourClock) -> str:
    """Return an opening: "16:00 to 17:00", "22:00 to 02:00 the next day", "20:00 to midnight"."""
    opens = each.opens.in_words(clock)
    if each.closes.is_midnight:
        return "all day" if each.opens.is_midnight else f"{opens} to midnight"
    return f"{opens} to {each.closes.in_words(clock)}{' the next day' if each.is_overnight else ''}"


def short_date(day: date) -> str:
    """Return "Tue 4 Aug 2026"."""
    return f"{time_format.day_short(day)} {day.year}"


def long_date(day: date) -> str:
    """Return "Tuesday 4 August"."""
    return time_format.day_long(day).rpartition(" ")[0]


def _rhythm(each: WeeklyHours) -> str:
    ordinal = _ORDINALS.get(each.every)
    if ordinal is None:
        return f"every {each.every} weeks on {_plural(each.days)}"
    if len(each.days) == 1:
        return f"every {ordinal} {WEEKDAYS[each.days[0] - 1]}"
    return f"every {ordinal} week on {_plural(each.days)}"


def _plural(days: Sequence[int]) -> str:
    chosen = tuple(sorted(set(days)))
    if chosen == _ALL_DAYS:
        return "every day"
    if chosen == _WORKING_DAYS:
        return "Mondays to Fridays"
    return listed([f"{WEEKDAYS[day - 1]}s" for day in chosen])


def _dates(first: date, last: date) -> str:
    return short_date(first) if first == last else f"{short_date(first)} to {short_date(last)}"


def _day_month(day: date, today: date) -> str:
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {time_format.month_short(day)}{year}"
