"""A database full of rows in the schema of an old revision, and what migrations must preserve.

`ROWS` says what to insert when a revision is reached. A table that is still empty then, such as
one that a later step adds, gets a row made from its columns; where constraints need more than that,
add the rows to `ROWS`.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import (
    Column,
    Connection,
    Inspector,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from core.db.base import db

Rows = Sequence[Mapping[str, object]]
VERSION = "alembic_version"


def at(hour: int, day: int = 3) -> dt.datetime:
    """Return an instant of June 2026, in UTC."""
    return dt.datetime(2026, 6, day, hour, tzinfo=dt.UTC)


def wall(hour: int, day: int = 3) -> dt.datetime:
    """Return a wall time of June 2026."""
    return dt.datetime(2026, 6, day, hour)


def booking(status: str, hour: int, *, blocks: bool, **fields: object) -> Mapping[str, object]:
    """Return a booking of the first office hour with this status."""
    return {
        "ref": f"ref-{status}-{hour}",
        "uid": f"{status}-{hour}@example.org",
        "host_id": 1,
        "office_hours_id": 1,
        "starts_at": at(hour),
        "ends_at": at(hour + 1),
        "starts": wall(hour + 2),
        "host_zone": "Europe/Berlin",
        "status": status,
        "blocks": blocks,
        "guest_name": "Ann Gäst",
        "guest_email": "ann@example.org",
        "guest_zone": "America/New_York",
        "answers": {"topic": "Große Fragen", "level": "new"},
        "reason": None,
        "sequence": 2,
        "generation": 3,
        "created_at": at(1, 1),
        "placed_at": at(2, 1),
        "revised_at": at(3, 1),
        **fields,
    }


def message(kind: str, subject: str, state: str, **fields: object) -> Mapping[str, object]:
    """Return a message in this state."""
    return {
        "key": f"{kind}:{subject}:{state}",
        "kind": kind,
        "recipient": "ann@example.org",
        "payload": {"ref": subject, "sequence": 2},
        "reminder": kind == "booking-reminder",
        "due_at": at(4, 1),
        "useful_until": at(9),
        "created_at": at(4, 1),
        "state": state,
        "attempts": 0 if state == "pending" else 2,
        "next_attempt_at": at(5, 1),
        "claimed_by": None,
        "lease_until": None,
        "sent_at": at(5, 1) if state == "sent" else None,
        "error": "550 no such mailbox" if state == "failed" else "",
        **fields,
    }


def event(key: str, **fields: object) -> Mapping[str, object]:
    """Return an event of the first series, on the rule's date."""
    return {
        "series_id": 1,
        "key": key,
        "uid": f"{key}@example.org",
        "date": dt.date.fromisoformat(key),
        "starts": None,
        "minutes": None,
        "all_day": False,
        "days": 1,
        "starts_at": at(17, int(key[-2:])),
        "ends_at": at(18, int(key[-2:])),
        "number": None,
        "status": "scheduled",
        "reason": None,
        "sequence": 1,
        "revised_at": at(1, 1),
        **fields,
    }


def series(slug: str, **fields: object) -> Mapping[str, object]:
    """Return a series."""
    return {
        "uid": f"{slug}@example.org",
        "ref": f"ref-{slug}",
        "slug": slug,
        "name": f"Series {slug}",
        "short_name": slug.upper(),
        "kind": "talks",
        "zone": "America/Los_Angeles",
        "description": "Every *Friday*.",
        "join_url": f"https://meet.example.org/{slug}",
        "join_access": "public",
        "status": "active",
        "revision": 4,
        "revised_at": at(1, 1),
        **fields,
    }


def office_hours(slug: str, **fields: object) -> Mapping[str, object]:
    """Return office hours of the first host."""
    return {
        "host_id": 1,
        "slug": slug,
        "title": "Career chat",
        "description": "Ask **anything**.",
        "minutes": [30, 60],
        "interval": 15,
        "buffer_before": 5,
        "buffer_after": 10,
        "notice": 60,
        "horizon": {"days": 60},
        "per_day": 3,
        "per_week": None,
        "per_guest_open": 2,
        "change_until": 720,
        "approval": False,
        "verify_guest": False,
        "pending_blocks": True,
        "visibility": "public",
        "questions": [{"key": "topic", "label": "What about?", "required": True}],
        **fields,
    }


