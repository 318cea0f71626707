"""An index of the words of leads' lines, so that HQ's search does not read every lead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_leads_words", "leads", [sa.text("(lines::text) ext.gin_trgm_ops")], schema="network",
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index("ix_leads_words", "leads", schema="network")
