"""The measure of booking: a bare Flask view that does one guarded INSERT in the same database."""

import os
import sqlite3
import threading
from datetime import datetime, timedelta

import psycopg
from flask import Flask, Response, request
from sqlalchemy import make_url

URL = os.environ["BENCH_DATABASE_URL"]
LASTS = timedelta(minutes=30)

app = Flask(__name__)
kept = threading.local()


def _sqlite() -> sqlite3.Connection:
    connection = sqlite3.connect(
        URL.removeprefix("sqlite:///"), timeout=10, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS bare (host_id INT, starts_at TEXT, ends_at TEXT)"
    )
    connection.execute("CREATE INDEX IF NOT EXISTS bare_starts ON bare (host_id, starts_at)")
    return connection


def _postgres() -> psycopg.Connection:
    parts = make_url(URL)
    connection = psycopg.connect(
        host=str(parts.query["host"]),
        user=parts.username,
        dbname=parts.database,
        autocommit=True,
    )
    connection.execute("SELECT pg_advisory_lock(1)")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS bare (host_id int, starts_at timestamptz, ends_at timestamptz,"
        " EXCLUDE USING gist (host_id WITH =, tstzrange(starts_at, ends_at) WITH &&))"
    )
    connection.execute("SELECT pg_advisory_unlock(1)")
    return connection


def _insert(starts_at: datetime) -> bool:
    ends_at = starts_at + LASTS
    if URL.startswith("sqlite:"):
        if "sqlite" not in kept.__dict__:
            kept.sqlite = _sqlite()
        start, end = starts_at.isoformat(), ends_at.isoformat()
        kept.sqlite.execute("BEGIN IMMEDIATE")
        done = kept.sqlite.execute(
            "INSERT INTO bare SELECT 1, ?, ? WHERE NOT EXISTS (SELECT 1 FROM bare"
            " WHERE host_id = 1 AND starts_at < ? AND starts_at > ? AND ends_at > ?)",
            (start, end, end, (starts_at - timedelta(days=1)).isoformat(), start),
        )
        kept.sqlite.execute("COMMIT")
        return int(done.rowcount) == 1
    if "postgres" not in kept.__dict__:
        kept.postgres = _postgres()
    try:
        kept.postgres.execute("INSERT INTO bare VALUES (1, %s, %s)", (starts_at, ends_at))
    except psycopg.errors.ExclusionViolation:
        return False
    return True


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/")
def book() -> Response:
    done = _insert(datetime.fromisoformat(request.get_json()["starts_at"]))
    return Response("booked" if done else "taken", 201 if done else 409)
