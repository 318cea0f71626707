"""Carts. Private to the tenant."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class Cart(db.Model):
    """A guest's or customer's cart, found by the hash of its cookie; `ordered_at` closes it."""

    __tablename__ = "carts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    secret_hash: Mapped[str] = mapped_column(sa.Text, unique=True)
    customer_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("customers.id", ondelete="SET NULL"), index=True
    )
    city_id: Mapped[int | None] = mapped_column(sa.Integer)
    source: Mapped[str | None] = mapped_column(sa.Text)
    campaign: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    ordered_at: Mapped[datetime | None] = mapped_column(INSTANT)

    lines: Mapped[list[CartLine]] = relationship(order_by="CartLine.added_at", cascade="all, delete-orphan")


class CartLine(db.Model):
    """So many of one product."""

    __tablename__ = "cart_lines"
    __table_args__ = (sa.CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity"),)

    cart_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    quantity: Mapped[int] = mapped_column(sa.Integer)
    added_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
