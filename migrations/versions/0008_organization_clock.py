"""The organization chooses the 12 or the 24 hour clock."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE organizations ADD COLUMN clock INTEGER "
        "CONSTRAINT ck_organizations_clock CHECK (clock IN (12, 24))"
    )
