"""Requests about personal data, and the acts of its destruction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "personal_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("identification", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("handled_by", sa.Text()),
        sa.Column("handled_at", INSTANT),
        sa.Column("reason", sa.Text()),
        sa.Column("fingerprints", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("act", postgresql.JSONB(astext_type=sa.Text())),
        sa.CheckConstraint("kind IN ('export', 'erasure')", name=op.f("ck_personal_requests_kind")),
        sa.CheckConstraint("whose IN ('customer', 'staff', 'dealer')", name=op.f("ck_personal_requests_whose")),
        sa.CheckConstraint(
            "origin IN ('account', 'desk', 'network', 'term')", name=op.f("ck_personal_requests_origin")
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'refused')", name=op.f("ck_personal_requests_state")),
        sa.CheckConstraint(
            "(act IS NULL) OR (kind = 'erasure' AND state = 'done')", name=op.f("ck_personal_requests_act")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_personal_requests_number")),
    )
    op.create_index("ix_personal_requests_received", "personal_requests", ["received_at"])


def downgrade() -> None:
    op.drop_table("personal_requests")
