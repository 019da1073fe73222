"""Settings: one frozen value, read once from the environment and validated."""

import os
import re
import secrets
import sys
from contextlib import suppress
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal, NoReturn, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core import zones
from core.addresses import check_address

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "CONVENOR_"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_BASE_URL = "http://127.0.0.1:8000"
SECRET_FILE = ROOT / "var" / "secret_key"
SHORTEST_SECRET_BYTES = 32
MAIL_SCHEMES = ("smtp", "smtps", "console", "file")


class Settings(BaseSettings):
    """The settings of an instance. `read()` reads them; tests pass values by name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    env: Literal["", "production"] = ""
    database_url: str = f"sqlite:///{ROOT / 'var' / 'convenor.db'}"
    base_url: str = DEFAULT_BASE_URL
    secret_key: str = Field(default="", repr=False)
    mail_from: str = ""
    mail_url: str = f"file:{ROOT / 'var' / 'mail'}"
    worker: Literal["", "inline", "off"] = ""
    fetch_allow: str = ""
    notice_delay: int = Field(default=5, ge=0, le=30)
    rate_limits: Literal["on", "off"] = "on"
    tzdata_dir: str = ""
    proxies: int = Field(default=0, ge=0, le=10)

    @property
    def production(self) -> bool:
        """Whether this is a production instance, which has no default for the secret key."""
        return self.env == "production"

    @property
    def sqlite(self) -> bool:
        """Whether the database is an embedded SQLite file."""
        return self.database_url.startswith("sqlite:")

    @property
    def inline_worker(self) -> bool:
        """Whether the web process also runs the background jobs."""
        return self.worker == "inline" or (self.worker == "" and self.sqlite)

    @property
    def limits_requests(self) -> bool:
        """Whether requests and mails to unconfirmed mailboxes are limited."""
        return self.rate_limits == "on"

    @property
    def notice_wait(self) -> timedelta:
        """How long a notice of a change waits for another change."""
        return timedelta(minutes=self.notice_delay)

    @property
    def address(self) -> SplitResult:
        """The parts of BASE_URL."""
        return urlsplit(self.base_url)

    @property
    def domain(self) -> str:
        """The host name of BASE_URL; it ends the UIDs that are made here."""
        return self.address.hostname or "localhost"

    @property
    def https(self) -> bool:
        """Whether pages are served by https."""
        return self.address.scheme == "https"

    @property
    def trusted_hosts(self) -> list[str]:
        """The Host headers that are accepted."""
        host = self.address.hostname or ""
        return [host] if self.production else [host, *LOOPBACK]

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url

    @field_validator("base_url")
    @classmethod
    def _absolute_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.query or not _is_host(parts.netloc):
            raise ValueError("must be an address such as https://calendar.example.org")
        if parts.path not in ("", "/"):
            raise ValueError("must not have a path: Convenor answers at the root of its host")
        return url.rstrip("/")

    @field_validator("mail_url")
    @classmethod
    def _known_mail_transport(cls, url: str) -> str:
        scheme, _, rest = url.partition(":")
        if scheme not in MAIL_SCHEMES or (scheme == "file" and not rest):
            raise ValueError("must be smtp://host:port, smtps://host:port, console: or file:DIR")
        if scheme in ("smtp", "smtps") and not _is_host(urlsplit(url).netloc.rpartition("@")[2]):
            raise ValueError("must name a host, such as smtp://localhost:25")
        return url

    @field_validator("fetch_allow")
    @classmethod
    def _hosts_with_ports(cls, text: str) -> str:
        hosts = [host.strip() for host in text.split(",")] if text else []
        if not all(_is_host(host, port=True) for host in hosts):
            raise ValueError("must be host:port, host:port, such as calendars.intranet:8443")
        return text

    @field_validator("tzdata_dir")
    @classmethod
    def _usable_zone_data(cls, directory: str) -> str:
        if directory:
            zones.read(directory)
        return directory

    @field_validator("mail_from")
    @classmethod
    def _sendable_address(cls, text: str) -> str:
        if text:
            check_address(parseaddr(text)[1])
        return text

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, key: str) -> str:
        if key and len(key.encode()) < SHORTEST_SECRET_BYTES:
            raise ValueError(
                f"must be at least {SHORTEST_SECRET_BYTES} bytes; `openssl rand -hex 32` makes one"
            )
        return key

    @model_validator(mode="after")
    def _complete_in_production(self) -> Self:
        if self.production and not self.secret_key:
            raise ValueError(f"{PREFIX}SECRET_KEY: is required in production")
        if self.production and self.base_url == DEFAULT_BASE_URL:
            raise ValueError(f"{PREFIX}BASE_URL: is required in production")
        return self


def is_loopback(host: str) -> bool:
    """Whether a host name or address, an IPv6 one with or without brackets, is this machine."""
    return host in LOOPBACK or host == "::1"


def _is_host(text: str, *, port: bool = False) -> bool:
    """Whether `text` is a host with a valid port; the port is required if `port` is true."""
    try:
        parts = urlsplit(f"//{text}")
        number = parts.port
    except ValueError:
        return False
    named = bool(parts.hostname) and parts.netloc == text and not re.search(r"[@\s]", text)
    return named and number != 0 and not (port and number is None)


def read() -> Settings:
    """Return the settings of the environment; exit with one line of text if one is invalid.

    The exit status is 3, which makes gunicorn stop instead of restarting its worker forever.
    """
    try:
        settings = Settings()
    except ValidationError as refusal:
        first = refusal.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        _stop(name + first["msg"].removeprefix("Value error, "))
    if settings.secret_key:
        return settings
    try:
        return settings.model_copy(update={"secret_key": stored_secret(SECRET_FILE)})
    except (OSError, ValueError) as error:
        _stop(str(error))


def stored_secret(file: Path) -> str:
    """Return the secret key in `file`; create the file if it is missing.

    If several processes create it at once, one succeeds and all return its key. Raises ValueError
    if the file is empty or the key is too short, OSError if it cannot be read or created.
    """
    if not file.exists():
        _make_secret(file)
    key = file.read_text("ascii")
    if len(key.strip()) < SHORTEST_SECRET_BYTES:
        raise ValueError(
            f"{file}: must hold at least {SHORTEST_SECRET_BYTES} bytes; delete it to make a new "
            "key (cookies and private links of bookings end), or restore it from a backup"
        )
    return key


def _make_secret(file: Path) -> None:
    """Write a new key to a temporary file and link it as `file`, so that it is never incomplete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Only the owner can read a temporary file (0600).
    with NamedTemporaryFile("w", dir=file.parent, prefix=f"{file.name}.") as draft:
        draft.write(secrets.token_hex(32))
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):  # another process was first
            file.hardlink_to(draft.name)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _stop(reason: str) -> NoReturn:
    sys.stderr.write(f"Convenor did not start: {reason}\n")
    raise SystemExit(3) from None
