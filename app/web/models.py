"""What the web room itself keeps, private to each tenant: mails to send and replies to repeat."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class Mail(db.Model):
    """A mail to send or sent: template and values; worded in `locale` when it leaves."""

    __tablename__ = "mails"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    to_address: Mapped[str] = mapped_column(sa.Text)
    template: Mapped[str] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    sent_at: Mapped[datetime | None] = mapped_column(INSTANT)


class IdempotencyKey(db.Model):
    """The reply to a request a client may repeat: same key and body, same reply, one effect."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.Index(None, "created_at"),)

    actor: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[int | None] = mapped_column(sa.Integer)
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
