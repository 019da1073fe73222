"""A request of a signed-in reader records that the session is in use, if that needs no waiting."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import NullPool, create_engine, event, func, select, text, update

from accounts.models import SignInSession
from accounts.services import people
from accounts.web.viewer import SESSION_KEY
from core import clock, tokens
from core.db.base import db
from core.db.engine import LOCK_TIMEOUT_SECONDS
from core.db.transaction import transaction

EMAIL = "ada@example.org"
TOKEN = "a-token-of-a-session"


@pytest.fixture
def seen_at(app, client) -> datetime:
    """The client's session was last seen long enough ago to be recorded again."""
    last_seen_at = clock.now() - timedelta(hours=2)
    with app.app_context(), transaction() as session:
        person = people.ensure(session, EMAIL, last_seen_at)
        row = SignInSession(
            token_hash=tokens.digest(TOKEN),
            person_id=person.id,
            created_at=last_seen_at,
            last_seen_at=last_seen_at,
        )
        session.add(row)
    with client.session_transaction() as cookie:
        cookie[SESSION_KEY] = TOKEN
    return last_seen_at


def recorded(app) -> datetime:
    with app.app_context():
        found = db.session.scalar(select(func.max(SignInSession.last_seen_at)))
        assert found is not None
        return found.replace(tzinfo=UTC)


def assert_read_without_waiting(client) -> None:
    started = time.monotonic()
    page = client.get("/me/")
    assert page.status_code == 200
    assert time.monotonic() - started < LOCK_TIMEOUT_SECONDS / 2


def test_reading_records_that_the_session_is_used(app, client, seen_at):
    assert_read_without_waiting(client)

    assert clock.now() - recorded(app) < timedelta(minutes=1)


def test_reading_goes_on_while_another_process_writes(app, client, settings, seen_at):
    other = create_engine(settings.database_url, poolclass=NullPool)
    with other.begin() as connection:
        same = {"last_seen_at": SignInSession.last_seen_at}
        connection.execute(update(SignInSession).values(same))
        assert_read_without_waiting(client)

    assert recorded(app) == seen_at
    assert_read_without_waiting(client)
    assert recorded(app) > seen_at


def test_reading_goes_on_while_another_thread_writes(app, client, seen_at):
    writing, read = threading.Event(), threading.Event()

    def write():
        with app.app_context(), transaction() as session:
            session.execute(update(SignInSession).values(created_at=seen_at))
            writing.set()
            read.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    writing.wait(10)
    try:
        assert_read_without_waiting(client)
    finally:
        read.set()
        writer.join()

    assert recorded(app) == seen_at


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_reading_goes_on_while_the_disk_is_full(app, client, seen_at):
    # The update itself needs no more room than the row has: the trigger makes it need some.
    with app.app_context():
        engine = db.engine
        with transaction() as session:
            session.execute(text("CREATE TABLE filler (filled BLOB)"))
            session.execute(
                text(
                    "CREATE TRIGGER fill AFTER UPDATE ON sign_in_sessions"
                    " BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END"
                )
            )

    def leave_no_room(connection, _record):
        connection.cursor().execute("PRAGMA max_page_count=1")  # no more pages than there are

    event.listen(engine, "connect", leave_no_room)
    engine.dispose()
    assert_read_without_waiting(client)
    assert recorded(app) == seen_at

    event.remove(engine, "connect", leave_no_room)
    engine.dispose()
    assert_read_without_waiting(client)
    assert recorded(app) > seen_at
