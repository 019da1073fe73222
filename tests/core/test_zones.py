"""The zone data of the package, and of a directory that replaces it."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tzdata

from core import zones
from core.zones import UnknownZone, ZoneDataRefused
from tests import zone_data
from tests.zone_data import ALWAYS_SUMMER, NEWER, OLDER, PACIFIC, VANCOUVER

TEN = datetime(2026, 11, 12, 10, 0)
AT_18, AT_17 = datetime(2026, 11, 12, 18, tzinfo=UTC), datetime(2026, 11, 12, 17, tzinfo=UTC)


def ten_in_vancouver() -> datetime:
    return TEN.replace(tzinfo=zones.zone(VANCOUVER)).astimezone(UTC)


@pytest.fixture(autouse=True)
def package():
    yield
    zones.use(zones.read())


def test_package_says_its_release_and_its_names():
    package = zones.read()

    listed = Path(tzdata.__file__).with_name("zones").read_text("utf-8").split()
    assert (package.release, package.names) == (tzdata.IANA_VERSION, frozenset(listed))


def test_directory_takes_the_place_of_the_package(tmp_path):
    zones.use(zones.read(zone_data.write_release(tmp_path, OLDER, {VANCOUVER: PACIFIC})))
    assert (zones.release(), ten_in_vancouver()) == (OLDER, AT_18)

    zones.use(zones.read(zone_data.write_release(tmp_path, NEWER, {VANCOUVER: ALWAYS_SUMMER})))
    assert (zones.release(), ten_in_vancouver()) == (NEWER, AT_17)


def test_names_are_those_of_the_directory(tmp_path):
    (tmp_path / "tzdata.zi").write_text("# version 2026c\nZ Here/Now 1 - A\nL Here/Now Alias\n")
    (tmp_path / "Here").mkdir()
    for name in ("Here/Now", "Alias"):
        (tmp_path / name).write_bytes(zone_data.compiled("A-1"))

    zones.use(zones.read(str(tmp_path)))

    assert zones.zone("Alias").utcoffset(TEN) == zones.zone("Here/Now").utcoffset(TEN)
    assert zones.compiled("Alias") == zone_data.compiled("A-1")
    with pytest.raises(UnknownZone):
        zones.zone(VANCOUVER)


def test_reload_takes_a_new_release_of_the_same_directory(tmp_path):
    folder = Path(zone_data.write_release(tmp_path, OLDER, {VANCOUVER: PACIFIC}))
    zones.use(zones.read(str(folder)))
    ten_in_vancouver()
    (folder / VANCOUVER).write_bytes(zone_data.compiled(ALWAYS_SUMMER))
    zone_data.write_source(folder, NEWER)

    assert (zones.reload(), ten_in_vancouver()) == (NEWER, AT_17)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "has no tzdata.zi that can be read"),
        ("", "has no tzdata.zi that can be read"),
        ("Z UTC 0 - UTC\n", 'the first line of tzdata.zi must be "# version " and a release'),
        ("# version unknown\n", 'the first line of tzdata.zi must be "# version " and a release'),
        ("# version 2026c\nZ Etc/UTC 0 - UTC\n", "has no compiled file Etc/UTC"),
    ],
)
def test_directory_that_cannot_be_used_is_refused(tmp_path, source, words):
    if source is not None:
        (tmp_path / "tzdata.zi").write_text(source)

    with pytest.raises(ZoneDataRefused) as refusal:
        zones.read(str(tmp_path))
    assert str(refusal.value) == words


def test_relative_directory_is_refused():
    with pytest.raises(ZoneDataRefused) as refusal:
        zones.read("zoneinfo")
    assert str(refusal.value) == "must be an absolute path"


def test_tree_that_zic_compiled_is_read(tmp_path):
    zic = shutil.which("zic", path="/usr/sbin:/usr/bin")
    if zic is None:
        pytest.skip("this machine has no zic")
    source = tmp_path / "tzdata.zi"
    source.write_text("# version 2026c\nZ America/Vancouver -7 - MST\n")
    subprocess.run([zic, "-d", tmp_path, source], check=True)

    zones.use(zones.read(str(tmp_path)))
    assert ten_in_vancouver() == AT_17
