"""How dealers' ratings went, week by week."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating_weeks",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["network.tenants.id"], name=op.f("fk_rating_weeks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "week", name=op.f("pk_rating_weeks")),
        schema="network",
    )


def downgrade() -> None:
    op.drop_table("rating_weeks", schema="network")
