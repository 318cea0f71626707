"""Letters that came to the address of leads, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incoming_mail",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('lead', 'joined', 'rejected')", name=op.f("ck_incoming_mail_state")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_incoming_mail")),
    )
    op.create_index("ix_incoming_mail_received", "incoming_mail", ["received_at"])


def downgrade() -> None:
    op.drop_table("incoming_mail")
