"""Offers of a day are counted by an index alone, however many there are of other days."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_lead_offers_offered", "lead_offers", ["offered_at"], schema="network",
        postgresql_include=["dealer_id", "state"],
    )


def downgrade() -> None:
    op.drop_index("ix_lead_offers_offered", table_name="lead_offers", schema="network")
