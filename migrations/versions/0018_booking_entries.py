"""Bookings keep what their calendar entries say; hosts, since when entries wait for a change."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NOW_SAID = {
    "sqlite": "json_object('title', o.title, 'host', h.name, 'meeting_url', h.meeting_url)",
    "postgresql": "json_build_object('title', o.title, 'host', h.name, 'meeting_url', h.meeting_url)",
}


def upgrade() -> None:
    # Without a batch: SQLite would rebuild tables to which others refer.
    for name in ("entries_changed_since", "entries_changed_at"):
        op.add_column("hosts", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "bookings",
        sa.Column("entry", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
    )
    said = NOW_SAID[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE bookings SET entry = (SELECT {said} FROM office_hours AS o "
        "JOIN hosts AS h ON h.id = o.host_id WHERE o.id = bookings.office_hours_id)"
    )
