"""The point where the customer of an order fetches his goods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("pickup", postgresql.JSONB()))


def downgrade() -> None:
    op.drop_column("orders", "pickup")
