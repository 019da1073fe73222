"""Anyone may sign in with an address: a sign-in link belongs to an address, not to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE organizations ADD COLUMN accounts VARCHAR NOT NULL DEFAULT 'open' "
        "CONSTRAINT ck_organizations_accounts CHECK (accounts IN ('open', 'invited'))"
    )
    op.add_column("sign_in_links", sa.Column("email", sa.String(), nullable=True))
    op.execute(
        "UPDATE sign_in_links SET email = "
        "(SELECT people.email FROM people WHERE people.id = sign_in_links.person_id)"
    )
    op.drop_index("ix_sign_in_links_person_id", "sign_in_links")
    with op.batch_alter_table("sign_in_links") as batch:
        batch.alter_column("email", existing_type=sa.String(), nullable=False)
        batch.drop_constraint("fk_sign_in_links_person_id", type_="foreignkey")
        batch.drop_column("person_id")
    op.create_index("ix_sign_in_links_email", "sign_in_links", ["email"])
