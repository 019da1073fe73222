"""An idempotency key keeps the first answer to its request: status, start and end."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EPOCH = "1970-01-01 00:00:00"

KEYS = sa.table(
    "idempotency_keys",
    sa.column("office_hours_id", sa.Integer),
    sa.column("key", sa.String),
    sa.column("booking_id", sa.Integer),
    sa.column("status", sa.String),
    sa.column("starts_at", sa.DateTime(timezone=True)),
    sa.column("ends_at", sa.DateTime(timezone=True)),
)
BOOKINGS = sa.table(
    "bookings",
    sa.column("id", sa.Integer),
    sa.column("ref", sa.String),
    sa.column("starts_at", sa.DateTime(timezone=True)),
    sa.column("ends_at", sa.DateTime(timezone=True)),
)
OFFICE_HOURS = sa.table(
    "office_hours", sa.column("id", sa.Integer), sa.column("approval", sa.Boolean)
)
ENTRIES = sa.table(
    "audit_entries",
    sa.column("id", sa.Integer),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("detail", sa.JSON),
)


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("status", sa.String(), nullable=False, server_default="confirmed"),
        sa.Column("starts_at", instant, nullable=False, server_default=EPOCH),
        sa.Column("ends_at", instant, nullable=False, server_default=EPOCH),
    ):
        op.add_column("idempotency_keys", column)
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """Write the first answers: as the audit log has them, else as the booking is now."""
    query = (
        sa.select(
            KEYS.c.office_hours_id,
            KEYS.c.key,
            BOOKINGS.c.ref,
            BOOKINGS.c.starts_at,
            BOOKINGS.c.ends_at,
            OFFICE_HOURS.c.approval,
        )
        .join_from(KEYS, BOOKINGS, BOOKINGS.c.id == KEYS.c.booking_id)
        .join(OFFICE_HOURS, OFFICE_HOURS.c.id == KEYS.c.office_hours_id)
    )
    for row in connection.execute(query).all():
        status = "pending" if row.approval else "confirmed"
        moved_from = None
        logged = (
            sa.select(ENTRIES.c.action, ENTRIES.c.detail)
            .where(ENTRIES.c.subject == f"booking:{row.ref}")
            .order_by(ENTRIES.c.id)
        )
        for action, detail in connection.execute(logged):
            if action == "booking made":
                status = detail["status"]
            elif action == "booking moved" and moved_from is None:
                moved_from = datetime.fromisoformat(detail["previous"])
        starts_at = moved_from or row.starts_at
        connection.execute(
            sa.update(KEYS)
            .where(KEYS.c.office_hours_id == row.office_hours_id, KEYS.c.key == row.key)
            .values(
                status=status,
                starts_at=starts_at,
                ends_at=starts_at + (row.ends_at - row.starts_at),
            )
        )
