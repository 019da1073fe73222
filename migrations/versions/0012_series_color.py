"""Each series has one of twelve colors; those that are there get them in turn."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE series ADD COLUMN color INTEGER NOT NULL DEFAULT 0 "
        "CONSTRAINT ck_series_color CHECK (color BETWEEN 0 AND 11)"
    )
    op.execute(
        "UPDATE series SET color = "
        "(SELECT COUNT(*) FROM series AS earlier WHERE earlier.id < series.id) % 12"
    )
