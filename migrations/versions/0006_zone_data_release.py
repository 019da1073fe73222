"""The zone data last applied, and the start that new zone data would give a booking."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applied_zones",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("compiled", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_applied_zones")),
    )
    # Not in batch mode: that would rebuild the table, and drop its rows' children and its triggers.
    op.add_column("bookings", sa.Column("displaced_to", sa.DateTime(timezone=True), nullable=True))
