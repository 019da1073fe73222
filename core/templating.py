"""What every template can say: times with their zone, lengths, accents, assets."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from flask import Flask, url_for

from core import markdown, zones
from core.languages import language

# Written here, since the C library's locale would change them from host to host.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT = 3
ACCENTS = 6
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MONTH = timedelta(days=30)


class ZoneOption(NamedTuple):
    """A zone to choose: its IANA name, its city, and its offset on the day asked about."""

    name: str
    city: str
    offset: str


def init_app(app: Flask) -> None:
    """Give `app`'s templates the filters and globals of this module."""
    named = (
        clock, weekday, weekday_short, month_short, day_number, day_long, day_short, moment,
        iso, iso_day, part_date, offset, in_words, minutes, duration, accent, language,
    )  # fmt: skip
    app.jinja_env.filters.update({function.__name__: function for function in named})
    app.jinja_env.filters.update(city=zones.city, markdown=markdown.render)
    hashes = _hashes(Path(app.static_folder or app.root_path))

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=hashes[name])

    app.jinja_env.tests["zone"] = zones.NAMES.__contains__
    app.jinja_env.globals.update(asset=asset, zone_groups=zone_groups)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def clock(at: datetime, zone: str) -> str:
    """Return the time of day at `at` in `zone`: "10:00"."""
    return f"{_local(at, zone):%H:%M}"


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
    day = _day(at, zone)
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def day_short(at: date, zone: str = "") -> str:
    """Return the date of an instant in `zone`, or a date: "Sat 4 Apr"."""
    return f"{weekday_short(at, zone)} {day_number(at, zone)} {month_short(at, zone)}"


def moment(at: datetime, zone: str) -> str:
    """Return date and time at `at` in `zone`: "Fri 27 Nov 2026, 19:00"."""
    return f"{day_short(at, zone)} {_local(at, zone).year}, {clock(at, zone)}"


def iso(at: datetime) -> str:
    """Return the instant for machines, to the second: "2026-11-27T18:00:00Z"."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def iso_day(at: date, zone: str = "") -> str:
    """Return the date of an instant in `zone`, or a date, for machines: "2026-11-27"."""
    return _day(at, zone).isoformat()


def part_date(text: str) -> str:
    """Return a date that is known in part as people say it: "2024-06" is "June 2024"."""
    year, _, month = text.partition("-")
    if not month.isdecimal() or not 1 <= int(month) <= len(MONTHS):
        return text
    return f"{MONTHS[int(month) - 1]} {year}"


def offset(at: datetime, zone: str) -> str:
    """Return how far the clocks of `zone` are from UTC at `at`: "UTC+01:00"; in UTC "UTC"."""
    ahead = _local(at, zone).utcoffset() or timedelta()
    if not ahead:
        return "UTC"
    hours, rest = divmod(abs(ahead), HOUR)
    return f"UTC{'+' if ahead > timedelta() else '-'}{hours:02}:{rest // MINUTE:02}"


def in_words(at: datetime, now: datetime) -> str:
    """Return how far `at` is from `now`, in real elapsed time: "in 4 days", "2 hours ago"."""
    distance = abs(at - now)
    if distance < MINUTE:
        return "now"
    words = _about(distance)
    return f"in {words}" if at > now else f"{words} ago"


def minutes(number: int) -> str:
    """Return a length in minutes as people say it: "30 minutes", "2 hours"."""
    hours, rest = divmod(number, 60)
    return _counted(hours, "hour") if hours and not rest else _counted(number, "minute")


def duration(seconds: int) -> str:
    """Return a place in a recording: "15:24", "1:02:03"."""
    hours, rest = divmod(seconds, 3600)
    minute, second = divmod(rest, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def accent(slug: str) -> str:
    """Return the class of the colour of a series or host; the same slug always has the same."""
    # The upper half: by the lower one "dlct" and "jam" would look alike.
    return f"accent-{(crc32(slug.encode()) >> 16) % ACCENTS}"


def zone_groups(at: datetime) -> dict[str, list[ZoneOption]]:
    """Return the zones to choose from by region, each with its offset at `at`."""
    return _zone_groups(at.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=64)
def _zone_groups(hour_at: datetime) -> dict[str, list[ZoneOption]]:
    groups: dict[str, list[ZoneOption]] = {"": [ZoneOption("UTC", "UTC", "UTC")]}
    for name in _places():
        region, _, place = name.partition("/")
        option = ZoneOption(name, place.replace("_", " "), offset(hour_at, name))
        groups.setdefault(region, []).append(option)
    return groups


@lru_cache(maxsize=1)
def _places() -> list[str]:
    # zone.tab names a place for each country and clock, without the old aliases.
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return sorted(row[2] for row in rows)


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(zones.zone(zone))


def _day(at: date, zone: str) -> date:
    return _local(at, zone).date() if isinstance(at, datetime) else at


def _about(distance: timedelta) -> str:
    if distance < HOUR:
        return _counted(distance // MINUTE, "minute")
    if distance < 36 * HOUR:
        return _counted(round(distance / HOUR), "hour")
    if distance < 2 * WEEK:
        return _counted(round(distance / DAY), "day")
    if distance < 9 * WEEK:
        return _counted(round(distance / WEEK), "week")
    return _counted(round(distance / MONTH), "month")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hashes(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in found
    }
