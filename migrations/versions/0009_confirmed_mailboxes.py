"""Mailboxes whose owner is known to read them, and uses of limits."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmed_mailboxes",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_confirmed_mailboxes"),
    )
    # Whoever signed in had used a link. Sessions are deleted, audit entries are not.
    op.execute(
        "INSERT INTO confirmed_mailboxes (email, confirmed_at) "
        "SELECT people.email, MIN(audit_entries.at) FROM people JOIN audit_entries "
        "ON audit_entries.actor = people.email AND audit_entries.action = 'signed in' "
        "GROUP BY people.email"
    )
    op.create_table(
        "limit_uses",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "subject", "cause", name="pk_limit_uses"),
    )
    op.create_index("ix_limit_uses_expires_at", "limit_uses", ["expires_at"])
