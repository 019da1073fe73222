"""Messages have a channel and a subject, and note their first claim.

A key is unique among the messages that were not withdrawn. Rows of before get the channel "mail",
and those about a booking the subject `booking:<ref>:<role>`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOT_WITHDRAWN = sa.text("state <> 'withdrawn'")


def upgrade() -> None:
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("channel", sa.String(), nullable=False, server_default="mail"))
        batch.add_column(sa.Column("subject", sa.String(), nullable=True))
        batch.add_column(sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint("uq_messages_key", type_="unique")
    op.create_index(
        "uq_messages_key",
        "messages",
        ["key"],
        unique=True,
        postgresql_where=NOT_WITHDRAWN,
        sqlite_where=NOT_WITHDRAWN,
    )
    op.create_index("ix_messages_subject", "messages", ["subject", "recipient"])
    if op.get_bind().dialect.name == "postgresql":
        ref, role = "payload->>'ref'", "payload->>'role'"
    else:
        ref, role = "json_extract(payload, '$.ref')", "json_extract(payload, '$.role')"
    op.execute(
        f"UPDATE messages SET subject = 'booking:' || ({ref}) || ':' || ({role}) "
        "WHERE kind LIKE 'booking-%'"
    )
    op.execute(
        "UPDATE messages SET claimed_at = coalesce(sent_at, due_at) "
        "WHERE state = 'sent' OR attempts > 0 OR claimed_by IS NOT NULL"
    )
