"""Lines of a timetable have a key, and a track in which a later line takes over."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No table refers to this one, so that SQLite can rebuild it.
    with op.batch_alter_table("timetable_periods") as batch:
        batch.add_column(sa.Column("track", sa.String(), server_default="", nullable=False))
        batch.add_column(sa.Column("key", sa.String(), nullable=True))
        batch.drop_constraint("uq_timetable_periods_series_id_starts", type_="unique")
        batch.create_unique_constraint(
            batch.f("uq_timetable_periods_series_id_track_starts"), ["series_id", "track", "starts"]
        )
        batch.create_unique_constraint(
            batch.f("uq_timetable_periods_series_id_key"), ["series_id", "key"]
        )
