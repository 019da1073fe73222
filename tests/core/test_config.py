"""Settings that make no sense stop the start with one line that names them."""

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
