"""Bookings of one host that block never overlap: the database itself refuses it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OVERLAPS = """
    NEW.blocks AND EXISTS (
        SELECT 1 FROM bookings AS other
        WHERE other.host_id = NEW.host_id AND other.blocks AND other.id IS NOT NEW.id
          AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at
    )
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            "ALTER TABLE bookings ADD CONSTRAINT bookings_no_overlap EXCLUDE USING gist "
            "(host_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (blocks)"
        )
        return
    for event in ("INSERT", "UPDATE OF host_id, starts_at, ends_at, blocks"):
        name = "bookings_no_overlap_" + event.split()[0].lower()
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON bookings WHEN {OVERLAPS} "
            "BEGIN SELECT RAISE(ABORT, 'bookings_no_overlap'); END"
        )
