"""Webhooks of tenants, and the log of what was told to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("failing_since", INSTANT),
        sa.Column("disabled_at", INSTANT),
        sa.ForeignKeyConstraint(["owner_id"], ["network.tenants.id"], name=op.f("fk_webhooks_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_webhooks")),
        schema="network",
    )
    op.create_table(
        "webhook_calls",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("tried_at", INSTANT),
        sa.Column("next_at", INSTANT),
        sa.CheckConstraint("state IN ('waiting', 'done', 'given_up')", name=op.f("ck_webhook_calls_state")),
        sa.ForeignKeyConstraint(
            ["owner_id", "webhook_id"], ["network.webhooks.owner_id", "network.webhooks.id"],
            name=op.f("fk_webhook_calls_owner_id_webhook_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_webhook_calls")),
        schema="network",
    )
    op.create_index(
        "ix_webhook_calls_webhook", "webhook_calls", ["owner_id", "webhook_id", "created_at"], schema="network"
    )
    op.create_index("ix_webhook_calls_created", "webhook_calls", ["created_at"], schema="network")


def downgrade() -> None:
    op.drop_table("webhook_calls", schema="network")
    op.drop_table("webhooks", schema="network")
