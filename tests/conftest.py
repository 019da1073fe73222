"""Fixtures for all tests: databases, the app on each of them, a web server, a mail server.

Tests with `app` and its dependents run twice, on SQLite and on PostgreSQL. Those with `sqlite_`
fixtures run once, because the database makes no difference. Each test has its own empty database
in the newest schema.
"""

import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import flask_migrate
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session as Dialogue
from flask import Flask, before_render_template
from flask.testing import FlaskClient, FlaskCliRunner
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from core.config import PREFIX, Settings
from core.db.base import db
from core.db.engine import WRITES
from tests import postgres, processes

SECRET_KEY = "a-secret-for-tests-and-nothing-else"
COMPILED_TEMPLATES = FileSystemBytecodeCache()
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def pytest_configure() -> None:
    """Isolate tests from the settings of the developer's shell and from the network."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    connect = socket.socket.connect

    def connect_to_loopback(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert isinstance(address, tuple)
            if address[0] not in LOOPBACK:
                raise RuntimeError(f"a test dialled {address[0]}: only loopback is open to tests")
        connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect_to_loopback  # type: ignore[method-assign, assignment]


def make_settings(database_url: str, folder: Path) -> Settings:
    """Return settings for tests: no background thread, no rate limits, mails as files."""
    return Settings(
        database_url=database_url,
        secret_key=SECRET_KEY,
        mail_url=f"file:{folder / 'mail'}",
        worker="off",
        rate_limits="off",
    )


def environment_of(database_url: str, folder: Path) -> dict[str, str]:
    """Return the settings of `make_settings` as environment variables for a process."""
    return {
        f"{PREFIX}DATABASE_URL": database_url,
        f"{PREFIX}SECRET_KEY": SECRET_KEY,
        f"{PREFIX}MAIL_URL": f"file:{folder / 'mail'}",
        f"{PREFIX}WORKER": "off",
        f"{PREFIX}RATE_LIMITS": "off",
    }


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """Create an app, and close its connections at the end so that its database can be deleted."""
    from app import create_app

    app = create_app(settings)
    app.testing = True
    before_render_template.connect(_refuse_to_render_in_a_transaction, app)
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _refuse_to_render_in_a_transaction(*_: object, **__: object) -> None:
    """No page is rendered while the write lock is held: other writers would wait for it."""
    if db.session().info.get(WRITES):
        raise RuntimeError("a template was rendered inside of a transaction")


def migrate(database_url: str, folder: Path) -> None:
    """Migrate a database to the newest revision."""
    with running(make_settings(database_url, folder)) as app, app.app_context():
        flask_migrate.upgrade()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    file = folder / "migrated.db"
    migrate(f"sqlite:///{file}", folder)
    return file


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server of this test process."""
    with postgres.cluster() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_database(cluster: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated PostgreSQL database, emptied after each test that uses it."""
    url = cluster.create(postgres.MIGRATED)
    migrate(url, tmp_path_factory.mktemp("template"))
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated, empty SQLite database."""
    file = tmp_path / "convenor.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(cluster: postgres.Cluster, postgresql_database: str) -> Iterator[str]:
    """The URL of a migrated, empty PostgreSQL database."""
    yield postgresql_database
    cluster.empty(postgres.MIGRATED)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, on SQLite and on PostgreSQL, for tests of the migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.db'}"
        return
    server: postgres.Cluster = request.getfixturevalue("cluster")
    name = f"t{uuid.uuid4().hex}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of `app`."""
    return make_settings(database_url, tmp_path)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app, on SQLite and on PostgreSQL."""
    with running(settings) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """The command line."""
    return app.test_cli_runner()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The database session, for tests of services and queries: `transaction()` works too.

    The app context is open for the whole test, and requests would share it: not with `client`.
    """
    with app.app_context():
        yield db.session()


@pytest.fixture
def sqlite_settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """The settings of `sqlite_app`."""
    return make_settings(sqlite_url, tmp_path)


@pytest.fixture
def sqlite_app(sqlite_settings: Settings) -> Iterator[Flask]:
    """The app on SQLite only."""
    with running(sqlite_settings) as app:
        yield app


@pytest.fixture
def sqlite_client(sqlite_app: Flask) -> FlaskClient:
    """A browser without cookies for an app on SQLite only."""
    return sqlite_app.test_client()


@pytest.fixture
def sqlite_runner(sqlite_app: Flask) -> FlaskCliRunner:
    """The command line of an app on SQLite only."""
    return sqlite_app.test_cli_runner()


@pytest.fixture
def sqlite_session(sqlite_app: Flask) -> Iterator[Session]:
    """Like `session`, on SQLite only."""
    with sqlite_app.app_context():
        yield db.session()


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment variables for a process that uses this test's database."""
    return environment_of(database_url, tmp_path)


@pytest.fixture
def sqlite_environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """Like `environment`, on SQLite only."""
    return environment_of(sqlite_url, tmp_path)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., processes.Server]]:
    """Start web processes: `serve(environment, workers=2).url`; they end with the test."""
    started: list[processes.Server] = []

    def start(env: Mapping[str, str], *, workers: int = 1) -> processes.Server:
        server = processes.serve(env, tmp_path / f"server-{len(started)}.log", workers=workers)
        started.append(server)
        return server

    yield start
    for server in started:
        processes.stop(server.process)


class MailServer:
    """A mail server on loopback that keeps the messages it gets."""

    def __init__(self) -> None:
        self.port = processes.free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, server: Protocol, session: Dialogue, envelope: Envelope) -> str:
        """Keep the message and its recipients."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=SMTP)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 kept"


@pytest.fixture
def smtp_server() -> Iterator[MailServer]:
    """A mail server: give `smtp_server.url` as MAIL_URL, read `smtp_server.messages`."""
    mailbox = MailServer()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()
