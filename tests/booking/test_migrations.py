"""Steps of the migrations that move what rows of booking hold."""

import json
from datetime import UTC, datetime

import flask_migrate
import pytest
from sqlalchemy import select, text

from booking.models import HostRow, IdempotencyKey
from core.db.base import db
from tests.conftest import make_settings, running

BEFORE = "0002"
AT = "2026-06-01 06:00:00.000000"
ROWS = (
    "INSERT INTO people (id, email, is_admin, created_at) "
    f"VALUES (1, 'ada@example.org', false, '{AT}')",
    "INSERT INTO hosts (id, slug, person_id, share_email, name, bio, topics, languages, zone, "
    "hours, paused) VALUES (1, 'host-a', 1, false, 'A', '', '[]', '[]', 'UTC', :hours, false), "
    "(2, 'host-b', 1, false, 'B', '', '[]', '[]', 'UTC', '{}', false)",
    "INSERT INTO office_hours (id, host_id, slug, title, description, minutes, buffer_before, "
    "buffer_after, notice, horizon, change_until, approval, verify_guest, pending_blocks, "
    "visibility, questions) VALUES "
    "(1, 1, 'chat', 'Chat', '', '[30]', 0, 0, 0, '{\"days\": 60}', 0, true, false, true, "
    "'public', '[]')",
)
BOOKING = (
    "INSERT INTO bookings (id, ref, uid, host_id, office_hours_id, starts_at, ends_at, starts, "
    "host_zone, status, blocks, guest_name, guest_email, guest_zone, answers, sequence, "
    "generation, created_at, placed_at, revised_at) VALUES "
    "(:id, :ref, :ref, 1, 1, :starts_at, :ends_at, :starts, 'UTC', 'confirmed', true, 'Guest', "
    f"'guest@example.org', 'UTC', '{{}}', 0, 1, '{AT}', '{AT}', '{AT}')"
)
KEY = (
    "INSERT INTO idempotency_keys (office_hours_id, key, body_hash, booking_id, created_at) "
    f"VALUES (1, :key, 'h', :id, '{AT}')"
)
ENTRY = (
    "INSERT INTO audit_entries (at, actor, action, subject, detail) "
    f"VALUES ('{AT}', 'guest', :action, :subject, :detail)"
)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 3, hour, minute, tzinfo=UTC)


@pytest.fixture
def upgraded(blank_database_url, tmp_path):
    """A session on a database that was full of rows before it came to the newest schema."""
    hours = {"weekly": [{"days": [1], "from": "09:00", "to": "17:00"}]}
    kept = {**hours, "calendars": ["https://cal.example.org/busy.ics"]}
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        flask_migrate.upgrade(revision=BEFORE)
        with db.engine.begin() as connection:
            for statement in ROWS:
                values = {"hours": json.dumps(kept)} if ":hours" in statement else {}
                connection.execute(text(statement), values)
            for number, hour in ((1, 7), (2, 9)):
                span = {
                    "starts": f"2026-06-03 {hour:02}:00:00.000000",
                    "starts_at": f"2026-06-03 {hour:02}:00:00.000000",
                    "ends_at": f"2026-06-03 {hour:02}:30:00.000000",
                }
                row = {"id": number, "ref": f"r{number}", **span}
                connection.execute(text(BOOKING), row)
                connection.execute(text(KEY), {"id": number, "key": f"k{number}"})
            for action, detail in (
                ("booking made", {"status": "confirmed"}),
                ("booking moved", {"previous": at(12).isoformat()}),
                ("booking moved", {"previous": at(13).isoformat()}),
            ):
                connection.execute(
                    text(ENTRY),
                    {"action": action, "subject": "booking:r2", "detail": json.dumps(detail)},
                )
        flask_migrate.upgrade()
        yield db.session()


def test_keys_get_the_first_answer_of_their_request(upgraded):
    query = select(
        IdempotencyKey.key, IdempotencyKey.status, IdempotencyKey.starts_at, IdempotencyKey.ends_at
    ).order_by(IdempotencyKey.key)

    assert [tuple(row) for row in upgraded.execute(query)] == [
        ("k1", "pending", at(7), at(7, 30)),  # the log says nothing: as the office hours do
        ("k2", "confirmed", at(12), at(12, 30)),
    ]


def test_calendars_leave_the_hours(upgraded):
    query = select(HostRow.slug, HostRow.hours, HostRow.calendars).order_by(HostRow.slug)
    weekly = [{"days": [1], "from": "09:00", "to": "17:00"}]

    assert [tuple(row) for row in upgraded.execute(query)] == [
        ("host-a", {"weekly": weekly}, ["https://cal.example.org/busy.ics"]),
        ("host-b", {}, []),
    ]