# In the order in which they can be inserted; the database counts the ids from 1.
ROWS: Mapping[str, Mapping[str, Rows]] = {
    "0001": {
        "organizations": [
            {
                "id": 1,
                "name": "ML Collective",
                "url": "https://example.org",
                "email": "post@example.org",
                "zone": "America/Los_Angeles",
                "code_of_conduct": "https://example.org/conduct",
                "links": {"Discord": "https://chat.example.org", "Läden": "https://example.org/l"},
            }
        ],
        "people": [
            {
                "email": f"{name}@example.org",
                "name": name.title(),
                "zone": zone,
                "affiliation": None,
                "is_admin": name == "ada",
                "created_at": at(1, 1),
            }
            for name, zone in (("ada", "Europe/Berlin"), ("bob", None), ("eve", "UTC"))
        ],
        "api_tokens": [
            {"token_hash": "a" * 64, "person_id": 1, "name": "script", "created_at": at(1, 1)}
        ],
        "sign_in_links": [
            {
                "token_hash": letter * 64,
                "request": f"request-{letter}",
                "person_id": 2,
                "next_path": "/me/",
                "requested_at": at(1, 1),
                "expires_at": at(2, 1),
                "used_at": used_at,
            }
            for letter, used_at in (("b", None), ("c", at(1, 1)))
        ],
        "sign_in_sessions": [
            {
                "token_hash": "d" * 64,
                "person_id": 1,
                "created_at": at(1, 1),
                "last_seen_at": at(2, 2),
            }
        ],
        "series": [
            series("dlct"),
            series("jam", kind="jam", join_access="on_request", status="paused", join_url=None),
            series("old", kind="group", join_access="registered", status="ended"),
        ],
        "series_organisers": [
            {"series_id": 1, "person_id": 1},
            {"series_id": 1, "person_id": 2},
            {"series_id": 2, "person_id": 3},
        ],
        "timetable_periods": [
            {
                "series_id": number,
                "starts": wall(10, 5),
                "minutes": 60,
                "rule": "FREQ=WEEKLY;BYDAY=FR" if number == 1 else None,
                "until": dt.date(2026, 12, 31) if number == 1 else None,
            }
            for number in (1, 2)
        ],
        "gaps": [{"series_id": 1, "date": dt.date(2026, 6, 19), "reason": "Holiday"}],
        "events": [
            event("2026-06-05", number=400),
            event("2026-06-12", status="cancelled", reason="Speaker is ill"),
            event("2026-06-26", status="tentative", starts=wall(9, 26), minutes=90),
            event("2026-06-27", date=None, all_day=True, days=2, series_id=2),
            event("2026-06-28", date=None, starts_at=None, ends_at=None, series_id=3),
        ],
        "talks": [
            {
                "event_id": event_id,
                "position": position,
                "title": f"Talk {event_id}.{position}",
                "abstract": "With *emphasis* and Σ.",
                "topics": ["vision", "Sprache"],
                "paper_url": "https://example.org/paper",
                "slides_url": None,
                "video_url": "https://example.org/video",
                "video_at": 90,
            }
            for event_id, position in ((1, 0), (1, 1), (2, 0), (3, 0))
        ],
        "speakers": [
            {
                "talk_id": talk_id,
                "position": position,
                "name": f"Speaker {talk_id}.{position}",
                "affiliation": "ETH Zürich",
                "url": None,
                "email": "speaker@example.org",
            }
            for talk_id, position in ((1, 0), (1, 1), (2, 0), (3, 0), (4, 0))
        ],
        "feed_versions": [{"name": "dlct", "version": 7}, {"name": "jam", "version": 1}],
        "hosts": [
            {
                "slug": slug,
                "person_id": person_id,
                "share_email": True,
                "name": "Ada L.",
                "bio": "Works on *proofs*.",
                "topics": ["proofs"],
                "languages": ["en", "de"],
                "zone": "Europe/Berlin",
                "hours": {"weekly": [{"days": [1, 3], "from": "09:00", "to": "17:00"}]},
                "paused": False,
                "per_day": 4,
                "per_week": None,
                "meeting_url": "https://meet.example.org/ada",
            }
            for slug, person_id in (("ada", 1), ("bob", 2))
        ],
        "office_hours": [
            office_hours("chat"),
            office_hours("review", approval=True, visibility="unlisted", interval=None),
            office_hours("chat", host_id=2, horizon={"until": "2026-12-31"}, questions=[]),
        ],
        "bookings": [
            booking("held", 7, blocks=True),
            booking("pending", 8, blocks=True, office_hours_id=2),
            booking("pending", 9, blocks=False),
            booking("confirmed", 10, blocks=True),
            booking("confirmed", 11, blocks=True),
            booking("declined", 10, blocks=False, reason="No time"),
            booking("cancelled", 10, blocks=False, reason="Ill"),
            booking("done", 5, blocks=False),
            booking("no_show", 6, blocks=False),
            booking("confirmed", 12, blocks=True, host_id=2, office_hours_id=3),
        ],
        "idempotency_keys": [
            {
                "office_hours_id": 1,
                "key": f"key-{booking_id}",
                "body_hash": "f" * 64,
                "booking_id": booking_id,
                "created_at": at(2, 1),
            }
            for booking_id in (1, 3, 4)
        ],
        "messages": [
            *(
                message("booking-confirmed", "ref-confirmed-10", state)
                for state in ("pending", "sent", "failed", "withdrawn", "stale")
            ),
            message(
                "booking-reminder",
                "ref-confirmed-11",
                "pending",
                claimed_by="worker-1",
                lease_until=at(5, 1),
            ),
            message("sign-in", "request-b", "sent", payload={"request": "request-b"}),
        ],
        "ticks": [{"name": "delivery", "last_at": at(5, 1)}],
        "audit_entries": [
            {"at": at(2, 1), "actor": "guest", "action": action, "subject": subject, "detail": said}
            for action, subject, said in (
                ("booking made", "booking:ref-held-7", {"status": "held"}),
                ("booking made", "booking:ref-pending-9", {"status": "pending"}),
                ("booking made", "booking:ref-confirmed-10", {"status": "confirmed"}),
                ("series changed", "series:dlct", {"name": ["Old", "Series dlct"]}),
            )
        ],
    },
    "0015": {"bookings": [booking("lapsed", 13, blocks=False, absent_at=None)]},
}


