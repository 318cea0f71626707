"""Rehearsals of routing on the past, and what dealers reported to have on hand, by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rehearsals",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer()),
        sa.Column("definition", JSONB(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("seed", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("losses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("began_at", INSTANT),
        sa.Column("beat_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("problem", sa.Text()),
        sa.Column("summary", JSONB()),
        sa.Column("decision", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", INSTANT),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_rehearsals_state")
        ),
        sa.CheckConstraint("decision IN ('activated', 'discarded')", name=op.f("ck_rehearsals_decision")),
        sa.ForeignKeyConstraint(["owner_id"], ["network.tenants.id"], name=op.f("fk_rehearsals_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_rehearsals")),
        schema="network",
    )
    op.create_index("ix_rehearsals_version", "rehearsals", ["owner_id", "version", "asked_at"], schema="network")
    op.create_index(
        "ix_rehearsals_waiting", "rehearsals", ["asked_at"], schema="network",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "stock_history",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("levels", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["network.tenants.id"], name=op.f("fk_stock_history_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "day", name=op.f("pk_stock_history")),
        schema="network",
    )


def downgrade() -> None:
    op.drop_table("stock_history", schema="network")
    op.drop_table("rehearsals", schema="network")
