"""The private calendar addresses of a host have a column of their own, apart from the hours."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HOSTS = sa.table(
    "hosts",
    sa.column("id", sa.Integer),
    sa.column("hours", sa.JSON),
    sa.column("calendars", sa.JSON),
)


def upgrade() -> None:
    op.add_column(
        "hosts", sa.Column("calendars", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    connection = op.get_bind()
    for host in connection.execute(sa.select(HOSTS.c.id, HOSTS.c.hours)).all():
        if "calendars" in host.hours:
            hours = {name: each for name, each in host.hours.items() if name != "calendars"}
            connection.execute(
                sa.update(HOSTS)
                .where(HOSTS.c.id == host.id)
                .values(hours=hours, calendars=host.hours["calendars"])
            )
