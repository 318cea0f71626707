"""A dealer's own contacts: their company, and found by phone and mail when the same person asks again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("own_contacts", sa.Column("company", sa.Text(), nullable=True))
    op.create_index("ix_own_contacts_phone", "own_contacts", ["phone"])
    op.create_index("ix_own_contacts_email", "own_contacts", [sa.text("lower(email)")])


def downgrade() -> None:
    op.drop_index("ix_own_contacts_email", "own_contacts")
    op.drop_index("ix_own_contacts_phone", "own_contacts")
    op.drop_column("own_contacts", "company")
