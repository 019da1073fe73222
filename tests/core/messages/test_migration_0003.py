"""Migration 0003 sets channel, subject and first claim of existing messages."""

import flask_migrate
from sqlalchemy import text

from core.db.base import db
from tests.conftest import make_settings, running

BEFORE = """
INSERT INTO messages (key, kind, recipient, payload, reminder, due_at, useful_until, created_at,
  state, attempts, next_attempt_at, claimed_by, sent_at, error)
VALUES (:key, :kind, 'ann@example.org', :payload, :reminder, '2026-06-01 06:00:00',
  '2026-06-03 06:00:00', '2026-06-01 06:00:00', :state, :attempts, '2026-06-01 06:00:00',
  :claimed_by, :sent_at, '')
"""
BOOKING = '{"ref": "r1", "role": "guest"}'
ROWS = [
    ("sent", "booking-confirmed", BOOKING, 1, None, "2026-06-01 06:05:00"),
    ("pending", "booking-reminder", BOOKING, 0, None, None),
    ("pending", "sign-in", '{"next": "/"}', 0, "worker", None),
    ("failed", "sign-in", '{"next": "/"}', 2, None, None),
]


def test_messages_of_before_get_channel_subject_and_first_claim(blank_database_url, tmp_path):
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        flask_migrate.upgrade(revision="0002")
        with db.engine.begin() as connection:
            for number, (state, kind, payload, attempts, claimed_by, sent_at) in enumerate(ROWS):
                values = {
                    "key": f"k{number}",
                    "kind": kind,
                    "payload": payload,
                    "reminder": kind == "booking-reminder",
                    "state": state,
                    "attempts": attempts,
                    "claimed_by": claimed_by,
                    "sent_at": sent_at,
                }
                connection.execute(text(BEFORE), values)
        flask_migrate.upgrade(revision="0003")
        with db.engine.connect() as connection:
            after = "SELECT key, channel, subject, claimed_at FROM messages ORDER BY key"
            rows = [
                (key, channel, subject, None if at is None else str(at)[:19])
                for key, channel, subject, at in connection.execute(text(after))
            ]
    assert rows == [
        ("k0", "mail", "booking:r1:guest", "2026-06-01 06:05:00"),
        ("k1", "mail", "booking:r1:guest", None),
        ("k2", "mail", None, "2026-06-01 06:00:00"),
        ("k3", "mail", None, "2026-06-01 06:00:00"),
    ]
