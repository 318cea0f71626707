"""Applications of would-be dealers, from the form to the living site."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class DealerApplication(db.Model):
    """Who wants to become a dealer: `new` until the mail is confirmed, `confirmed` until provisioned, then `live`.

    Where HQ approves first, `confirmed` leads to a tenant in state `pending`; `refused` carries the reason.
    An invitation by HQ is an application in state `invited` that the dealer completes.
    """

    __tablename__ = "dealer_applications"
    __table_args__ = (
        sa.CheckConstraint("state IN ('invited', 'new', 'confirmed', 'live', 'refused')", name="state"),
        sa.Index(
            "uq_dealer_applications_slug", "slug", unique=True,
            postgresql_where=sa.text("state IN ('confirmed', 'live')"),
        ),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(sa.Text, server_default="new")
    company: Mapped[str] = mapped_column(sa.Text)
    inn: Mapped[str | None] = mapped_column(sa.Text)
    city_id: Mapped[int | None] = mapped_column(sa.ForeignKey("network.cities.id"))
    region_code: Mapped[str | None] = mapped_column(sa.ForeignKey("network.regions.code"))
    contact_name: Mapped[str | None] = mapped_column(sa.Text)
    email: Mapped[str] = mapped_column(sa.Text)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    slug: Mapped[str | None] = mapped_column(sa.Text)
    password_hash: Mapped[str | None] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.Text, server_default="ru")
    consent_at: Mapped[datetime | None] = mapped_column(INSTANT)
    refusal_reason: Mapped[str | None] = mapped_column(sa.Text)
    tenant_id: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    confirmed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    live_at: Mapped[datetime | None] = mapped_column(INSTANT)
