"""The trace an event was published in, and an index of the few rows of duties, which metrics ask for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("trace", sa.Text()), schema="network")
    op.create_index(
        "ix_deliveries_duties", "deliveries", ["handler"], schema="network",
        postgresql_where=sa.text("event = 'PeriodicDuty'"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_duties", "deliveries", schema="network")
    op.drop_column("outbox", "trace", schema="network")
