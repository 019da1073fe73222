"""Invalid settings stop the start with one line that names them."""

import multiprocessing
import stat
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from pydantic import ValidationError

from core import config
from core.config import Settings

SECRET = "s" * 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somewhere"),
        ("BASE_URL", "calendar.example.org"),
        ("BASE_URL", "https://example.org/calendar"),
        ("BASE_URL", "https://example.org:99999"),
        ("BASE_URL", "https://ada@example.org"),
        ("MAIL_URL", "pigeon:loft"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://host:no"),
        ("SECRET_KEY", "short"),
        ("MAIL_FROM", "not an address"),
        ("WORKER", "sometimes"),
        ("PROXIES", "-1"),
        ("RATE_LIMITS", "maybe"),
        ("ENV", "staging"),
        ("TZDATA_DIR", "/nowhere"),
        ("FETCH_ALLOW", "nonsense"),
        ("FETCH_ALLOW", "calendars.example.org:443,"),
    ],
)
def test_setting_that_makes_no_sense_stops_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"CONVENOR_{name}", value)

    with pytest.raises(SystemExit) as stop:
        config.read()

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"Convenor did not start: CONVENOR_{name}: ")
    assert stop.value.code == 3


def test_addresses_with_ports_and_secrets_are_accepted() -> None:
    Settings(
        base_url="http://[::1]:8000/",
        mail_url="smtps://ada:s3cret%2F@mail.example.org:465",
        fetch_allow="calendars.intranet:8443, 10.0.0.7:443",
    )


@pytest.mark.parametrize("missing", ["secret_key", "base_url"])
def test_production_needs_its_own_secret_and_address(missing: str) -> None:
    complete = {"env": "production", "secret_key": SECRET, "base_url": "https://c.example.org"}
    assert Settings.model_validate(complete).production

    with pytest.raises(ValidationError, match=f"CONVENOR_{missing.upper()}"):
        Settings.model_validate(
            {**complete, missing: ""}
            if missing == "secret_key"
            else {key: value for key, value in complete.items() if key != missing}
        )


def test_worker_is_inline_with_sqlite_alone_unless_told() -> None:
    sqlite, postgresql = "sqlite:////tmp/x.db", "postgresql://localhost/convenor"

    assert Settings(database_url=sqlite).inline_worker
    assert not Settings(database_url=postgresql).inline_worker
    assert not Settings(database_url=sqlite, worker="off").inline_worker
    assert Settings(database_url=postgresql, worker="inline").inline_worker


def test_only_the_host_of_base_url_is_trusted_in_production() -> None:
    settings = Settings(env="production", secret_key=SECRET, base_url="https://c.example.org")

    assert settings.trusted_hosts == ["c.example.org"]
    assert "127.0.0.1" in Settings(base_url="https://c.example.org").trusted_hosts


def _return_secret(file: Path, together: Barrier, found: "SimpleQueue[str]") -> None:
    together.wait(30)
    try:
        found.put(config.stored_secret(file))
    except ValueError as error:
        found.put(str(error))


def test_first_starts_that_race_keep_one_secret(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for number in range(20):
        file = tmp_path / str(number) / "secret_key"
        together, found = context.Barrier(8), context.SimpleQueue()
        racing = [
            context.Process(target=_return_secret, args=(file, together, found)) for _ in range(8)
        ]
        for process in racing:
            process.start()
        keys = [found.get() for _ in racing]
        for process in racing:
            process.join()

        assert keys == [file.read_text("ascii")] * 8
        assert len(keys[0]) == 64
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("content", ["", "short", "\n" * 40])
def test_empty_or_short_secret_file_stops_the_start(
    content: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "secret_key"
    file.write_text(content)
    monkeypatch.setattr(config, "SECRET_FILE", file)

    with pytest.raises(SystemExit) as stop:
        config.read()

    assert stop.value.code == 3
    assert capsys.readouterr().err == (
        f"Convenor did not start: {file}: must hold at least 32 bytes; delete it to make a new key "
        "(cookies and private links of bookings end), or restore it from a backup\n"
    )
    assert file.read_text() == content


def test_secret_file_that_cannot_be_made_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "var").write_text("a file, not a folder")
    monkeypatch.setattr(config, "SECRET_FILE", tmp_path / "var" / "secret_key")

    with pytest.raises(SystemExit) as stop:
        config.read()

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Convenor did not start: ")
    assert stop.value.code == 3


def test_secret_is_kept_from_start_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "SECRET_FILE", tmp_path / "var" / "secret_key")

    assert config.read().secret_key == config.read().secret_key
