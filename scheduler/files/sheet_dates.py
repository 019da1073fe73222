"""Dates and times of day as people type them into tables."""

import re
from datetime import date, time
from enum import StrEnum

from scheduler.domain.recurrence import FIRST_YEAR, LAST_YEAR

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_LOCAL = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4})", re.ASCII)
_LOCAL_MONTH = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


class DateOrder(StrEnum):
    """The order of day and month in dates such as 03/02/2026."""

    DMY = "dmy"
    MDY = "mdy"


class DateRefused(ValueError):
    """The text is no date or no time; the message says why."""


def iso(text: str, order: DateOrder | None) -> str:
    """Return a date in another notation, in the given order, as ISO 8601; other text as it is."""
    if order is None:
        return text
    if matched := _LOCAL.fullmatch(text):
        first, _, second, year = matched.groups()
        day, month = (first, second) if order is DateOrder.DMY else (second, first)
        return f"{year}-{month:0>2}-{day:0>2}"
    if matched := _LOCAL_MONTH.fullmatch(text):
        return f"{matched[2]}-{matched[1]:0>2}"
    return text


def known_part(text: str, order: DateOrder | None) -> tuple[str, date | None]:
    """Return a date as ISO 8601, and as a date where it is not only "2023-04" or "2021".

    Raises DateRefused.
    """
    written = iso(text, order)
    matched = _ISO.fullmatch(written)
    if matched is None:
        hint = "; if the day comes first, add --dates dmy, if the month does, --dates mdy"
        ambiguous = order is None and _LOCAL.fullmatch(text)
        raise DateRefused(
            f"{text[:20]!r} is not a date such as 2026-06-17, 2023-04 or 2021"
            f"{hint if ambiguous else ''}"
        )
    year, month, day = (int(each or 1) for each in matched.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateRefused(f"{text} is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    try:
        found = date(year, month, day)
    except ValueError:
        raise DateRefused(f"there is no date {text}") from None
    return written, found if matched[3] else None


def clock_time(text: str) -> time:
    """Return a time of day such as 10:00; raise DateRefused."""
    matched = _TIME.fullmatch(text)
    if matched is None:
        raise DateRefused(f"{text[:20]!r} is not a time such as 10:00")
    return time(int(matched[1]), int(matched[2]))
