"""Template filters and globals: times with their zone, lengths, accents, assets."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from flask import Flask, g, url_for

from core import addresses, markdown, own_time, time_format, zones
from core.http.refused_fields import error_lines, note_refused_field
from core.languages import language
from core.time_format import HourClock

ACCENTS = 12
HOUR_CLOCK = "hour_clock"
READER_ZONE = "reader_zone"


FILTERS: tuple[Callable[..., object], ...] = (
    *(time_format.weekday, time_format.weekday_short, time_format.month_short),
    *(time_format.day_number, time_format.day_long, time_format.day_short),
    *(time_format.iso, time_format.iso_day, time_format.part_date, time_format.offset),
    time_format.place,
    *(time_format.in_words, time_format.minutes, time_format.recording_offset),
    *(time_format.zone_abbreviation, language),
    *(own_time.is_same_time, own_time.is_same_day, own_time.shift_note),
)
"""Filters that have the names of these functions."""


class ZoneOption(NamedTuple):
    """An option of a zone list: IANA name, city, and offset at an instant."""

    name: str
    city: str
    offset: str


def init_app(app: Flask) -> None:
    """Add filters and globals to the templates of the app."""
    app.jinja_env.filters.update({function.__name__: function for function in FILTERS})
    app.jinja_env.filters.update(city=zones.city, markdown=markdown.render)
    app.jinja_env.filters["readable_address"] = addresses.readable
    app.jinja_env.filters.update(clock=_clock, moment=_moment, accent=accent)
    hashes = _hashes(Path(app.static_folder or app.root_path))

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=hashes[name])

    app.jinja_env.tests["zone"] = zones.is_known
    app.jinja_env.globals.update(asset=asset, hour_clock=hour_clock, zone_groups=zone_groups)
    app.jinja_env.globals.update(reader_zone=reader_zone)
    app.jinja_env.globals.update(error_lines=error_lines, note_refused_field=note_refused_field)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def accent(of: int | str) -> str:
    """Return the CSS class of an accent color, or the one that a slug always has."""
    number = of if isinstance(of, int) else crc32(of.encode()) >> 16
    return f"accent-{number % ACCENTS}"


def zone_groups(at: datetime) -> dict[str, list[ZoneOption]]:
    """Return the zone options by region, each with its offset at `at`."""
    return _zone_groups(at.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=64)
def _zone_groups(hour_at: datetime) -> dict[str, list[ZoneOption]]:
    groups: dict[str, list[ZoneOption]] = {"": [ZoneOption("UTC", "UTC", "UTC")]}
    for name in _zone_names():
        region, _, place = name.partition("/")
        option = ZoneOption(name, place.replace("_", " "), time_format.offset(hour_at, name))
        groups.setdefault(region, []).append(option)
    return groups


@lru_cache(maxsize=1)
def _zone_names() -> list[str]:
    # zone.tab lists a city for each country and clock, without old aliases.
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return sorted(row[2] for row in rows)


def _hashes(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in found
    }


def hour_clock() -> HourClock:
    """Return the organization's clock, set by accounts/web/context.py."""
    chosen: HourClock = g.get(HOUR_CLOCK, HourClock.H24)
    return chosen


def reader_zone() -> str:
    """Return the zone of the reader, "" if it is unknown; set by accounts/web/context.py."""
    zone: str = g.get(READER_ZONE, "")
    return zone


def _clock(at: datetime, zone: str, beside: datetime | None = None) -> str:
    return time_format.clock(at, zone, hour_clock(), beside)


def _moment(at: datetime, zone: str) -> str:
    return time_format.moment(at, zone, hour_clock())
