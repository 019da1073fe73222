"""Office hours can be closed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a batch: SQLite would rebuild `office_hours`, to which `bookings` refer.
    op.add_column(
        "office_hours", sa.Column("closed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
