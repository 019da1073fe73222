"""Time zones: IANA names and rules from one release of the zone data.

The source is the pinned `tzdata` package, or a directory with a compiled tree as `zic` writes it
and its source `tzdata.zi`, which names the release and the zones.
"""

import re
import zoneinfo
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

SOURCE = "tzdata.zi"
RELEASE = re.compile(r"# version (\d{4}[a-z]+)")
# The names of these zones have the sign of POSIX: Etc/GMT+12 is behind UTC.
FIXED = re.compile(r"(?:Etc/)?GMT([+-]?\d{1,2})")
MINUS = "\u2212"
ANYWHERE_ON_EARTH = -12
# The position of the zone's name in a line of the source, by the kind of line: zone or link.
NAME_AT = {"Z": 1, "L": 2}


class UnknownZone(ValueError):
    """The text is not the name of an IANA time zone."""


class ZoneDataRefused(ValueError):
    """A directory does not contain usable zone data."""


@dataclass(frozen=True, slots=True)
class ZoneData:
    """One release of the zone data: its folder, its name such as "2026c", and its zones."""

    folder: Path
    release: str
    names: frozenset[str]


def read(directory: str = "") -> ZoneData:
    """Return the zone data of a directory, by default of the package.

    Raises ZoneDataRefused for a directory that does not name its release or lacks a zone.
    """
    if not directory:
        return _read(Path(str(files("tzdata").joinpath("zoneinfo"))))
    folder = Path(directory)
    if not folder.is_absolute():
        raise ZoneDataRefused("must be an absolute path")
    found = _read(folder)
    missing = sorted(name for name in found.names if not folder.joinpath(name).is_file())
    if missing:
        raise ZoneDataRefused(f"has no compiled file {missing[0]}")
    return found


def use(data: ZoneData) -> None:
    """Use the names and rules of `data` from now on."""
    global _data
    # zoneinfo would otherwise prefer the data of the host system.
    zoneinfo.reset_tzpath((str(data.folder),))
    ZoneInfo.clear_cache()
    zone.cache_clear()
    _data = data


def reload() -> str:
    """Read the data again if its files have another release now; return the release."""
    found = _read(_data.folder)
    if found.release != _data.release:
        use(found)
    return found.release


def release() -> str:
    """Return the release of the data in use: "2026c"."""
    return _data.release


def is_known(name: str) -> bool:
    """Whether `name` is the name of an IANA time zone."""
    return name in _data.names


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the zone called `name`; raise UnknownZone for anything but an IANA name."""
    if not is_known(name):
        raise UnknownZone(name[:64])
    return ZoneInfo(name)


def compiled(name: str) -> bytes:
    """Return the compiled rules of the zone, a TZif file (RFC 9636); raise UnknownZone."""
    if not is_known(name):
        raise UnknownZone(name[:64])
    return _data.folder.joinpath(name).read_bytes()


def city(name: str) -> str:
    """Return the city in a zone name: "Los Angeles" for "America/Los_Angeles".

    A zone with a fixed distance from UTC is called by it: "UTC+5" for "Etc/GMT-5".
    """
    fixed = FIXED.fullmatch(name)
    if fixed is not None:
        return _fixed(-int(fixed[1]))
    return name.rsplit("/", 1)[-1].replace("_", " ")


def _fixed(hours: int) -> str:
    if not hours:
        return "UTC"
    text = f"UTC{'+' if hours > 0 else MINUS}{abs(hours)}"
    return f"{text} (anywhere on earth)" if hours == ANYWHERE_ON_EARTH else text


def _read(folder: Path) -> ZoneData:
    try:
        first, *lines = folder.joinpath(SOURCE).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        raise ZoneDataRefused(f"has no {SOURCE} that can be read") from None
    match = RELEASE.fullmatch(first)
    if match is None:
        raise ZoneDataRefused(f'the first line of {SOURCE} must be "# version " and a release')
    words = (line.split() for line in lines)
    names = (each[NAME_AT[each[0]]] for each in words if each and each[0] in NAME_AT)
    return ZoneData(folder, match[1], frozenset(names))


_data = read()
use(_data)
