"""The cost of importing a large community file: python -m benchmarks.imports [OTHER TREE].

With the path of another checkout that has its own environment, the same file is imported by both
in turn, and the figures are relative to that one.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from core.config import ROOT

SERIES, EVENTS, HOSTS, BOOKINGS = 20, 1000, 1000, 20
MEBIBYTE = 1024
ABSTRACT = "We study what happens when nothing does, and why that may be of use to people. " * 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used: user and system seconds, and its peak resident memory in MiB."""

    seconds: float
    mebibytes: float


def community() -> Iterator[str]:
    """Yield the lines of a file of 20,000 events, 1,000 hosts and 20,000 bookings."""
    yield "organization: {name: Large, zone: UTC}"
    yield "series:"
    for number in range(SERIES):
        yield from _series(number)
    yield "hosts:"
    for number in range(HOSTS):
        yield from _host(number)


def imported(tree: Path, file: Path) -> Cost:
    """Import the file into an empty SQLite database with the code of a checkout."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,  # the command needs the shell's PATH
            "CONVENOR_DATABASE_URL": f"sqlite:///{folder}/import.db",
            "CONVENOR_SECRET_KEY": "a-secret-for-benchmarks-and-nothing-else",
            "CONVENOR_WORKER": "off",
        }
        flask = str(tree / ".venv" / "bin" / "flask")
        subprocess.run(
            [flask, "db", "upgrade"],
            cwd=tree,
            env=environment,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        command = subprocess.Popen([flask, "import", str(file)], cwd=tree, env=environment)
        _, status, used = os.wait4(command.pid, 0)
    if status:
        raise RuntimeError(f"the import in {tree} failed")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / MEBIBYTE)


def _series(number: int) -> Iterable[str]:
    yield f"- {{slug: series-{number}, name: Series {number}, zone: America/Los_Angeles,"
    yield "   timetable: [{starts: 2005-01-07T10:00, rule: FREQ=WEEKLY;BYDAY=FR}],"
    yield "   events: ["
    for week in range(EVENTS):
        yield f"  {{date: {date(2005, 1, 7) + timedelta(weeks=week)}, number: {week}, talks: ["
        yield f"    {{title: Talk {week}, abstract: '{ABSTRACT}', topics: [learning, theory],"
        yield "     speakers: [{name: Ada Lovelace, affiliation: University of London},"
        yield "       {name: Émilie du Châtelet}],"
        yield f"     paper_url: 'https://arxiv.org/abs/2001.{week:05}'}}]}},"
    yield "  ]}"


def _host(number: int) -> Iterable[str]:
    yield f"- {{slug: host-{number}, email: host{number}@example.org, name: Host {number},"
    yield "   zone: UTC, topics: [first paper],"
    yield "   weekly: [{days: [2, 4], from: '16:00', to: '18:00'}],"
    yield "   office_hours: [{slug: chat, title: Chat, minutes: [30, 60], buffer_after: 10}],"
    yield "   bookings: ["
    for week in range(BOOKINGS):
        starts = datetime(2024, 1, 2, 16) + timedelta(weeks=week)  # noqa: DTZ001  # written with Z
        yield f"  {{office_hours: chat, starts_at: '{starts.isoformat()}Z', minutes: 30,"
        yield f"   status: done, name: Guest {week}, email: guest{week}@example.org,"
        yield "   zone: Africa/Lagos, answers: {What about?: papers and more}},"
    yield "  ]}"


def main(others: list[str]) -> None:
    """Print what the import costs here, and in another checkout."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "community.yaml"
        file.write_text("\n".join(community()), "utf-8")
        print(f"{file.stat().st_size / 1e6:.1f} MB of YAML")
        for tree in (ROOT, *map(Path, others)):
            cost = imported(tree, file)
            print(f"{tree}: {cost.seconds:.1f} s of CPU, {cost.mebibytes:.0f} MiB at most")


if __name__ == "__main__":
    main(sys.argv[1:])
