"""The lines of a host's hours: what each says, how documents write it, how forms show it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from booking.domain import hours_words
from booking.domain.hours import DateHours, Hours, Opening, TimeOff, Travel, WeeklyHours
from booking.domain.timeofday import TimeOfDay

Values = Mapping[str, str | list[str]]
Plain = Mapping[str, object]

WEEKLY, DATES, TIME_OFF, TRAVEL = "weekly", "dates", "time_off", "travel"
KINDS = (WEEKLY, DATES, TIME_OFF, TRAVEL)
"""The keys of a host's document whose lines a host edits."""


@dataclass(frozen=True, slots=True)
class HoursLine:
    """One line: `key` names it in forms and is equal for equal things; `over` is past."""

    key: str
    words: str
    plain: Plain
    values: Values
    over: bool = False


def hours_lines(hours: Hours, today: date) -> dict[str, list[HoursLine]]:
    """Return all lines of each of KINDS, in the order in which they are read."""
    return {
        WEEKLY: [_weekly(each, today) for each in sorted(hours.weekly, key=_weekly_order)],
        DATES: [_on_date(each, today) for each in sorted(hours.dates, key=_date_order)],
        TIME_OFF: [_time_off(each, today) for each in sorted(hours.time_off, key=_first)],
        TRAVEL: [_travel(each, today) for each in sorted(hours.travel, key=_first)],
    }


def weekly_key(days: list[int], opens: str, closes: str, every: int, since: str) -> str:
    """Return the name of weekly hours: all that they say."""
    return f"{','.join(map(str, sorted(set(days))))} {opens} {closes} {every} {since}".rstrip()


def _weekly(each: WeeklyHours, today: date) -> HoursLine:
    since = "" if each.since is None else each.since.isoformat()
    opens, closes, days = str(each.opens), str(each.closes), list(each.days)
    plain: dict[str, object] = {"days": days, "from": opens, "to": closes}
    if each.every > 1:
        plain["every"] = each.every
    if since:
        plain["since"] = since
    values: Values = {
        "days": [str(day) for day in days],
        "weekly_from": opens,
        "weekly_to": _field_time(each.closes),
        "every": str(each.every),
        "since": since,
    }
    key = weekly_key(days, opens, closes, each.every, since)
    return HoursLine(key, hours_words.weekly(each, today), plain, values)


def _on_date(each: DateHours, today: date) -> HoursLine:
    key = each.date.isoformat()
    windows = [{"from": str(window.opens), "to": str(window.closes)} for window in each.windows]
    values: Values = {
        "date": key,
        "closed": "" if each.windows else "1",
        **dict(_window_values(each.windows)),
    }
    plain: Plain = {"date": key, "windows": windows}
    return HoursLine(key, hours_words.on_date(each), plain, values, over=each.date < today)


def _window_values(windows: tuple[Opening, ...]) -> Iterator[tuple[str, str]]:
    for number, window in enumerate(windows, 1):
        yield f"date_from_{number}", str(window.opens)
        yield f"date_to_{number}", _field_time(window.closes)


def _time_off(each: TimeOff, today: date) -> HoursLine:
    first, last = each.first.isoformat(), each.last.isoformat()
    plain: dict[str, object] = {"from": first, "to": last}
    if each.reason:
        plain["reason"] = each.reason
    values: Values = {"off_from": first, "off_to": last, "reason": each.reason}
    return HoursLine(first, hours_words.time_off(each), plain, values, over=each.last < today)


def _travel(each: Travel, today: date) -> HoursLine:
    first = each.first.isoformat()
    last = "" if each.last is None else each.last.isoformat()
    plain: dict[str, object] = {"from": first, "zone": each.zone.key}
    if last:
        plain["to"] = last
    values: Values = {"travel_from": first, "travel_to": last, "travel_zone": each.zone.key}
    over = each.last is not None and each.last < today
    return HoursLine(first, hours_words.travel(each), plain, values, over=over)


def _field_time(closes: TimeOfDay) -> str:
    """Return a closing time as a browser's field for times knows it: midnight is 00:00."""
    return "00:00" if closes.is_end_of_day else str(closes)


def _weekly_order(each: WeeklyHours) -> tuple[int, TimeOfDay]:
    return min(each.days), each.opens


def _date_order(each: DateHours) -> date:
    return each.date


def _first(each: TimeOff | Travel) -> date:
    return each.first