@dataclass(frozen=True)
class Snapshot:
    """The rows of each table, and the names of its constraints and triggers."""

    rows: Mapping[str, Rows]
    constraints: frozenset[tuple[str, str]]
    indexes: frozenset[tuple[str, str, bool]]
    triggers: frozenset[str]

    def shared_with(self, other: "Snapshot") -> Mapping[str, Sequence[str]]:
        """Return the rows in the tables and columns that `other` also has, in a fixed order."""
        return {
            name: sorted(
                repr([(column, row[column]) for column in sorted(row.keys() & theirs[0].keys())])
                for row in self.rows[name]
            )
            for name, theirs in other.rows.items()
            if theirs and name in self.rows
        }


def revisions() -> list[str]:
    """Return the revisions from the oldest to the newest."""
    return [script.revision for script in reversed(list(scripts().walk_revisions()))]


def scripts() -> ScriptDirectory:
    """Return the migrations of the running app."""
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())


def upgrade_filled() -> None:
    """Migrate a blank database to the newest revision, with rows since the first revision."""
    for revision in revisions():
        flask_migrate.upgrade(revision=revision)
        fill(revision)


def add_step(app: Flask, folder: Path, body: str) -> None:
    """Add a newest migration with this `upgrade` to those of the app."""
    with app.app_context():
        newest = scripts().get_current_head()
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    (folder / "extra.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = 'extra'\ndown_revision = {newest!r}\n\n\ndef upgrade():\n{lines}"
    )
    migrate = app.extensions["migrate"].migrate

    @migrate.configure
    def _(config):
        own = Path(migrate.directory) / "versions"
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{own}\n{folder}")
        return config


def take() -> Snapshot:
    """Read the whole database."""
    with db.engine.connect() as connection:
        inspector = inspect(connection)
        tables = _tables(connection)
        return Snapshot(
            rows={
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in tables
            },
            constraints=frozenset(
                (table.name, name) for table in tables for name in _constraints(inspector, table)
            ),
            indexes=frozenset(
                (table.name, str(index["name"]), _is_partial(index))
                for table in tables
                for index in inspector.get_indexes(table.name)
                if "duplicates_constraint" not in index
            ),
            triggers=frozenset(_triggers(connection)),
        )


def fill(revision: str) -> None:
    """Insert the rows of a revision that was just reached, and one into each empty table."""
    with db.engine.begin() as connection:
        tables = {table.name: table for table in _tables(connection)}
        for name, rows in ROWS.get(revision, {}).items():
            connection.execute(insert(tables[name]), rows)
        for table in tables.values():
            if not connection.scalar(select(func.count()).select_from(table)):
                connection.execute(insert(table), _row_for(connection, table))


def _tables(connection: Connection) -> list[Table]:
    """Return the tables as they are in the database, parents first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION]


def _constraints(inspector: Inspector, table: Table) -> list[str]:
    found = [
        inspector.get_pk_constraint(table.name),
        *inspector.get_check_constraints(table.name),
        *inspector.get_unique_constraints(table.name),
        *inspector.get_foreign_keys(table.name),
    ]
    return [str(constraint["name"]) for constraint in found]


def _is_partial(index: Mapping[str, object]) -> bool:
    options = index.get("dialect_options", {})
    assert isinstance(options, Mapping)
    return any(str(name).endswith("_where") for name in options)


def _triggers(connection: Connection) -> Sequence[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    return connection.scalars(text(query[connection.dialect.name])).all()


def _row_for(connection: Connection, table: Table) -> Mapping[str, object]:
    checks = " ".join(
        str(check["sqltext"]) for check in inspect(connection).get_check_constraints(table.name)
    )
    return {
        column.name: _value_for(connection, column, checks, number)
        for number, column in enumerate(table.columns)
    }


def _value_for(connection: Connection, column: Column, checks: str, number: int) -> object:
    """Return a value that fits; instants rise with the `number` of their column."""
    for key in column.foreign_keys:
        return connection.scalar(select(key.column).limit(1))
    # PostgreSQL writes IN as `= ANY (ARRAY['a'::character varying, ...])`.
    choice = re.search(rf"\b{column.name}\b[^='<>]*(?:\bIN\b|= ANY)[^']*'([^']*)'", checks)
    if choice:
        return choice[1]
    kind = column.type.python_type
    if kind is dt.datetime:
        return at(number) if getattr(column.type, "timezone", False) else wall(number)
    values: Mapping[type, object] = {
        bool: False,
        bytes: b"bytes",
        dt.date: dt.date(2026, 6, 3),
        float: 1.5,
        int: 1,
        object: {"key": "value"},  # JSON
        str: column.name,
    }
    return values[kind]
