"""Requests about personal data, and the proof of what was destroyed. Private to the tenant."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class PersonalRequest(db.Model):
    """A person's wish to see (`export`) or to have destroyed (`erasure`) what is kept of him, until it is answered.

    `origin`: the person's own `account`, the `desk`, the operator of a lead this tenant served (`network`), or a
    `term` that ended (then nobody asked). Erasure empties name and contacts; what still tells whose row it is are
    numbers of orders in `act`, and `fingerprints` of the erased contacts, which only somebody who knows them can
    compare. `act` is what the act of destruction and the extract from the journal are printed from.
    """

    __tablename__ = "personal_requests"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('export', 'erasure')", name="kind"),
        sa.CheckConstraint("whose IN ('customer', 'staff', 'dealer')", name="whose"),
        sa.CheckConstraint("origin IN ('account', 'desk', 'network', 'term')", name="origin"),
        sa.CheckConstraint("state IN ('open', 'done', 'refused')", name="state"),
        sa.CheckConstraint("(act IS NULL) OR (kind = 'erasure' AND state = 'done')", name="act"),
        sa.Index("ix_personal_requests_received", "received_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(sa.Integer, unique=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    whose: Mapped[str] = mapped_column(sa.Text)
    origin: Mapped[str] = mapped_column(sa.Text)
    identification: Mapped[str | None] = mapped_column(sa.Text)
    name: Mapped[str | None] = mapped_column(sa.Text)
    email: Mapped[str | None] = mapped_column(sa.Text)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    received_at: Mapped[datetime] = mapped_column(INSTANT)
    due_on: Mapped[date | None] = mapped_column(sa.Date)
    state: Mapped[str] = mapped_column(sa.Text, server_default="open")
    handled_by: Mapped[str | None] = mapped_column(sa.Text)
    handled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    fingerprints: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    act: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
