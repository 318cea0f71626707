"""Which dealer served the customer of a lead before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("own_dealer_id", sa.Text(), nullable=True), schema="network")


def downgrade() -> None:
    op.drop_column("leads", "own_dealer_id", schema="network")
