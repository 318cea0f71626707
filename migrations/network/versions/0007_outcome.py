"""What a dealer tells of a lead without an order: calls, an offer, a sale, no real request; and who ended it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
COLUMNS = (
    sa.Column("closed_by", sa.Text()),
    sa.Column("invalid_reason", sa.Text()),
    sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
    sa.Column("contacted_at", INSTANT),
    sa.Column("quoted_at", INSTANT),
    sa.Column("quoted_minor", sa.BigInteger()),
    sa.Column("sold_on", sa.Date()),
    sa.Column("sale_document", sa.Text()),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("leads", column, schema="network")


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("leads", column.name, schema="network")
