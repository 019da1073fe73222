"""The text of a recurrence rule (RFC 5545 3.3.10): read into a value, or refused in words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

MAX_LENGTH = 2 * 366
MAX_COUNT = 10_000
MAX_INTERVAL = 10_000

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_Item = TypeVar("_Item")
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")
_AMOUNT = re.compile(r"[0-9]{1,9}")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")


class RuleRefused(ValueError):
    """The rule cannot be used; the message is a sentence for the organizer."""


class Frequency(StrEnum):
    """How long one period of a rule is."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday (0 = Monday), or its nth one of a month or year (negative: from the end)."""

    day: int
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written: empty tuples and None where it says nothing.

    `until` is a date, a naive wall time or an aware UTC instant, all three inclusive.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_starts: int = 0
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def weekdays_in_month(self) -> bool:
        """Whether numbered weekdays are counted in a month, not in the year."""
        return self.frequency is Frequency.MONTHLY or bool(self.months)


def normalized(text: str) -> str:
    """Return the rule in capitals, without the property's name, spaces or a last `;`."""
    if len(text) > MAX_LENGTH:
        raise RuleRefused(f"The rule is longer than {MAX_LENGTH} characters.")
    stripped = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if "RRULE" in stripped or len(stripped.splitlines()) > 1:
        raise RuleRefused("Give one rule only; another rhythm needs a line of its own.")
    return stripped.replace(" ", "").replace("\t", "")


@lru_cache(maxsize=1024)
def parse(text: str) -> Rule:
    """Return the rule that `text` says; raise RuleRefused where RFC 5545 or this program forbids.

    Whether the rule ever occurs depends on its start and is not judged here.
    """
    parts = _parts(normalized(text))
    rule = Rule(
        frequency=_frequency(parts.get("FREQ")),
        interval=_amount("INTERVAL", parts.get("INTERVAL", "1"), MAX_INTERVAL),
        count=_amount("COUNT", parts["COUNT"], MAX_COUNT) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_starts=_week_starts(parts.get("WKST", "MO")),
        months=_numbers(parts, "BYMONTH", 1, 12),
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        year_days=_numbers(parts, "BYYEARDAY", -366, 366),
        week_numbers=_numbers(parts, "BYWEEKNO", -53, 53),
        weekdays=_listed("BYDAY", parts["BYDAY"], _weekday) if "BYDAY" in parts else (),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
    )
    _refuse_combinations(rule)
    return rule


_KNOWN = frozenset(
    (
        *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
        *("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYSETPOS"),
    )
)
_TIMES = frozenset(("BYHOUR", "BYMINUTE", "BYSECOND"))
_SUB_DAILY = frozenset(("HOURLY", "MINUTELY", "SECONDLY"))


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if name in _TIMES:
            raise RuleRefused(f"{name} is not supported: an event starts once a day, at its start.")
        if name in ("RSCALE", "SKIP"):
            raise RuleRefused(f"{name} is not supported: rules follow the Gregorian calendar.")
        if name not in _KNOWN:
            raise RuleRefused(f"“{part[:40]}” is not a part of a recurrence rule.")
        if not equals or not value:
            raise RuleRefused(f"{name} has no value.")
        if name in parts:
            raise RuleRefused(f"{name} is there twice.")
        parts[name] = value
    return parts


def _frequency(value: str | None) -> Frequency:
    if value is None:
        raise RuleRefused("The rule has no FREQ: DAILY, WEEKLY, MONTHLY or YEARLY.")
    if value in _SUB_DAILY:
        raise RuleRefused(f"FREQ={value} is too often: at most once a day is possible.")
    try:
        return Frequency(value)
    except ValueError:
        raise RuleRefused("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.") from None


def _amount(name: str, value: str, most: int) -> int:
    if not _AMOUNT.fullmatch(value) or not 1 <= int(value) <= most:
        raise RuleRefused(f"{name} must be a number from 1 to {most:,}.")
    return int(value)


def _until(value: str) -> date:
    if not _UNTIL.fullmatch(value):
        raise RuleRefused("UNTIL must look like 20241220, 20241220T100000 or 20241220T180000Z.")
    try:
        if len(value) == len("20241220"):
            return date.fromisoformat(value)
        until = datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        raise RuleRefused("UNTIL is not a date of the calendar.") from None
    return until.replace(tzinfo=UTC) if value.endswith("Z") else until


def _week_starts(value: str) -> int:
    if value not in WEEKDAYS:
        raise RuleRefused("WKST must be one of MO, TU, WE, TH, FR, SA, SU.")
    return WEEKDAYS.index(value)


def _weekday(value: str) -> Weekday | None:
    match = _WEEKDAY.fullmatch(value)
    if match is None:
        return None
    day = WEEKDAYS.index(match[2])
    if match[1] is None:
        return Weekday(day)
    nth = int(match[1])
    return Weekday(day, nth) if 1 <= abs(nth) <= 53 else None


def _numbers(parts: dict[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    def number(value: str) -> int | None:
        parsed = int(value) if _NUMBER.fullmatch(value) else 0
        return parsed if parsed and least <= parsed <= most else None

    return _listed(name, parts[name], number) if name in parts else ()


def _listed(name: str, values: str, read: Callable[[str], _Item | None]) -> tuple[_Item, ...]:
    items: list[_Item] = []
    for value in values.split(","):
        item = read(value)
        if item is None:
            raise RuleRefused(f"{name} cannot be “{value[:20]}”.")
        items.append(item)
    return tuple(dict.fromkeys(items))


def _refuse_combinations(rule: Rule) -> None:
    yearly = rule.frequency is Frequency.YEARLY
    weekly = rule.frequency is Frequency.WEEKLY
    monthly = rule.frequency is Frequency.MONTHLY
    ordinals = any(weekday.nth for weekday in rule.weekdays)
    limits = rule.months or rule.month_days or rule.year_days or rule.week_numbers or rule.weekdays
    refusals = (
        (rule.until and rule.count, "UNTIL and COUNT exclude each other: keep one of them."),
        (rule.week_numbers and not yearly, "BYWEEKNO is for FREQ=YEARLY only."),
        (rule.year_days and not yearly, "BYYEARDAY is for FREQ=YEARLY only."),
        (rule.month_days and weekly, "BYMONTHDAY is not for FREQ=WEEKLY."),
        (
            ordinals and not (yearly or monthly),
            "Numbered weekdays such as 1MO are for FREQ=MONTHLY and FREQ=YEARLY only.",
        ),
        (
            rule.weekdays_in_month and any(abs(day.nth or 0) > 5 for day in rule.weekdays),
            "A month has at most five of a weekday: BYDAY counts to 5 there.",
        ),
        (ordinals and rule.week_numbers, "Numbered weekdays cannot go with BYWEEKNO."),
        (rule.positions and not limits, "BYSETPOS needs another BY part to choose from."),
    )
    for applies, words in refusals:
        if applies:
            raise RuleRefused(words)
