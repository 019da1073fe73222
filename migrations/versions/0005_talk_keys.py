"""Talks have a key that is stable within their event."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a batch: SQLite would rebuild `talks`, to which `speakers` refer.
    op.add_column("talks", sa.Column("key", sa.String(), server_default="", nullable=False))
    op.execute("UPDATE talks SET key = 't' || CAST(position + 1 AS VARCHAR)")
    op.create_index("ix_talks_event_id_key", "talks", ["event_id", "key"], unique=True)
