"""Numbers of orders, counted by each tenant for himself."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE order_number START 1001")


def downgrade() -> None:
    op.execute("DROP SEQUENCE order_number")
