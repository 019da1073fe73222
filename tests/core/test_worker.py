"""The worker runs every job, survives every error, and ends at a signal."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from core import worker
from core.db.base import db
from core.db.transaction import transaction
from core.jobs import Job
from core.messages import outbox
from core.messages.transports import ListTransport
from core.worker import JobRunner, Worker
from tests.postman import note, outbox_app
from tests.processes import ROOT

NOW = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)  # a Wednesday
LATER = NOW + timedelta(days=3)


def fill(session, now):
    """A job of an area that queues the same message at every tick."""
    return int(outbox.enqueue(session, note("ann", NOW, LATER), now))


def fail(_session, _now):
    raise ZeroDivisionError


REMINDERS = Job("reminders", timedelta(seconds=5), fill)
BROKEN = Job("broken", timedelta(seconds=5), fail)
OFTEN = timedelta(seconds=0.1)


@pytest.fixture
def transport():
    return ListTransport()


def eventually(happened, seconds=10):
    """Wait until `happened()` is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_tick_runs_jobs_then_delivers_what_they_queued(blank_database_url, transport):
    with outbox_app(blank_database_url, transport, jobs=[REMINDERS]) as app:
        assert worker.tick(app, NOW) == {"reminders": 1, "deliver": 1, "clean": 0}
        counts = worker.tick(app, NOW + timedelta(days=100))
        assert (counts["deliver"], counts["clean"]) == (0, 1)
    assert [message["To"] for message in transport.sent] == ["ann@example.org"]


def test_tick_delivers_more_than_a_round(blank_database_url, transport):
    with outbox_app(blank_database_url, transport) as app:
        with app.app_context(), transaction() as session:
            for number in range(worker.ROUND_SIZE + 10):
                outbox.enqueue(session, note(f"n{number}", NOW, LATER), NOW)
        assert worker.tick(app, NOW)["deliver"] == worker.ROUND_SIZE + 10


def test_tick_goes_on_after_a_job_that_fails(blank_database_url, transport, caplog):
    jobs = [BROKEN, REMINDERS]
    with outbox_app(blank_database_url, transport, jobs=jobs) as app:
        assert set(worker.tick(app, NOW)) == {"reminders", "deliver", "clean"}
        with app.app_context():
            ticks = worker.last_ticks(db.session())
    assert ticks == {"reminders": NOW, "deliver": NOW, "clean": NOW}
    assert [record.getMessage() for record in caplog.records] == ["the job broken failed"]
    assert len(transport.sent) == 1


def test_last_ticks_are_those_of_the_latest_tick(blank_database_url, transport):
    with outbox_app(blank_database_url, transport) as app:
        worker.tick(app, NOW)
        worker.tick(app, LATER)
        with app.app_context():
            assert worker.last_ticks(db.session()) == {"deliver": LATER, "clean": LATER}


def test_job_has_a_transaction_only_if_it_needs_one(blank_database_url, transport):
    seen = []

    def open_own(session, now):
        with transaction() as own:
            seen.append(own is session)
        return 1

    jobs = [
        Job("own", OFTEN, open_own, has_work=lambda *_: True, needs_transaction=False),
        Job("given", OFTEN, open_own),
    ]
    with outbox_app(blank_database_url, transport, jobs=jobs) as app:
        counts = worker.tick(app, NOW)
    assert (seen, counts) == ([True], {"own": 1, "deliver": 0, "clean": 0})


def test_job_without_work_is_not_run(blank_database_url, transport):
    jobs = [Job("broken", OFTEN, fail, has_work=lambda *_: False)]
    with outbox_app(blank_database_url, transport, jobs=jobs) as app:
        assert worker.tick(app, NOW) == {"broken": 0, "deliver": 0, "clean": 0}


def test_idle_jobs_never_take_the_lock_of_writers(app):
    runner = JobRunner(app, now=lambda: NOW)
    for job in runner.jobs:
        runner.run(job)  # the first one writes when it ran
    statements = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *of: statements.append(of[2]))
    for job in runner.jobs:
        runner.run(job)
    runner.close()
    reads = ("BEGIN", "SELECT")
    assert [each for each in statements if each.split()[0] not in reads] == []
    assert [each for each in statements if "IMMEDIATE" in each] == []
    assert len(statements) >= len(runner.jobs)


def test_tick_command_prints_a_count_per_job(blank_database_url, transport):
    with (
        outbox_app(blank_database_url, transport, jobs=[REMINDERS]) as app,
        time_machine.travel(NOW),
    ):
        result = app.test_cli_runner().invoke(args=["tick"])
    assert result.output == "reminders: 1\ndeliver: 1\nclean: 0\n"
    assert result.exit_code == 0


def test_tick_command_says_which_job_failed(blank_database_url, transport, caplog):
    with outbox_app(blank_database_url, transport, jobs=[BROKEN]) as app:
        result = app.test_cli_runner().invoke(args=["tick"])
    assert result.output == "broken: failed\ndeliver: 0\nclean: 0\n"
    assert result.exit_code == 1


def test_worker_sends_within_two_seconds(blank_database_url, transport):
    with outbox_app(blank_database_url, transport) as app:
        running = worker.start_inline(app)
        with app.app_context(), transaction() as session:
            now = datetime.now(UTC)
            outbox.enqueue(session, note("ann", now, now + timedelta(hours=1)), now)
        eventually(lambda: transport.sent, seconds=3)
        running.stop()
    assert len(transport.sent) == 1


def test_worker_goes_on_after_a_job_that_fails(blank_database_url, transport, caplog):
    ran = []

    def fail_first(_session, _now):
        ran.append(threading.current_thread())
        if len(ran) == 1:
            raise ZeroDivisionError
        return 0

    with outbox_app(blank_database_url, transport, jobs=[Job("flaky", OFTEN, fail_first)]) as app:
        running = Worker(app)
        running.start()
        eventually(lambda: len(ran) > 2)
        running.stop()
    count = len(ran)
    assert threading.current_thread() not in ran
    assert "ZeroDivisionError" in caplog.text
    time.sleep(0.3)
    assert len(ran) == count


def test_worker_continues_when_the_clock_is_set_back(blank_database_url, transport, monkeypatch):
    monkeypatch.setattr(worker, "WATCH_EVERY", timedelta(seconds=0.1))
    seen = []

    def look(_session, now):
        seen.append(now)
        return 0

    with outbox_app(blank_database_url, transport, jobs=[Job("look", OFTEN, look)]) as app:
        running = Worker(app)
        running.start()
        eventually(lambda: seen)
        with time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True):
            count = len(seen)
            eventually(lambda: len(seen) > count + 3)
            running.stop()


SERVE = """
import sys
from tests.postman import outbox_app
from core.messages.transports import ConsoleTransport
with outbox_app(sys.argv[1], ConsoleTransport()) as app:
    app.cli.main(["worker"])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_command_ends_at_a_signal(blank_database_url, transport, number):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, blank_database_url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        with outbox_app(blank_database_url, transport) as app, app.app_context():

            def running():
                db.session.rollback()
                return "deliver" in worker.last_ticks(db.session())

            eventually(running, seconds=20)
        os.kill(process.pid, number)
        output = process.communicate(timeout=20)[0]
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, output) == (0, "")
