"""The baseline of booking: a bare Flask view with one guarded INSERT in the same database.

It is plain Flask and SQLAlchemy Core: a transaction on a pooled connection, with the same pool
settings as the app, and a guard that is safe against concurrent requests.
"""

import os
from datetime import datetime, timedelta

from flask import Flask, Response, request
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from core.db.engine import WRITES, engine_options, prepare

URL = os.environ["BENCH_DATABASE_URL"]
LASTS = timedelta(minutes=30)
IS_SQLITE = URL.startswith("sqlite:")
TABLE = (
    (
        "CREATE TABLE bare (host_id INT, starts_at TEXT, ends_at TEXT)",
        "CREATE INDEX bare_starts ON bare (host_id, starts_at)",
    )
    if IS_SQLITE
    else (
        "CREATE TABLE bare (host_id int, starts_at timestamptz, ends_at timestamptz,"
        " EXCLUDE USING gist (host_id WITH =, tstzrange(starts_at, ends_at) WITH &&))",
    )
)
INSERT = text(
    "INSERT INTO bare SELECT 1, :starts_at, :ends_at WHERE NOT EXISTS (SELECT 1 FROM bare"
    " WHERE host_id = 1 AND starts_at < :ends_at AND starts_at > :day_before"
    " AND ends_at > :starts_at)"
    if IS_SQLITE
    else "INSERT INTO bare VALUES (1, :starts_at, :ends_at)"
)

app = Flask(__name__)
engine = create_engine(URL, **engine_options(URL))
prepare(engine)
engine.update_execution_options(**{WRITES: True})
with engine.begin() as setup:
    for statement in TABLE:
        setup.execute(text(statement))


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/")
def book() -> Response:
    starts_at = datetime.fromisoformat(request.get_json()["starts_at"])
    times = {"starts_at": starts_at, "ends_at": starts_at + LASTS}
    if IS_SQLITE:
        times["day_before"] = starts_at - timedelta(days=1)
    values = {name: at.isoformat() if IS_SQLITE else at for name, at in times.items()}
    try:
        with engine.begin() as connection:
            done = connection.execute(INSERT, values).rowcount == 1
    except IntegrityError:
        done = False
    return Response("booked" if done else "taken", 201 if done else 409)
