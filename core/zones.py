"""Time zones: the fixed list of IANA names this program knows, read from the pinned tzdata."""

import zoneinfo
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

# The pinned package decides, not whatever the host system happens to ship.
zoneinfo.reset_tzpath(())

# `tzdata/zones` lists names alone: no `posix/`, `right/` or `localtime`.
NAMES: frozenset[str] = frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


class UnknownZone(ValueError):
    """The text is not the name of an IANA time zone."""


@lru_cache(maxsize=len(NAMES))
def zone(name: str) -> ZoneInfo:
    """Return the zone called `name`; raise UnknownZone for anything but an IANA name."""
    if name not in NAMES:
        raise UnknownZone(name[:64])
    return ZoneInfo(name)


def city(name: str) -> str:
    """Return the place a reader would say: "Los Angeles" for "America/Los_Angeles"."""
    return name.rsplit("/", 1)[-1].replace("_", " ")
