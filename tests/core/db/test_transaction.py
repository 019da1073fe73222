"""Transactions: one writer at a time on SQLite, inserts in one statement, server restarts."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from core import audit
from core.audit import AuditEntry
from core.db.base import db
from core.db.errors import is_busy
from core.db.fast_sql import PendingInsert, insert_all
from core.db.transaction import transaction
from core.messages import outbox
from core.messages.outbox import Draft, Message

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday


def entry(subject):
    return audit.entry("guest", "tested", subject, now=NOW)


def note(key):
    return outbox.message(Draft(key, "note", "ann@example.org", NOW, NOW + timedelta(days=1)), NOW)


def write(app, subject, done):
    with app.app_context(), transaction() as session:
        insert_all(session, entry(subject))
        done.append(subject)


def test_threads_write_to_sqlite_in_turn(sqlite_app):
    done = []
    others = [
        threading.Thread(target=write, args=(sqlite_app, f"other:{number}", done))
        for number in range(8)
    ]
    with sqlite_app.app_context():
        with transaction() as session:
            for other in others:
                other.start()
            time.sleep(0.1)
            assert done == []
            insert_all(session, entry("first"))
            done.append("first")
        for other in others:
            other.join(10)
        subjects = db.session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)).all()

    assert (done[0], len(done)) == ("first", 9)
    assert subjects == done


def test_wait_that_is_too_long_for_a_turn_says_that_the_database_is_busy(sqlite_app, monkeypatch):
    monkeypatch.setattr("core.db.transaction.LOCK_TIMEOUT_SECONDS", 0.05)
    refusals = []

    def come_too_late():
        try:
            write(sqlite_app, "late", [])
        except OperationalError as error:
            refusals.append(error)

    with sqlite_app.app_context(), transaction():
        late = threading.Thread(target=come_too_late)
        late.start()
        late.join(10)
    write(sqlite_app, "next", done := [])

    assert [is_busy(each) for each in refusals] == [True]
    assert done == ["next"]


def test_failed_transaction_gives_up_its_turn_and_its_rows(sqlite_app):
    wrong = PendingInsert(audit.ENTRIES, {"at": NOW})
    with sqlite_app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        insert_all(session, entry("lost"), wrong)
    write(sqlite_app, "kept", [])

    with sqlite_app.app_context():
        assert db.session.scalars(select(AuditEntry.subject)).all() == ["kept"]


def test_rows_of_several_tables_are_inserted_together(session):
    with transaction():
        insert_all(session, note("b"))
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    with transaction():
        insert_all(session, entry("one"), note("a"), note("b"), entry("two"))

    inserts = [statement for statement in sent if "INSERT" in statement]
    assert len(inserts) == (3 if db.engine.dialect.name == "sqlite" else 1)
    assert sorted(session.scalars(select(AuditEntry.subject))) == ["one", "two"]
    assert sorted(session.scalars(select(Message.key))) == ["a", "b"]


def test_rows_that_a_constraint_refuses_are_all_refused(session):
    wrong = entry("wrong")
    wrong = PendingInsert(wrong.table, {**wrong.values, "actor": None})

    with pytest.raises(IntegrityError), transaction():
        insert_all(session, note("a"), wrong)

    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has no server
def test_connections_that_the_server_closed_are_replaced_unseen(app):
    """A restart of the server closes all connections; no request fails because of a pooled one."""
    mine = text("SELECT pg_backend_pid()")
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with app.app_context():
        with db.engine.connect() as first, db.engine.connect() as second:
            before = {first.scalar(mine), second.scalar(mine)}
        with db.engine.connect() as killer:
            killer.execute(others)
        time.sleep(0.2)
        with db.engine.connect() as first, db.engine.connect() as second:
            after = {first.scalar(mine), second.scalar(mine)}

    assert len(after) == 2
    assert len(before & after) <= 1  # the killer's own is still open
