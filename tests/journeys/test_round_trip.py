"""A community that moves house: exported, imported into an empty database, the same to readers."""

import shutil
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.conftest import make_settings, running
from tests.factories_scheduler import NOW

FEEDS = ("/calendar.ics", "/series/dlct.ics", "/series/jam.ics", "/series/town-hall.ics")
CHANGES = """\
series:
- slug: dlct
  short_name: Classics & Trends
  gaps: [{date: 2026-05-22, reason: "Holiday, everywhere"}]
  events:
  - {date: 2026-05-08, status: cancelled, reason: ill}
  - date: 2026-05-08
    key: 2026-05-08-2
    talks: [{title: "Instead; of, that 🎉", abstract: "One\\n\\ntwo"}]
  - {date: 2026-05-15, starts: 2026-05-18T11:00}
  - {starts: 2026-05-20, all_day: true, days: 2, talks: [{speakers: [{name: Ada}]}]}
"""


def feeds(app: Flask) -> list[bytes]:
    """Return the bytes of every feed."""
    client = app.test_client()
    answers = [client.get(path) for path in FEEDS]
    assert [answer.status_code for answer in answers] == [200] * len(FEEDS)
    return [answer.data for answer in answers]


def run(app: Flask, *words: str) -> str:
    """Run a command; return what it printed."""
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a second database."""
    file = tmp_path / "second.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


def test_feeds_are_the_same_bytes_after_an_export_and_import(
    app: Flask, empty: str, tmp_path: Path
) -> None:
    changes, moved, again = (tmp_path / name for name in ("c.yaml", "moved.yaml", "again.yaml"))
    changes.write_text(CHANGES, "utf-8")
    with time_machine.travel(NOW):
        run(app, "demo")
        run(app, "import", str(changes))
        run(app, "export", str(moved))
        before = feeds(app)
        with running(make_settings(empty, tmp_path)) as second:
            assert "updated 0, unchanged 0, refused 0" in run(second, "import", str(moved))
            assert feeds(second) == before
            run(second, "export", str(again))
            assert again.read_text("utf-8") == moved.read_text("utf-8")
            told = run(second, "import", str(moved))
            assert told.startswith("created 0, updated 0, unchanged ")
