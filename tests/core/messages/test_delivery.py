"""Messages are queued once and sent once, in order, despite failures."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import StatementError

from core import parts, worker
from core.addresses import BadAddress
from core.db.base import db
from core.db.transaction import transaction
from core.messages import liveness, outbox
from core.messages.delivery import deliver_due
from core.messages.mail import message_id
from core.messages.outbox import Message, State
from core.messages.transports import ListTransport, Refused, Retry, Unreachable
from tests.postman import HOST, note, outbox_app, scripted_server, write_plainly
from tests.processes import ROOT

NOW = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)  # a Wednesday
MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=3)


class ScriptedTransport:
    """A transport that fails as scripted for an address, and otherwise keeps the message."""

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
def transport():
    return ScriptedTransport()


@pytest.fixture
def app(blank_database_url, transport):
    with outbox_app(blank_database_url, transport) as app, app.app_context():
        yield app


@pytest.fixture
def lock(app):
    lock = liveness.of_this_process(db.engine)
    yield lock
    lock.release()


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


def test_enqueue_adds_a_key_once(app):
    assert queue(note("ann", NOW, LATER), note("ann", NOW, LATER)) == [True, False]
    assert queue(note("ann", NOW, LATER)) == [False]
    assert states() == {"ann": "pending"}


def test_enqueue_is_undone_with_its_transaction(app):
    with pytest.raises(StatementError, match="zone"):
        queue(note("ann", NOW, LATER), note("ben", NOW.replace(tzinfo=None), LATER))
    assert states() == {}


def test_deliver_due_sends_each_message_once(app, lock, transport):
    queue(note("ann", NOW, LATER), note("ben", NOW + MINUTE, LATER))
    channels = parts.of(app).channels
    assert deliver_due(channels, lock, NOW) == 1
    assert deliver_due(channels, lock, NOW) == 0
    assert deliver_due(channels, lock, NOW + MINUTE) == 1
    assert transport.sent == [
        (name, message_id(f"{name}:{row(name).id}", HOST)) for name in ("ann", "ben")
    ]
    ann = row("ann")
    assert (ann.state, ann.sent_at, ann.attempts) == (State.SENT, NOW, 1)
    assert (ann.claimed_by, ann.lease_until) == (None, None)


def test_deliver_due_sends_the_soonest_useful_first_and_reminders_last(app, lock, transport):
    queue(
        note("reminder", NOW, NOW + MINUTE, reminder=True),
        note("late", NOW, NOW + 3 * MINUTE),
        note("soon", NOW, NOW + 2 * MINUTE),
    )
    deliver_due(parts.of(app).channels, lock, NOW)
    assert transport.tried == ["soon", "late", "reminder"]


def test_deliver_due_takes_up_no_more_than_its_limit(app, lock, transport):
    queue(*(note(f"n{number}", NOW, LATER) for number in range(5)))
    assert deliver_due(parts.of(app).channels, lock, NOW, limit=2) == 2
    assert deliver_due(parts.of(app).channels, lock, NOW) == 3


def test_deliver_due_drops_stale_messages(app, lock, transport):
    queue(note("old", NOW - MINUTE, NOW), note("new", NOW - MINUTE, NOW + MINUTE))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 1
    assert states() == {"old": "stale", "new": "sent"}


def test_deliver_due_withdraws_what_is_no_longer_true(app, lock, transport):
    parts.of(app).channels["mail"].composers["moved"] = lambda *_: None
    queue(note("ann", NOW, LATER, kind="moved"), note("ben", NOW, LATER))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 1
    assert states() == {"ann": "withdrawn", "ben": "sent"}


def test_composer_writes_in_the_transaction_of_the_claim(app, lock, transport):
    def write(session, message, now):
        outbox.enqueue(session, note("written", LATER, LATER + MINUTE), now)
        return write_plainly(session, message, now)

    def fail(session, _message, now):
        outbox.enqueue(session, note("unwritten", LATER, LATER + MINUTE), now)
        raise ZeroDivisionError

    parts.of(app).channels["mail"].composers.update(writes=write, fails=fail)
    queue(note("ann", NOW, LATER, kind="writes"), note("ben", NOW, LATER, kind="fails"))
    deliver_due(parts.of(app).channels, lock, NOW)
    assert states() == {"ann": "sent", "ben": "pending", "written": "pending"}


def test_refused_message_fails_permanently_and_delays_no_other(app, lock, transport):
    transport.troubles["ann"] = Refused("550 no such user")
    queue(note("ann", NOW, LATER), note("ben", NOW, LATER))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 1
    assert deliver_due(parts.of(app).channels, lock, LATER - MINUTE) == 0
    ann = row("ann")
    assert (ann.state, ann.error, ann.attempts) == (State.FAILED, "550 no such user", 1)
    assert transport.tried == ["ann", "ben"]


def attempts_of(channels, lock, transport, until):
    """Return the minutes after NOW in which the transport was tried."""
    tried, moment = [], NOW
    while moment < until:
        before = len(transport.tried)
        deliver_due(channels, lock, moment)
        tried += [(moment - NOW) // MINUTE] * (len(transport.tried) - before)
        moment += MINUTE if moment < NOW + timedelta(hours=6) else timedelta(hours=1)
    return tried


def test_deferred_message_is_tried_after_growing_pauses(app, lock, transport):
    transport.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, LATER))
    tried = attempts_of(parts.of(app).channels, lock, transport, NOW + timedelta(hours=6))
    assert tried == [0, 1, 6, 21, 81, 321]
    assert row("ann").error == "450 busy"


def test_deferred_message_fails_after_two_days(app, lock, transport):
    transport.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, LATER))
    tried = attempts_of(parts.of(app).channels, lock, transport, LATER)
    assert 44 <= tried[-1] // 60 <= 48
    assert states() == {"ann": "failed"}


def test_deferred_message_is_not_tried_past_its_use(app, lock, transport):
    transport.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, NOW + 20 * MINUTE))
    tried = attempts_of(parts.of(app).channels, lock, transport, NOW + 60 * MINUTE)
    assert tried == [0, 1, 6]
    assert states() == {"ann": "stale"}


def test_deferred_message_waits_behind_first_attempts(app, lock, transport):
    transport.troubles["ann"] = Retry("450 busy")
    queue(note("ann", NOW, LATER))
    deliver_due(parts.of(app).channels, lock, NOW)
    queue(note("ben", NOW, LATER + MINUTE, reminder=True))
    deliver_due(parts.of(app).channels, lock, NOW + MINUTE)
    assert transport.tried == ["ann", "ben", "ann"]


def test_unreachable_server_ends_the_round_and_costs_no_attempt(app, lock, transport):
    transport.troubles["ann"] = Unreachable("connection refused")
    queue(note("ann", NOW, LATER), note("ben", NOW, LATER + MINUTE))
    channels = parts.of(app).channels
    assert deliver_due(channels, lock, NOW) == 0
    assert transport.tried == ["ann"]
    del transport.troubles["ann"]
    assert deliver_due(channels, lock, NOW + MINUTE) == 2
    assert row("ann").attempts == 1


@pytest.mark.parametrize("trouble", [ZeroDivisionError, BadAddress])
def test_poisoned_message_is_parked_after_five_tries(app, lock, transport, caplog, trouble):
    def fail(*_):
        raise trouble("poison")

    parts.of(app).channels["mail"].composers["poison"] = fail
    queue(note("ann", NOW, LATER, kind="poison"), note("ben", NOW, LATER))
    channels = parts.of(app).channels
    assert deliver_due(channels, lock, NOW) == 1
    for hours in range(1, 12):
        deliver_due(channels, lock, NOW + timedelta(hours=hours))
    ann = row("ann")
    assert (ann.state, ann.attempts) == (State.FAILED, 5)
    assert ann.error == f"{trouble.__name__}: poison"
    assert len(caplog.records) == 5


def test_message_of_an_unknown_kind_is_poisoned(app, lock, transport, caplog):
    queue(note("ann", NOW, LATER, kind="unheard of"), note("ben", NOW, LATER))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 1
    assert row("ann").error == "KeyError: 'unheard of'"


def test_mail_to_a_hidden_address_never_reaches_the_transport(app, lock, transport, caplog):
    queue(note("ann", NOW, LATER, recipient="=?utf-8?q?a=40evil.test=3e?=x@example.org"))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 0
    assert transport.tried == []


def claim_as(owner, lease_until):
    with transaction() as session:
        session.execute(update(Message).values(claimed_by=owner, lease_until=lease_until))


def database_now():
    with transaction() as session:
        return database_now_of(session)


def database_now_of(session):
    return session.execute(select(func.now(type_=Message.due_at.type))).scalar_one()


def test_claim_of_a_live_worker_is_kept(app, lock, transport):
    other = liveness.of_this_process(db.engine)
    other.acquire()
    queue(note("ann", NOW, NOW + MINUTE))
    claim_as(other.owner, database_now() + MINUTE)
    channels = parts.of(app).channels
    assert deliver_due(channels, lock, NOW) == 0
    assert deliver_due(channels, lock, NOW + MINUTE) == 0
    assert states() == {"ann": "pending"}
    other.release()
    assert deliver_due(channels, lock, NOW) == 1


def test_claim_of_a_stuck_worker_ends_with_its_lease(app, lock, transport):
    other = liveness.of_this_process(db.engine)
    other.acquire()
    queue(note("ann", NOW, LATER))
    claim_as(other.owner, database_now() - MINUTE)
    assert deliver_due(parts.of(app).channels, lock, NOW) == 1
    other.release()


def test_own_claim_left_by_an_error_is_retried(app, lock, transport):
    lock.acquire()
    queue(note("ann", NOW, LATER))
    claim_as(lock.owner, database_now() + MINUTE)
    assert deliver_due(parts.of(app).channels, lock, NOW) == 1


HOLDER = """
import sys
from sqlalchemy import create_engine
from core.messages import liveness
lock = liveness.of_this_process(create_engine(sys.argv[1]))
lock.acquire()
print(lock.owner, flush=True)
sys.stdin.read()
"""


def test_claim_of_a_paused_process_is_kept_and_of_a_killed_one_is_free(
    app, lock, transport, blank_database_url
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
        channels = parts.of(app).channels
        assert deliver_due(channels, lock, NOW) == 0
    finally:
        holder.kill()
        holder.communicate()
    deadline = threading.Event()
    sent = 0
    for _ in range(100):  # PostgreSQL notices the closed connection a moment later
        sent = deliver_due(channels, lock, NOW)
        if sent or deadline.wait(0.05):
            break
    assert sent == 1


def test_four_threads_send_each_message_once(app, transport):
    queue(*(note(f"n{number}", NOW, LATER) for number in range(40)))
    channels = parts.of(app).channels
    failures = []

    def deliver():
        with app.app_context():
            lock = liveness.of_this_process(db.engine)
            try:
                deliver_due(channels, lock, NOW)
            except Exception as error:
                failures.append(error)
            finally:
                lock.release()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(name for name, _ in transport.sent) == sorted(
        f"n{number}" for number in range(40)
    )


def test_clean_deletes_what_was_settled_long_ago(app, lock, transport):
    long_ago = NOW - timedelta(days=100)
    queue(
        note("settled", long_ago, long_ago + MINUTE),
        note("recent", NOW - timedelta(days=50), NOW - timedelta(days=50) + MINUTE),
        note("sent", NOW, LATER),
    )
    deliver_due(parts.of(app).channels, lock, NOW)
    queue(note("waiting", long_ago, long_ago + MINUTE))
    with transaction() as session:
        assert outbox.clean(session, NOW) == 1
    assert states() == {"recent": "stale", "sent": "sent", "waiting": "pending"}


def test_every_failure_is_listed_before_the_newest(app, lock, transport):
    transport.troubles.update(ann=Refused("550 no such user"), ben=Refused("550 no such user"))
    queue(*(note(name, NOW, LATER) for name in ("ann", "ben", "cem", "dan")))
    deliver_due(parts.of(app).channels, lock, NOW)
    keys = [message.key for message in outbox.failed_and_newest(db.session(), 1)]
    assert keys == ["ben", "ann", "dan"]


def tried_by(transport):
    """Return the recipients in the order in which the transport was tried, and clear the list."""
    tried, transport.tried = transport.tried, []
    return tried


def about(subject, key, until=LATER, **fields):
    """A message about `subject`; its recipient is "ann"."""
    chosen = {"subject": subject, "recipient": "ann@example.org", **fields}
    return note(key, NOW, until, **chosen)


def test_newer_message_replaces_what_was_never_claimed(app, lock, transport):
    queue(about("s", "first", NOW + MINUTE), about("t", "other"))
    queue(about("s", "second", LATER))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 2
    assert states() == {"first": "withdrawn", "other": "sent", "second": "sent"}


def test_newer_message_replaces_one_whose_server_was_unreachable(app, lock, transport):
    channels = parts.of(app).channels
    transport.troubles["ann"] = Unreachable("connection refused")
    queue(about("s", "first", NOW + 2 * MINUTE))
    deliver_due(channels, lock, NOW)
    del transport.troubles["ann"]
    queue(about("s", "second"))
    assert deliver_due(channels, lock, NOW) == 1
    assert states() == {"first": "withdrawn", "second": "sent"}


def test_messages_to_others_and_without_a_subject_replace_nothing(app, lock, transport):
    queue(
        about("s", "first"),
        note("ben", NOW, LATER, subject="s"),
        about(None, "alone"),
        about(None, "alone too"),
    )
    assert deliver_due(parts.of(app).channels, lock, NOW) == 4


def test_message_waits_behind_one_that_is_being_retried(app, lock, transport):
    channels = parts.of(app).channels
    transport.troubles["ann"] = Retry("450 busy")
    queue(about("s", "first", LATER))
    deliver_due(channels, lock, NOW)
    del transport.troubles["ann"]
    queue(about("s", "second", NOW + 5 * MINUTE), about("t", "other"))
    assert deliver_due(channels, lock, NOW) == 1
    assert states() == {"first": "pending", "second": "pending", "other": "sent"}
    assert deliver_due(channels, lock, NOW + MINUTE) == 2
    assert states() == {"first": "sent", "second": "sent", "other": "sent"}
    assert [row(key).claimed_at for key in ("first", "second")] == [NOW, NOW + MINUTE]


def test_message_waits_behind_one_that_another_worker_has_claimed(app, lock, transport):
    other = liveness.of_this_process(db.engine)
    other.acquire()
    queue(about("s", "first"))
    with transaction() as session:
        lease_until = database_now_of(session) + MINUTE
        values = {"claimed_by": other.owner, "lease_until": lease_until, "claimed_at": NOW}
        session.execute(update(Message).values(**values))
    queue(about("s", "second"))
    assert deliver_due(parts.of(app).channels, lock, NOW) == 0
    other.release()
    assert deliver_due(parts.of(app).channels, lock, NOW) == 2


def test_clock_set_back_does_not_let_a_message_overtake_a_claimed_one(app, lock, transport):
    channels = parts.of(app).channels
    transport.troubles["ann"] = Retry("450 busy")
    queue(about("s", "first", due_at=NOW + MINUTE))
    deliver_due(channels, lock, NOW + MINUTE)
    queue(about("s", "second"))
    assert deliver_due(channels, lock, NOW) == 0
    assert tried_by(transport) == ["ann"]


def test_message_that_failed_for_good_holds_nothing_back(app, lock, transport):
    channels = parts.of(app).channels
    transport.troubles["ann"] = Refused("550 no such user")
    queue(about("s", "first"))
    deliver_due(channels, lock, NOW)
    del transport.troubles["ann"]
    queue(about("s", "second"))
    assert deliver_due(channels, lock, NOW) == 1


def test_reminder_waits_behind_a_poisoned_message_and_replaces_nothing(
    app, lock, transport, caplog
):
    channels = parts.of(app).channels
    queue(about("s", "first", kind="unheard of"), about("s", "second", reminder=True))
    assert deliver_due(channels, lock, NOW) == 0
    assert states() == {"first": "pending", "second": "pending"}
    queue(about("s", "third"))
    assert deliver_due(channels, lock, NOW) == 2
    assert states() == {"first": "withdrawn", "second": "sent", "third": "sent"}


@pytest.mark.parametrize("blank_database_url", ["postgresql"], indirect=True)  # SQLite is serial
def test_claim_waits_for_a_worker_that_is_claiming_an_earlier_message(app, lock, transport):
    queue(about("s", "first", NOW + MINUTE))
    claiming, go_on, second_is_done = (threading.Event() for _ in range(3))

    def compose(session, message, now):
        claiming.set()
        assert go_on.wait(10)
        return write_plainly(session, message, now)

    class SlowTransport:
        def send(self, content, to):
            assert second_is_done.wait(10)
            transport.send(content, to)

    def deliver(channels):
        with app.app_context():
            own = liveness.of_this_process(db.engine)
            deliver_due(channels, own, NOW)
            own.release()

    mail = parts.of(app).channels["mail"]
    slow = replace(mail, composers={"note": compose}, transport=SlowTransport())
    first = threading.Thread(target=deliver, args=({"mail": slow},))
    first.start()
    assert claiming.wait(10)
    queue(about("s", "second"))
    second = threading.Thread(target=deliver, args=({"mail": mail},))
    second.start()
    second.join(0.5)
    assert second.is_alive()
    go_on.set()
    second.join()
    second_is_done.set()
    first.join()
    deliver_due({"mail": mail}, lock, NOW)
    assert states() == {"first": "sent", "second": "sent"}
    ids = [message_id(f"{key}:{row(key).id}", HOST) for key in ("first", "second")]
    assert transport.sent == [("ann", each) for each in ids]


def test_withdrawn_message_gives_up_its_key_and_its_message_id(app, lock, transport):
    channels = parts.of(app).channels
    true = {"value": False}

    def compose(session, message, now):
        return write_plainly(session, message, now) if true["value"] else None

    channels["mail"].composers["note"] = compose
    queue(note("ann", NOW, LATER))
    deliver_due(channels, lock, NOW)
    true["value"] = True
    assert queue(note("ann", NOW, LATER), note("ann", NOW, LATER)) == [True, False]
    assert deliver_due(channels, lock, NOW) == 1
    with transaction() as session:
        found = session.execute(select(Message.state, Message.id).order_by(Message.id)).all()
    assert [state for state, _ in found] == [State.WITHDRAWN, State.SENT]
    assert transport.sent == [("ann", message_id(f"ann:{found[1].id}", HOST))]


class Board:
    """A channel besides mail, which appends lines to a board."""

    def __init__(self):
        self.lines = []
        self.reachable = True

    def prepare(self, _session, message, _now):
        return lambda: self.write(message.key)

    def write(self, line):
        if not self.reachable:
            raise Unreachable("the board is away")
        self.lines.append(line)


def test_message_goes_out_over_its_channel(blank_database_url, transport):
    board = Board()
    with outbox_app(blank_database_url, transport, others={"board": board}) as app:
        with app.app_context():
            queue(note("ann", NOW, LATER), note("ben", NOW, LATER, channel="board"))
        assert worker.tick(app, NOW) == {"deliver": 2, "clean": 0}
    assert (tried_by(transport), board.lines) == (["ann"], ["ben"])


def test_unreachable_channel_does_not_stop_the_others(blank_database_url, transport):
    board = Board()
    board.reachable = False
    with outbox_app(blank_database_url, transport, others={"board": board}) as app:
        with app.app_context():
            posts = (note(f"b{n}", NOW, NOW + MINUTE, channel="board") for n in range(2))
            queue(*posts, note("ann", NOW, LATER))
        assert worker.tick(app, NOW) == {"deliver": 1, "clean": 0}
        with app.app_context():
            assert states() == {"b0": "pending", "b1": "pending", "ann": "sent"}


def test_smtp_server_that_stalls_and_drops_delays_no_other_mail(blank_database_url):
    with (
        scripted_server() as server,
        outbox_app(blank_database_url, server.transport) as app,
        app.app_context(),
    ):
        bad = ["stall-a", "drop-a", "refuse-450-a", "refuse-550-a", "decline-552-a"]
        queue(*(note(name, NOW, LATER) for name in [*bad, "ann", "ben"]))
        lock = liveness.of_this_process(db.engine)
        assert deliver_due(parts.of(app).channels, lock, NOW) == 2
        lock.release()
        assert states() == {
            "stall-a": "pending",
            "drop-a": "pending",
            "refuse-450-a": "pending",
            "refuse-550-a": "failed",
            "decline-552-a": "failed",
            "ann": "sent",
            "ben": "sent",
        }


def test_list_transport_keeps_messages(blank_database_url):
    kept = ListTransport()
    with outbox_app(blank_database_url, kept) as app, app.app_context():
        queue(note("ann", NOW, LATER))
        lock = liveness.of_this_process(db.engine)
        deliver_due(parts.of(app).channels, lock, NOW)
        lock.release()
    assert [message["To"] for message in kept.sent] == ["ann@example.org"]
