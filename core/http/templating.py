"""What every template can say: times with their zone, lengths, accents, assets."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from flask import Flask, g, url_for

from core import markdown, time_format, zones
from core.languages import language
from core.time_format import HourClock

ACCENTS = 6
HOUR_CLOCK = "hour_clock"


FILTERS: tuple[Callable[..., object], ...] = (
    *(time_format.weekday, time_format.weekday_short, time_format.month_short),
    *(time_format.day_number, time_format.day_long, time_format.day_short),
    *(time_format.iso, time_format.iso_day, time_format.part_date, time_format.offset),
    *(time_format.in_words, time_format.minutes, time_format.recording_offset),
    *(time_format.zone_abbreviation, language),
)
"""Functions that templates call by their own names."""


class ZoneOption(NamedTuple):
    """A zone to choose: its IANA name, its city, and its offset on the day asked about."""

    name: str
    city: str
    offset: str


def init_app(app: Flask) -> None:
    """Give `app`'s templates the filters and globals of this module."""
    app.jinja_env.filters.update({function.__name__: function for function in FILTERS})
    app.jinja_env.filters.update(city=zones.city, markdown=markdown.render)
    app.jinja_env.filters.update(clock=_clock, moment=_moment, accent=accent)
    hashes = _hashes(Path(app.static_folder or app.root_path))

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=hashes[name])

    app.jinja_env.tests["zone"] = zones.is_known
    app.jinja_env.globals.update(asset=asset, hour_clock=hour_clock, zone_groups=zone_groups)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


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
        option = ZoneOption(name, place.replace("_", " "), time_format.offset(hour_at, name))
        groups.setdefault(region, []).append(option)
    return groups


@lru_cache(maxsize=1)
def _places() -> list[str]:
    # zone.tab names a place for each country and clock, without the old aliases.
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
    """Return the clock of this page: the organization's, set by accounts/web/context.py."""
    chosen: HourClock = g.get(HOUR_CLOCK, HourClock.H24)
    return chosen


def _clock(at: datetime, zone: str) -> str:
    return time_format.clock(at, zone, hour_clock())


def _moment(at: datetime, zone: str) -> str:
    return time_format.moment(at, zone, hour_clock())
