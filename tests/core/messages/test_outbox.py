"""Keys of messages."""

from datetime import datetime, timedelta, timezone

from core.messages import outbox


def test_key_joins_its_parts_and_writes_instants_in_utc():
    start = datetime(2026, 6, 17, 18, 0, tzinfo=timezone(timedelta(hours=2)))
    assert (
        outbox.key("reminder", 7, start, 60, "a@b.org") == "reminder:7:20260617T160000Z:60:a@b.org"
    )
