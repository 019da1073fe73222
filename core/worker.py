"""Background jobs: APScheduler starts them on time; what is due is in the database alone."""

import atexit
import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import click
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, parts
from core.cli import ready_database
from core.db.base import Base, db
from core.db.fast_sql import insert_or_ignore
from core.db.transaction import transaction
from core.db.types import Instant
from core.jobs import Job
from core.messages import liveness, outbox
from core.messages.delivery import deliver_due

DELIVER = "deliver"
DELIVER_EVERY = timedelta(seconds=1)
CLEAN = Job("clean", timedelta(hours=1), outbox.clean, has_work=outbox.has_old)
RECORD_EVERY = timedelta(seconds=15)
WATCH_EVERY = timedelta(seconds=2)
CLOCK_SLACK = timedelta(seconds=2)
# A delivery round ends after this many messages, so that the next one sees what became due.
ROUND_SIZE = 50

logger = logging.getLogger(__name__)
# It logs each delivery round longer than a second, and each run skipped while the process ends.
# Exceptions of jobs go to another logger.
logging.getLogger("apscheduler.scheduler").setLevel(logging.CRITICAL)


class Tick(Base):
    """When a background job last succeeded."""

    __tablename__ = "ticks"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime] = mapped_column(Instant)


TICKS = Base.metadata.tables["ticks"]


def init_app(app: Flask) -> None:
    """Add the commands that run the background jobs."""

    @app.cli.command("worker", with_appcontext=False)
    def worker_command() -> None:
        """Run the background jobs until SIGTERM or SIGINT."""
        with app.app_context(), ready_database():
            last_ticks(db.session())
        run(app)

    @app.cli.command("tick", with_appcontext=False)
    def tick_command() -> None:
        """Run every background job once, and print what each did."""
        with app.app_context(), ready_database():
            last_ticks(db.session())
        counts = tick(app, clock.now())
        names = [*(job.name for job in parts.of(app).jobs), DELIVER, CLEAN.name]
        for name in names:
            click.echo(f"{name}: {counts.get(name, 'failed')}")
        if len(counts) < len(names):
            raise SystemExit(1)


def tick(app: Flask, now: datetime) -> dict[str, int]:
    """Run every job once at `now`, deliver until nothing is due; return the counts by name.

    A job that raises is logged and missing from the counts; the others go on.
    """
    runner = JobRunner(app, now=lambda: now, round_size=None)
    counts = {}
    for job in runner.jobs:
        try:
            counts[job.name] = runner.run(job)
        except Exception:
            logger.exception("the job %s failed", job.name)
    runner.close()
    return counts


def run(app: Flask) -> None:
    """Run the background jobs until SIGTERM or SIGINT, then wait for the running ones."""
    ends = {signal.SIGTERM, signal.SIGINT}
    # Not a handler that sets an event: it can interrupt the wait while that holds the event's lock.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # the threads of the worker inherit it
    worker = Worker(app)
    worker.start()
    signal.sigwait(ends)
    worker.stop()


def start_inline(app: Flask) -> "Worker":
    """Run the background jobs on threads of this process, until it ends."""
    worker = Worker(app)
    worker.start()
    atexit.register(worker.stop)
    return worker


def last_ticks(session: Session) -> dict[str, datetime]:
    """Return when each background job last succeeded, by name."""
    return {row.name: row.last_at for row in session.scalars(select(Tick))}


class JobRunner:
    """Runs the jobs of one worker. `jobs` are in the order of a tick, the areas' jobs first."""

    def __init__(
        self,
        app: Flask,
        now: Callable[[], datetime] = clock.now,
        round_size: int | None = ROUND_SIZE,
    ) -> None:
        self._app = app
        self._now = now
        self._round_size = round_size
        self._channels = parts.of(app).channels
        self._recorded_at: dict[str, datetime] = {}
        deliver = Job(DELIVER, DELIVER_EVERY, self._deliver, needs_transaction=False)
        self.jobs: tuple[Job, ...] = (*parts.of(app).jobs, deliver, CLEAN)
        with app.app_context():
            self._lock = liveness.of_this_process(db.engine)

    def run(self, job: Job) -> int:
        """Run the job once if it has work; return how much it did."""
        now = self._now()
        with self._app.app_context():
            done = _run_job(job, now)
            self._record(job.name, now)
        return done

    def close(self) -> None:
        """Release the worker's lock."""
        self._lock.release()

    def _deliver(self, _session: Session, now: datetime) -> int:
        return deliver_due(self._channels, self._lock, now, self._round_size)

    def _record(self, name: str, now: datetime) -> None:
        """Record that the job succeeded, at most once per `RECORD_EVERY`."""
        recorded_at = self._recorded_at.get(name)
        if recorded_at is not None and recorded_at <= now < recorded_at + RECORD_EVERY:
            return
        with transaction() as session:
            insert_or_ignore(session, TICKS, {"name": name, "last_at": now})
            session.execute(update(Tick).where(Tick.name == name).values(last_at=now))
        self._recorded_at[name] = now


def _run_job(job: Job, now: datetime) -> int:
    session = db.session()
    if job.has_work is not None:
        found = job.has_work(session, now)
        session.rollback()
        if not found:
            return 0
    if not job.needs_transaction:
        return job.run(session, now)
    with transaction():
        return job.run(session, now)


class Worker:
    """Runs the jobs on threads of this process. An error in a job is logged and ends that run."""

    def __init__(self, app: Flask) -> None:
        self._runner = JobRunner(app)
        self._stopped = threading.Event()
        self._scheduler = BackgroundScheduler(timezone=UTC, daemon=True)
        for job in self._runner.jobs:
            seconds = job.every.total_seconds()
            self._scheduler.add_job(
                partial(self._runner.run, job),
                "interval",
                id=job.name,
                seconds=seconds,
                jitter=seconds / 5,
                next_run_time=clock.now(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Start every job at once, then on its schedule."""
        self._scheduler.start()
        threading.Thread(target=self._watch_clock, name="clock watch", daemon=True).start()

    def stop(self) -> None:
        """Start no more jobs, and wait for the running ones."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._scheduler.shutdown(wait=True)
            self._runner.close()

    def _watch_clock(self) -> None:
        """Reschedule every job when the clock is set back: the next runs are instants."""
        wall, steady = clock.now(), time.monotonic()
        while not self._stopped.wait(WATCH_EVERY.total_seconds()):
            elapsed = timedelta(seconds=time.monotonic() - steady)
            if clock.now() < wall + elapsed - CLOCK_SLACK:
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=clock.now())
            wall, steady = clock.now(), time.monotonic()
