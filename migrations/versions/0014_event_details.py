"""Rooms, links, chairs and languages of series and events; starts and links of talks; bios."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXTS = {
    "series": ("location", "language", "registration_url"),
    "events": ("location", "join_url", "registration_url", "language"),
    "speakers": ("bio",),
}


def upgrade() -> None:
    # Without a batch: SQLite would rebuild tables to which others refer.
    for table, names in TEXTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(), nullable=True))
    op.add_column("events", sa.Column("chair", sa.JSON(), nullable=True))
    for table in ("events", "talks"):
        op.add_column(
            table, sa.Column("links", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
        )
    op.execute(
        'ALTER TABLE talks ADD COLUMN "offset" INTEGER '
        'CONSTRAINT ck_talks_offset CHECK ("offset" >= 0)'
    )
    op.execute(
        "ALTER TABLE talks ADD COLUMN minutes INTEGER "
        "CONSTRAINT ck_talks_minutes CHECK (minutes > 0)"
    )
