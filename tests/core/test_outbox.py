"""Messages are queued once, sent once, in their order, and whatever goes wrong, put right."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.exc import StatementError

from core import life, mail, outbox
from core.addresses import BadAddress
from core.db import db, transaction
from core.delivery import deliver_due
from core.mail import ListDoor, Refused, Retry, Unreachable
from core.outbox import Message, State
from core.worker import COURIER
from tests.postman import note, outbox_app, scripted_server, write_plainly
from tests.processes import ROOT

NOW = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)  # a Wednesday
MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=3)


class Door:
    """A door that does what a test scripts for an address, else keeps the message."""

    def __init__(self, **troubles):
        self.troubles = troubles
        self.tried = []
        self.sent = []

    def send(self, message, to):
        name = to.partition("@")[0]
        self.tried.append(name)
        if name in self.troubles:
            raise self.troubles[name]
        self.sent.append((name, message["Message-ID"]))


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def courier_app(blank_database_url, door):
    with outbox_app(blank_database_url, door) as app, app.app_context():
        yield app


@pytest.fixture
def proof(courier_app):
    proof = life.of_this_process(db.engine)
    yield proof
    proof.end()


def queue(*drafts):
    with transaction() as session:
        return [outbox.enqueue(session, draft, NOW) for draft in drafts]


def states():
    session = db.session()
    session.rollback()
    rows = session.execute(select(Message.key, Message.state).order_by(Message.id))
    return {key: state.value for key, state in rows}


def row(key):
    session = db.session()
    session.rollback()
    found = session.scalars(
        select(Message).where(Message.key == key).execution_options(populate_existing=True)
    ).one()
    session.rollback()
    return found


def test_key_joins_its_parts_and_writes_instants_in_utc():
    start = datetime(2026, 6, 17, 18, 0, tzinfo=timezone(timedelta(hours=2)))
    assert (
        outbox.key("reminder", 7, start, 60, "a@b.org") == "reminder:7:20260617T160000Z:60:a@b.org"
    )


def test_enqueue_adds_a_key_once(courier_app):
    assert queue(note("ann", NOW, LATER), note("ann", NOW, LATER)) == [True, False]
    assert queue(note("ann", NOW, LATER)) == [False]
    assert states() == {"ann": "pending"}


def test_enqueue_is_undone_with_its_transaction(courier_app):
    with pytest.raises(StatementError, match="zone"):
        queue(note("ann", NOW, LATER), note("ben", NOW.replace(tzinfo=None), LATER))
    assert states() == {}


def test_deliver_due_sends_each_message_once(courier_app, proof, door):
    queue(note("ann", NOW, LATER), note("ben", NOW + MINUTE, LATER))
    courier = courier_app.extensions[COURIER]
    assert deliver_due(courier, proof, NOW) == 1
    assert deliver_due(courier, proof, NOW) == 0
    assert deliver_due(courier, proof, NOW + MINUTE) == 1
    assert door.sent == [(k, mail.message_id(k, "calendar.example.org")) for k in ("ann", "ben")]
    ann = row("ann")
    assert (ann.state, ann.sent_at, ann.attempts) == (State.SENT, NOW, 1)
    assert (ann.claimed_by, ann.lease_until) == (None, None)


def test_deliver_due_sends_the_soonest_useful_first_and_reminders_last(courier_app, proof, door):
    queue(
        note("reminder", NOW, NOW + MINUTE, reminder=True),
        note("late", NOW, NOW + 3 * MINUTE),
        note("soon", NOW, NOW + 2 * MINUTE),
    )
    deliver_due(courier_app.extensions[COURIER], proof, NOW)
    assert door.tried == ["soon", "late", "reminder"]


def test_deliver_due_takes_up_no_more_than_its_limit(courier_app, proof, door):
    queue(*(note(f"n{number}", NOW, LATER) for number in range(5)))
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW, limit=2) == 2
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 3


def test_deliver_due_drops_what_helps_nobody_any_more(courier_app, proof, door):
    queue(note("old", NOW - MINUTE, NOW), note("new", NOW - MINUTE, NOW + MINUTE))
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 1
    assert states() == {"old": "stale", "new": "sent"}


def test_deliver_due_withdraws_what_is_no_longer_true(courier_app, proof, door):
    courier_app.extensions[COURIER].composers["moved"] = lambda *_: None
    queue(note("ann", NOW, LATER, kind="moved"), note("ben", NOW, LATER))
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 1
    assert states() == {"ann": "withdrawn", "ben": "sent"}


def test_composer_writes_in_the_transaction_of_the_claim(courier_app, proof, door):
    def write(session, message, now):
        outbox.enqueue(session, note("written", LATER, LATER + MINUTE), now)
        return write_plainly(session, message, now)

    def fail(session, _message, now):
        outbox.enqueue(session, note("unwritten", LATER, LATER + MINUTE), now)
        raise ZeroDivisionError

    courier_app.extensions[COURIER].composers.update(writes=write, fails=fail)
    queue(note("ann", NOW, LATER, kind="writes"), note("ben", NOW, LATER, kind="fails"))
    deliver_due(courier_app.extensions[COURIER], proof, NOW)
    assert states() == {"ann": "sent", "ben": "pending", "written": "pending"}


def test_refused_message_fails_for_good_and_delays_nobody(courier_app, proof, door):
    door.troubles["ann"] = Refused("550 no such user")
    queue(note("ann", NOW, LATER), note("ben", NOW, LATER))
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 1
    assert deliver_due(courier_app.extensions[COURIER], proof, LATER - MINUTE) == 0
    ann = row("ann")
    assert (ann.state, ann.error, ann.attempts) == (State.FAILED, "550 no such user", 1)
    assert door.tried == ["ann", "ben"]


def attempts_of(courier, proof, door, until):
    """Return when, in minutes after NOW, the door was tried, asking each minute."""
    tried, moment = [], NOW
    while moment < until:
        before = len(door.tried)
        deliver_due(courier, proof, moment)
        tried += [(moment - NOW) // MINUTE] * (len(door.tried) - before)
        moment += MINUTE if moment < NOW + timedelta(hours=6) else timedelta(hours=1)
    return tried


def test_deferred_message_is_tried_after_growing_pauses(courier_app, proof, door):
    door.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, LATER))
    tried = attempts_of(courier_app.extensions[COURIER], proof, door, NOW + timedelta(hours=6))
    assert tried == [0, 1, 6, 21, 81, 321]
    assert row("ann").error == "450 busy"


def test_deferred_message_fails_after_two_days(courier_app, proof, door):
    door.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, LATER))
    tried = attempts_of(courier_app.extensions[COURIER], proof, door, LATER)
    assert 44 <= tried[-1] // 60 <= 48
    assert states() == {"ann": "failed"}


def test_deferred_message_is_not_tried_past_its_use(courier_app, proof, door):
    door.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, NOW + 20 * MINUTE))
    tried = attempts_of(courier_app.extensions[COURIER], proof, door, NOW + 60 * MINUTE)
    assert tried == [0, 1, 6]
    assert states() == {"ann": "stale"}


def test_deferred_message_waits_behind_first_attempts(courier_app, proof, door):
    door.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, LATER))
    deliver_due(courier_app.extensions[COURIER], proof, NOW)
    queue(note("ben", NOW, LATER + MINUTE, reminder=True))
    deliver_due(courier_app.extensions[COURIER], proof, NOW + MINUTE)
    assert door.tried == ["ann", "ben", "ann"]


def test_unreachable_server_ends_the_round_and_costs_no_attempt(courier_app, proof, door):
    door.troubles["ann"] = Unreachable("connection refused")
    queue(note("ann", NOW, LATER), note("ben", NOW, LATER + MINUTE))
    courier = courier_app.extensions[COURIER]
    assert deliver_due(courier, proof, NOW) == 0
    assert door.tried == ["ann"]
    del door.troubles["ann"]
    assert deliver_due(courier, proof, NOW + MINUTE) == 2
    assert row("ann").attempts == 1


@pytest.mark.parametrize("trouble", [ZeroDivisionError, BadAddress])
def test_poisoned_message_is_parked_after_five_tries(courier_app, proof, door, caplog, trouble):
    def fail(*_):
        raise trouble("poison")

    courier_app.extensions[COURIER].composers["poison"] = fail
    queue(note("ann", NOW, LATER, kind="poison"), note("ben", NOW, LATER))
    courier = courier_app.extensions[COURIER]
    assert deliver_due(courier, proof, NOW) == 1
    for hours in range(1, 12):
        deliver_due(courier, proof, NOW + timedelta(hours=hours))
    ann = row("ann")
    assert (ann.state, ann.attempts) == (State.FAILED, 5)
    assert ann.error == f"{trouble.__name__}: poison"
    assert len(caplog.records) == 5


def test_message_of_an_unknown_kind_is_poisoned(courier_app, proof, door, caplog):
    queue(note("ann", NOW, LATER, kind="unheard of"), note("ben", NOW, LATER))
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 1
    assert row("ann").error == "KeyError: 'unheard of'"


def test_letter_to_a_hidden_address_never_reaches_the_door(courier_app, proof, door, caplog):
    queue(note("ann", NOW, LATER, recipient="=?utf-8?q?a=40evil.test=3e?=x@example.org"))
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 0
    assert door.tried == []


def claim_as(owner, lease_until):
    with transaction() as session:
        session.execute(update(Message).values(claimed_by=owner, lease_until=lease_until))


def database_now():
    with transaction() as session:
        return session.execute(select(func.now(type_=Message.due_at.type))).scalar_one()


def test_row_of_a_living_owner_is_kept(courier_app, proof, door):
    other = life.of_this_process(db.engine)
    other.renew()
    queue(note("ann", NOW, NOW + MINUTE))
    claim_as(other.owner, database_now() + MINUTE)
    courier = courier_app.extensions[COURIER]
    assert deliver_due(courier, proof, NOW) == 0
    assert deliver_due(courier, proof, NOW + MINUTE) == 0
    assert states() == {"ann": "pending"}
    other.end()
    assert deliver_due(courier, proof, NOW) == 1


def test_row_of_a_stuck_owner_is_taken_over_when_the_lease_is_over(courier_app, proof, door):
    other = life.of_this_process(db.engine)
    other.renew()
    queue(note("ann", NOW, LATER))
    claim_as(other.owner, database_now() - MINUTE)
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 1
    other.end()


def test_row_that_we_left_behind_ourselves_is_taken_up_again(courier_app, proof, door):
    proof.renew()
    queue(note("ann", NOW, LATER))
    claim_as(proof.owner, database_now() + MINUTE)
    assert deliver_due(courier_app.extensions[COURIER], proof, NOW) == 1


HOLDER = """
import sys
from sqlalchemy import create_engine
from core import life
proof = life.of_this_process(create_engine(sys.argv[1]))
proof.renew()
print(proof.owner, flush=True)
sys.stdin.read()
"""


def test_row_of_a_paused_process_is_kept_and_of_a_killed_one_taken_at_once(
    courier_app, proof, door, blank_database_url
):
    command = [sys.executable, "-c", HOLDER, blank_database_url]
    holder = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        owner = holder.stdout.readline().strip()
        queue(note("ann", NOW, LATER))
        claim_as(owner, database_now() + MINUTE)
        os.kill(holder.pid, signal.SIGSTOP)
        courier = courier_app.extensions[COURIER]
        assert deliver_due(courier, proof, NOW) == 0
    finally:
        holder.kill()
        holder.communicate()
    deadline = threading.Event()
    sent = 0
    for _ in range(100):  # PostgreSQL notices the closed connection a moment later
        sent = deliver_due(courier, proof, NOW)
        if sent or deadline.wait(0.05):
            break
    assert sent == 1


@pytest.mark.parametrize(
    "blank_database_url", ["postgresql"], indirect=True
)  # a file is never lost
def test_lost_proof_is_made_anew(courier_app, proof):
    proof.renew()
    first = proof.owner
    proof.renew()
    assert proof.owner == first
    with transaction() as session:
        others = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        session.connection().exec_driver_sql(others)
    proof.renew()
    assert proof.owner != first


def test_files_of_killed_workers_are_swept_away(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    (tmp_path / "x.db-worker-dead").touch()
    first, second = life.of_this_process(engine), life.of_this_process(engine)
    first.renew()
    second.renew()
    names = {f"x.db-worker-{proof.owner}" for proof in (first, second)}
    assert {file.name for file in tmp_path.iterdir()} == names
    first.end()
    second.end()
    assert list(tmp_path.iterdir()) == []


def test_four_threads_send_each_message_once(courier_app, door):
    queue(*(note(f"n{number}", NOW, LATER) for number in range(40)))
    courier = courier_app.extensions[COURIER]
    failures = []

    def deliver():
        with courier_app.app_context():
            proof = life.of_this_process(db.engine)
            try:
                deliver_due(courier, proof, NOW)
            except Exception as error:
                failures.append(error)
            finally:
                proof.end()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(name for name, _ in door.sent) == sorted(f"n{number}" for number in range(40))


def test_clean_deletes_what_was_settled_long_ago(courier_app, proof, door):
    long_ago = NOW - timedelta(days=100)
    queue(
        note("settled", long_ago, long_ago + MINUTE),
        note("recent", NOW - timedelta(days=50), NOW - timedelta(days=50) + MINUTE),
        note("sent", NOW, LATER),
    )
    deliver_due(courier_app.extensions[COURIER], proof, NOW)
    queue(note("waiting", long_ago, long_ago + MINUTE))
    with transaction() as session:
        assert outbox.clean(session, NOW) == 1
    assert states() == {"recent": "stale", "sent": "sent", "waiting": "pending"}


def test_recent_lists_failures_first(courier_app, proof, door):
    door.troubles["ann"] = Refused("550 no such user")
    queue(note("ann", NOW, LATER), note("ben", NOW, LATER), note("cem", NOW, LATER))
    deliver_due(courier_app.extensions[COURIER], proof, NOW)
    keys = [message.key for message in outbox.recent(db.session(), 2)]
    assert keys == ["ann", "cem"]


def test_smtp_server_that_stalls_and_drops_delays_nobody(blank_database_url):
    with (
        scripted_server() as server,
        outbox_app(blank_database_url, server.door) as app,
        app.app_context(),
    ):
        bad = ["stall-a", "drop-a", "refuse-450-a", "refuse-550-a", "decline-552-a"]
        queue(*(note(name, NOW, LATER) for name in [*bad, "ann", "ben"]))
        proof = life.of_this_process(db.engine)
        assert deliver_due(app.extensions[COURIER], proof, NOW) == 2
        proof.end()
        assert states() == {
            "stall-a": "pending",
            "drop-a": "pending",
            "refuse-450-a": "pending",
            "refuse-550-a": "failed",
            "decline-552-a": "failed",
            "ann": "sent",
            "ben": "sent",
        }


def test_list_door_keeps_messages(blank_database_url):
    kept = ListDoor()
    with outbox_app(blank_database_url, kept) as app, app.app_context():
        queue(note("ann", NOW, LATER))
        proof = life.of_this_process(db.engine)
        deliver_due(app.extensions[COURIER], proof, NOW)
        proof.end()
    assert [message["To"] for message in kept.sent] == ["ann@example.org"]
