"""Dates and times as text, on the 12 or the 24 hour clock."""

from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_timezone_name

from core import zones
from core.words import counted

# Not from the C library, whose locale differs from host to host.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT = 3
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MONTH = timedelta(days=30)


class HourClock(IntEnum):
    """The 12 or the 24 hour clock (CLDR's hour cycles h12 and h23)."""

    H12 = 12
    H24 = 24


@lru_cache(maxsize=1024)
def usual_clock(zone: str) -> HourClock:
    """Return the usual clock of a zone's country; 24 hours for a zone without a country.

    The source is CLDR's short time format of the country's most spoken language.
    """
    country: str = get_global("zone_territories").get(zone, "")
    for language in get_global("territory_languages").get(country, {}):
        try:
            pattern = Locale.parse(f"{language}_{country}").time_formats["short"].pattern
        except (UnknownLocaleError, ValueError):
            continue
        return HourClock.H12 if "a" in pattern else HourClock.H24
    return HourClock.H24


def time_of_day(at: time | datetime, clock: HourClock) -> str:
    """Return a wall time: "16:00", on the 12 hour clock "4:00 pm"."""
    if clock is HourClock.H24:
        return f"{at:%H:%M}"
    return f"{(at.hour - 1) % 12 + 1}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def clock(at: datetime, zone: str, hours: HourClock, beside: datetime | None = None) -> str:
    """Return the time of day at `at` in `zone`: "10:00", on the 12 hour clock "10:00 am".

    In an hour that occurs twice it has its offset: "01:00 (UTC+01:00)"; also if the other end of a
    span, `beside`, has another offset.
    """
    text = time_of_day(_local(at, zone), hours)
    return f"{text} ({_signed(_ahead(at, zone))})" if _needs_offset(at, zone, beside) else text


def moment(at: datetime, zone: str, hours: HourClock) -> str:
    """Return date and time at `at` in `zone`: "Fri 27 Nov 2026, 19:00"."""
    return f"{day_short(at, zone)} {_local(at, zone).year}, {clock(at, zone, hours)}"


@lru_cache(maxsize=1024)
def zone_abbreviation(zone: str) -> str:
    """Return the abbreviation that American English writes behind a time: "PT"; "" if none.

    The source is CLDR. The abbreviation holds all year: "PT", not "PST".
    """
    short: str = get_timezone_name(zone, width="short", zone_variant="generic", locale="en_US")
    return short if short.isalpha() and short.isupper() and short != zone else ""


def weekday(at: date, zone: str = "") -> str:
    """Return the weekday of an instant in `zone`, or of a date: "Friday"."""
    return WEEKDAYS[_day(at, zone).weekday()]


def weekday_short(at: date, zone: str = "") -> str:
    """Return the short weekday of an instant in `zone`, or of a date: "Fri"."""
    return weekday(at, zone)[:SHORT]


def month_short(at: date, zone: str = "") -> str:
    """Return the short month of an instant in `zone`, or of a date: "Nov"."""
    return MONTHS[_day(at, zone).month - 1][:SHORT]


def day_number(at: date, zone: str = "") -> int:
    """Return the day of the month of an instant in `zone`, or of a date."""
    return _day(at, zone).day


def day_long(at: date, zone: str = "") -> str:
    """Return the date of an instant in `zone`, or a date: "Saturday 4 April 2026"."""
    return f"{weekday(at, zone)} {date_long(at, zone)}"


def date_long(at: date, zone: str = "") -> str:
    """Return the date of an instant in `zone`, or a date, without its weekday: "4 April 2026"."""
    day = _day(at, zone)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_short(at: date, zone: str = "") -> str:
    """Return the date of an instant in `zone`, or a date: "Sat 4 Apr"."""
    return f"{weekday_short(at, zone)} {day_number(at, zone)} {month_short(at, zone)}"


def iso(at: datetime) -> str:
    """Return the instant for machines, to the second: "2026-11-27T18:00:00Z"."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def iso_day(at: date, zone: str = "") -> str:
    """Return the date of an instant in `zone`, or a date, for machines: "2026-11-27"."""
    return _day(at, zone).isoformat()


def part_date(text: str) -> str:
    """Return a year or a month as text: "2024-06" is "June 2024"."""
    year, _, month = text.partition("-")
    if not month.isdecimal() or not 1 <= int(month) <= len(MONTHS):
        return text
    return f"{MONTHS[int(month) - 1]} {year}"


def offset(at: datetime, zone: str) -> str:
    """Return the offset of `zone` from UTC at `at`: "UTC+01:00"; in UTC itself "UTC"."""
    ahead = _ahead(at, zone)
    return _signed(ahead) if ahead else "UTC"


def place(at: datetime, zone: str, beside: datetime | None = None) -> str:
    """Return the city of a zone with its offset at `at`: "Berlin (UTC+02:00)".

    Without the offset if the city says it, or `clock(at, zone, …, beside)`.
    """
    city = zones.city(zone)
    if city.startswith("UTC") or _needs_offset(at, zone, beside):
        return city
    return f"{city} ({offset(at, zone)})"


def in_words(at: datetime, now: datetime) -> str:
    """Return the elapsed time between `now` and `at`: "in 4 days", "2 hours ago"."""
    distance = abs(at - now)
    if distance < MINUTE:
        return "now"
    words = about(distance)
    return f"in {words}" if at > now else f"{words} ago"


def about(duration: timedelta) -> str:
    """Return a length in one unit, at least a minute: "1 minute", "4 days"."""
    if duration < HOUR:
        return counted(max(duration // MINUTE, 1), "minute")
    if duration < 36 * HOUR:
        return counted(round(duration / HOUR), "hour")
    if duration < 2 * WEEK:
        return counted(round(duration / DAY), "day")
    if duration < 9 * WEEK:
        return counted(round(duration / WEEK), "week")
    return counted(round(duration / MONTH), "month")


def minutes(number: int) -> str:
    """Return a number of minutes as text: "30 minutes", "24 hours", "2 days"."""
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        count, rest = divmod(number, size)
        if count and not rest and (unit, count) != ("day", 1):  # a day of 24 hours is said in hours
            return counted(count, unit)
    return counted(number, "minute")


def recording_offset(seconds: int) -> str:
    """Return a position in a recording: "15:24", "1:02:03"."""
    hours, rest = divmod(seconds, 3600)
    minute, second = divmod(rest, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _needs_offset(at: datetime, zone: str, beside: datetime | None) -> bool:
    local = _local(at, zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return True
    return beside is not None and _ahead(beside, zone) != _ahead(at, zone)


def _ahead(at: datetime, zone: str) -> timedelta:
    return _local(at, zone).utcoffset() or timedelta()


def _signed(ahead: timedelta) -> str:
    hours, rest = divmod(abs(ahead), HOUR)
    return f"UTC{'-' if ahead < timedelta() else '+'}{hours:02}:{rest // MINUTE:02}"


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(zones.zone(zone))


def _day(at: date, zone: str) -> date:
    return _local(at, zone).date() if isinstance(at, datetime) else at
