"""A period of a timetable said in words: "Fridays at 10:00 in Los Angeles, 60 minutes"."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from core import time_format, zones
from core.time_format import DAY, MONTHS, WEEKDAYS, HourClock
from core.words import counted, listed, ordinal
from scheduler.domain import recurrence
from scheduler.domain.recurrence import Period, Timetable
from scheduler.domain.rule_text import Frequency, Rule, Weekday

_TIMES = ("", "", "second", "third", "fourth", "fifth", "sixth")
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_NTH |= {-1: "last", -2: "second last", -3: "third last"}
_WORKING_DAYS = frozenset(range(5))


def in_words(period: Period, zone: str, clock: HourClock) -> str:
    """Return when the period takes place, in one phrase without a period at its end.

    `zone` is the IANA name of the timetable's zone. A rule that has no simple wording is quoted.
    """
    at = f"at {time_format.time_of_day(period.starts, clock)} {_where(period, zone)}"
    if not period.rule:
        return f"{_once(period)} {at}"
    rule = _rule(period)
    return f"{_rhythm_or_rule(period)} {at}{_end(rule, period, zones.zone(zone))}"


def together(periods: Sequence[Period], zone: str, clock: HourClock) -> str:
    """Return when periods of several tracks take place, in one phrase.

    "Tuesdays at 14:00 and Thursdays at 10:00 in Berlin, 60 minutes"; where they alternate,
    "Tuesdays in turn at 9:00 and 17:00 in Berlin, 60 minutes".
    """
    periods = sorted(periods, key=lambda period: period.starts)
    ends = {_end(_rule(period), period, zones.zone(zone)) for period in periods}
    if len(periods) == 1 or ends != {""} or len({period.minutes for period in periods}) > 1:
        return "; ".join(in_words(period, zone, clock) for period in periods)
    times = [time_format.time_of_day(period.starts, clock) for period in periods]
    if days := _in_turn(periods):
        said = f"{days} in turn at {listed(times)}"
    else:
        rhythms = zip(map(_rhythm_or_rule, periods), times, strict=True)
        said = listed([f"{rhythm} at {time}" for rhythm, time in rhythms])
    return f"{said} {_where(periods[0], zone)}"


def lines(timetable: Timetable, clock: HourClock) -> list[str]:
    """Return each line of the timetable in words, with its track and what ends it."""
    zone = zones.zone(timetable.zone)
    said = []
    for period, _, last in recurrence.reigns(timetable):
        words = in_words(period, timetable.zone, clock)
        track = f"track {period.track}: " if period.track else ""
        replaced = last < recurrence.end(period, zone)
        end = f", replaced from {time_format.date_long(last + DAY)}" if replaced else ""
        said.append(f"{track}{words}{end}")
    return said


def _where(period: Period, zone: str) -> str:
    city = zones.city(zone)
    where = city if city.startswith("UTC") else f"in {city}"
    return f"{where}, {counted(period.minutes, 'minute')}"


def _once(period: Period) -> str:
    day = period.starts.date()
    return f"once, on {WEEKDAYS[day.weekday()]} {time_format.date_long(day)}"


def _rule(period: Period) -> Rule:
    return recurrence.explicit(period.rule or "", period.starts.date())


def _rhythm_or_rule(period: Period) -> str:
    first = time_format.date_long(period.starts.date())
    return _rhythm(_rule(period)) or f"on dates by the rule {period.rule}, from {first}"


def _in_turn(periods: Sequence[Period]) -> str | None:
    """Return the weekdays that the periods take in turn, a week each; None if they do not."""
    number = len(periods)
    rules = [_rule(period) for period in periods]
    weekly = {replace(rule, interval=1) for rule in rules if rule.interval == number}
    weeks = {
        (period.starts.toordinal() - 1 - rule.week_starts) // 7 % number
        for period, rule in zip(periods, rules, strict=True)
    }
    if len(weekly) > 1 or len(weeks) < number:
        return None
    return next((_weekly(rule) for rule in weekly if rule.frequency is Frequency.WEEKLY), None)


def _rhythm(rule: Rule) -> str | None:
    """Return the wording of what repeats, or None where none is simple."""
    if rule.week_numbers or rule.year_days:
        return None
    match rule.frequency:
        case Frequency.DAILY:
            return _daily(rule)
        case Frequency.WEEKLY:
            return _weekly(rule)
        case Frequency.MONTHLY:
            return _monthly(rule)
        case Frequency.YEARLY:
            return _yearly(rule)


def _daily(rule: Rule) -> str | None:
    if rule.month_days or rule.positions or (rule.interval > 1 and (rule.weekdays or rule.months)):
        return None
    if rule.weekdays:
        return _weekly(rule)
    return ("daily" if rule.interval == 1 else f"every {_every(rule)} day") + _in_months(rule)


def _weekly(rule: Rule) -> str | None:
    if rule.positions or (rule.interval > 1 and rule.months):
        return None
    days = sorted(weekday.day for weekday in rule.weekdays)
    if rule.interval == 1:
        if set(days) == _WORKING_DAYS:
            return "Mondays to Fridays" + _in_months(rule)
        return listed([f"{WEEKDAYS[day]}s" for day in days]) + _in_months(rule)
    if len(days) == 1:
        return f"every {_every(rule)} {WEEKDAYS[days[0]]}"
    return f"every {_every(rule)} week on {listed([WEEKDAYS[day] for day in days])}"


def _monthly(rule: Rule) -> str | None:
    days = _days_of_month(rule)
    if days is None or (rule.months and rule.interval > 1):
        return None
    if rule.months:
        return f"{days} of {_months(rule)}"
    return f"{days} of the month" if rule.interval == 1 else f"{days} of every {_every(rule)} month"


def _yearly(rule: Rule) -> str | None:
    year = "every year" if rule.interval == 1 else f"every {_every(rule)} year"
    if len(rule.months) == 1 and not (rule.weekdays or rule.positions):
        if len(rule.month_days) == 1 and rule.month_days[0] > 0:
            return f"{year} on {rule.month_days[0]} {_months(rule)}"
        return None
    days = _days_of_month(rule) if len(rule.months) == 1 else None
    return f"{year} on {days} of {_months(rule)}" if days else None


def _days_of_month(rule: Rule) -> str | None:
    """Return "the first Monday" or "the 15th", or None."""
    if rule.month_days:
        return None if rule.weekdays or rule.positions else _month_days(rule.month_days)
    if rule.positions:
        return _by_position(rule)
    if not rule.weekdays or any(day.nth not in _NTH for day in rule.weekdays):
        return None
    one = len({day.day for day in rule.weekdays}) == 1
    if one:
        numbers = listed([_nth(day) for day in rule.weekdays])
        return f"the {numbers} {WEEKDAYS[rule.weekdays[0].day]}"
    return listed([f"the {_nth(day)} {WEEKDAYS[day.day]}" for day in rule.weekdays])


def _nth(day: Weekday) -> str:
    return _NTH[day.nth or 0]


def _by_position(rule: Rule) -> str | None:
    plain = {day.day for day in rule.weekdays if day.nth is None}
    if len(plain) != len(rule.weekdays) or any(each not in _NTH for each in rule.positions):
        return None
    numbers = listed([_NTH[each] for each in rule.positions])
    if len(plain) == 1:
        return f"the {numbers} {WEEKDAYS[plain.pop()]}"
    if plain == _WORKING_DAYS:
        return f"the {numbers} weekday (Monday to Friday)"
    return f"the {numbers} day" if len(plain) == len(WEEKDAYS) else None


def _month_days(days: Sequence[int]) -> str | None:
    if any(day < -1 for day in days):
        return None
    return listed(["the last day" if day == -1 else f"the {ordinal(day)}" for day in days])


def _in_months(rule: Rule) -> str:
    return f" in {_months(rule)}" if rule.months else ""


def _months(rule: Rule) -> str:
    return listed([MONTHS[month - 1] for month in sorted(rule.months)])


def _every(rule: Rule) -> str:
    return _TIMES[rule.interval] if rule.interval < len(_TIMES) else ordinal(rule.interval)


def _end(rule: Rule, period: Period, zone: ZoneInfo) -> str:
    times = f", {counted(rule.count, 'time')}" if rule.count else ""
    last = recurrence.last_date(rule.until, period.starts.time(), zone) if rule.until else None
    ends = [day for day in (last, period.until) if day]
    return times + (f", until {time_format.date_long(min(ends))}" if ends else "")
