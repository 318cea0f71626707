"""Where a tenant wants to be told of what, and the log of telling.

Both stand in `network`, beside the outbox and the deliveries they live on: the relay has to know who listens before
anybody speaks as a tenant. A secret is sealed with the tenant's own key.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class Webhook(db.Model):
    """An address of a tenant and what it is told of; `failing_since` its last success, None while it works."""

    __tablename__ = "webhooks"
    __table_args__ = (NETWORK,)

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str] = mapped_column(sa.Text)
    events: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    sealed_secret: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    failing_since: Mapped[datetime | None] = mapped_column(INSTANT)
    disabled_at: Mapped[datetime | None] = mapped_column(INSTANT)


class WebhookCall(db.Model):
    """One thing told to one address: what, how often it was tried, what the other side answered."""

    __tablename__ = "webhook_calls"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'done', 'given_up')", name="state"),
        sa.ForeignKeyConstraint(
            ["owner_id", "webhook_id"], ["network.webhooks.owner_id", "network.webhooks.id"], ondelete="CASCADE"
        ),
        sa.Index("ix_webhook_calls_webhook", "owner_id", "webhook_id", "created_at"),
        sa.Index("ix_webhook_calls_created", "created_at"),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[uuid.UUID]
    event: Mapped[str] = mapped_column(sa.Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(sa.Text, server_default="waiting")
    attempts: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    status: Mapped[int | None] = mapped_column(sa.Integer)
    error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    tried_at: Mapped[datetime | None] = mapped_column(INSTANT)
    next_at: Mapped[datetime | None] = mapped_column(INSTANT)
