"""The day for which a lead's customer was promised his goods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("promised_on", sa.Date(), nullable=True), schema="network")


def downgrade() -> None:
    op.drop_column("leads", "promised_on", schema="network")
