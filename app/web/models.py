"""What the web room itself keeps, private to each tenant: mails to send, replies to repeat, the journal."""

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


class AuditEntry(db.Model):
    """One line of the journal of what staff did that matters; nobody who speaks as a tenant can change it.

    `hash` covers the line and the `hash` of the line before, so a change anywhere breaks the chain.
    """

    __tablename__ = "audit_log"

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(INSTANT, index=True)
    actor: Mapped[str] = mapped_column(sa.Text)
    action: Mapped[str] = mapped_column(sa.Text)
    subject: Mapped[str | None] = mapped_column(sa.Text)
    address: Mapped[str | None] = mapped_column(sa.Text)
    request_id: Mapped[str | None] = mapped_column(sa.Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    prev_hash: Mapped[str] = mapped_column(sa.Text)
    hash: Mapped[str] = mapped_column(sa.Text)
