"""Requests lapse, a moved booking may need approval again, and a guest can say "I cannot come"."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATUSES = "'held', 'pending', 'confirmed', 'declined', 'cancelled', 'lapsed', 'done', 'no_show'"
WAITING = sa.text("status IN ('held', 'pending')")


def upgrade() -> None:
    # Without a batch: SQLite would rebuild the table to which `bookings` refer.
    op.execute(
        "ALTER TABLE office_hours ADD COLUMN pending_minutes INTEGER NOT NULL DEFAULT 60 "
        "CONSTRAINT ck_office_hours_pending_minutes CHECK (pending_minutes >= 0)"
    )
    op.add_column(
        "office_hours",
        sa.Column("approval_on_move", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    # SQLite can change a constraint only in a copy of the table. env.py creates the triggers
    # against overlaps again; the constraint of PostgreSQL is never gone.
    with op.batch_alter_table("bookings") as batch:
        batch.add_column(sa.Column("absent_at", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint("status", type_="check")
        batch.create_check_constraint("status", f"status IN ({STATUSES})")
    op.create_index(
        "ix_bookings_waiting",
        "bookings",
        ["created_at"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
