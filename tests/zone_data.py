"""Releases of the zone data for tests: the package's, with other rules for some zones."""

import os
import shutil
import struct
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

VANCOUVER = "America/Vancouver"
# By the older rules 10:00 on 2026-11-12 is 18:00 UTC, by the newer ones 17:00 UTC.
PACIFIC, ALWAYS_SUMMER = "PST8PDT,M3.2.0,M11.1.0", "<-07>7"
OLDER, NEWER, NEWEST = "2090a", "2090b", "2091a"


def write_release(folder: Path, release: str, rules: Mapping[str, str]) -> str:
    """Write a tree as `zic` does, with POSIX TZ strings as rules; return its path."""
    package = Path(str(files("tzdata").joinpath("zoneinfo")))
    target = folder / release
    shutil.copytree(package, target, copy_function=os.symlink)
    for name, rule in rules.items():
        target.joinpath(name).unlink()
        target.joinpath(name).write_bytes(compiled(rule))
    write_source(target, release)
    return str(target)


def write_source(target: Path, release: str) -> None:
    """Name the release of a tree."""
    package = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("utf-8")
    _, _, rest = package.partition("\n")
    target.joinpath("tzdata.zi").unlink(missing_ok=True)
    target.joinpath("tzdata.zi").write_text(f"# version {release}\n{rest}", "utf-8")


def compiled(rule: str) -> bytes:
    """Return a TZif file (RFC 9636) whose one rule is a POSIX TZ string."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = b"TZif2" + bytes(15) + counts + struct.pack(">lbb", 0, 0, 0) + b"LMT\0"
    return block + block + b"\n" + rule.encode() + b"\n"
