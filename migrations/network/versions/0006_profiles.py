"""Whose draft a sourcing profile is, when it last changed, and what its author says of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("author", sa.Text()),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), server_default=sa.func.now(), nullable=False),
    ):
        op.add_column("sourcing_profiles", column, schema="network")
    op.create_index(
        "uq_sourcing_profiles_version", "sourcing_profiles", ["owner_id", "version"], unique=True, schema="network"
    )


def downgrade() -> None:
    op.drop_index("uq_sourcing_profiles_version", "sourcing_profiles", schema="network")
    for column in ("changed_at", "note", "author"):
        op.drop_column("sourcing_profiles", column, schema="network")
