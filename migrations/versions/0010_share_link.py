"""Office hours say whether guests with an unconfirmed mailbox see the meeting link on the page."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE office_hours ADD COLUMN share_link VARCHAR DEFAULT 'confirmed' NOT NULL "
        "CONSTRAINT ck_office_hours_share_link CHECK (share_link IN ('confirmed', 'always'))"
    )
