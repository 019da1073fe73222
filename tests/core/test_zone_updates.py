"""Two processes with different releases of the zone data do not undo each other's changes."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking.models import BookingRow
from core.config import PREFIX
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from tests import zone_data
from tests.factories_booking import add_booking, add_host, add_offer
from tests.processes import ROOT
from tests.zone_data import ALWAYS_SUMMER, NEWER, OLDER, PACIFIC, VANCOUVER


def test_processes_with_different_releases_move_a_booking_once(app, environment, tmp_path):
    year = datetime.now(UTC).year + 2
    eighteen = datetime(year, 12, 12, 18, tzinfo=UTC)  # 10:00 by the older rules
    older = zone_data.write_release(tmp_path, OLDER, {VANCOUVER: PACIFIC})
    newer = zone_data.write_release(tmp_path, NEWER, {VANCOUVER: ALWAYS_SUMMER})
    with app.app_context(), transaction() as session:
        offer = add_offer(session, add_host(session, zone=VANCOUVER))
        row = add_booking(session, offer, eighteen)
        row.starts = datetime(year, 12, 12, 10)

    def tick(tree: str) -> str:
        env = {**environment, f"{PREFIX}TZDATA_DIR": tree}
        command = [sys.executable, "-m", "flask", "tick"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return next(line for line in done.stdout.splitlines() if line.startswith("zone data"))

    said = [tick(tree) for tree in (older, newer, older, newer)]

    assert said == ["zone data: 0", "zone data: 1", "zone data: 0", "zone data: 0"]
    with app.app_context():
        row = db.session.scalars(select(BookingRow)).one()
        assert (row.starts_at, row.sequence) == (eighteen - timedelta(hours=1), 1)
        kinds = db.session.scalars(select(Message.kind)).all()
    assert kinds == ["booking-clocks", "booking-clocks"]
