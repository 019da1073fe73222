"""Databases for the benchmarks, filled by inserting many rows at once."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import flask_migrate
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import create_app
from benchmarks.serving import SECRET_KEY
from core.config import Settings
from core.db.base import Base, db
from core.db.transaction import transaction
from core.zones import zone
from scheduler.domain import identity, walltime
from scheduler.models import SeriesRow
from tests.factories import MADE_AT, add_organization

HOUR = timedelta(hours=1)
ABSTRACT = "We study what happens when nothing does. " * 12


def app_on(url: str) -> Flask:
    """Return the app on a database, without background jobs."""
    return create_app(
        Settings(database_url=url, secret_key=SECRET_KEY, worker="off", rate_limits="off")
    )


def filled(url: str, fill: Callable[[Session], None]) -> None:
    """Migrate the database at `url` and let `fill` add to it in one transaction."""
    app = app_on(url)
    with app.app_context():
        flask_migrate.upgrade()
        with transaction() as session:
            add_organization(session)
            fill(session)
        db.engine.dispose()


def add_talks(session: Session, series: SeriesRow, starts: Iterable[datetime]) -> None:
    """Add an event with a talk and a speaker at each of these wall times.

    The first event of a date is the occurrence of the rule, the others are extra events.
    """
    place: dict[date, int] = {}
    events, talks, speakers = [], [], []
    for number, wall in enumerate(starts, 1):
        day = wall.date()
        place[day] = place.get(day, 0) + 1
        key = f"{day}" if place[day] == 1 else f"{day}-{place[day]}"
        starts_at = walltime.instant(wall, zone(series.zone))
        row_id = series.id * 1_000_000 + number
        events.append(
            {
                "id": row_id,
                "series_id": series.id,
                "key": key,
                "uid": identity.event_uid(series.uid, key),
                "date": day if place[day] == 1 else None,
                "starts": wall,
                "minutes": 60,
                "starts_at": starts_at,
                "ends_at": starts_at + HOUR,
                "revised_at": MADE_AT,
            }
        )
        title = f"Talk {number} on what everybody should know"
        talks.append(
            {"id": row_id, "event_id": row_id, "position": 0, "title": title, "abstract": ABSTRACT}
        )
        speakers.append(
            {
                "talk_id": row_id,
                "position": 0,
                "name": "Ada Lovelace",
                "affiliation": "University of London",
            }
        )
    for table, rows in (("events", events), ("talks", talks), ("speakers", speakers)):
        session.execute(insert(Base.metadata.tables[table]), rows)
