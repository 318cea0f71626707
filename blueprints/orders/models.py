"""Orders, their lines and payments. Private to the tenant on whose site the order was placed."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class Order(db.Model):
    """A placed order. `cart_id` is unique: one cart never becomes two orders, whatever is retried.

    `contact` is `{name, email, phone, address, comment}`. Amounts are minor units, VAT included.
    `pickup` is the point where the customer fetches the goods (`tenants.points`), where he chose one.
    `cancel_reason` is `expired`, `customer`, `staff` or `lost`. `exchanged_at` is when the tenant's
    accounting program confirmed the order as it then was.
    """

    __tablename__ = "orders"
    __table_args__ = (
        sa.CheckConstraint("state IN ('awaiting_payment', 'placed', 'cancelled')", name="state"),
        sa.CheckConstraint("payment_method IN ('card', 'on_delivery', 'invoice')", name="payment_method"),
        sa.CheckConstraint("delivery_method IN ('courier', 'pickup', 'carrier')", name="delivery_method"),
        sa.Index("ix_orders_placed", "placed_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(sa.Text, unique=True)
    cart_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    customer_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    lead_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(sa.Text)
    contact: Mapped[dict[str, Any]] = mapped_column(JSONB)
    city_id: Mapped[int] = mapped_column(sa.Integer)
    delivery_method: Mapped[str] = mapped_column(sa.Text)
    pickup: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    payment_method: Mapped[str] = mapped_column(sa.Text)
    goods_minor: Mapped[int] = mapped_column(sa.BigInteger)
    delivery_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    total_minor: Mapped[int] = mapped_column(sa.BigInteger)
    vat_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.Text, server_default="RUB")
    source: Mapped[str] = mapped_column(sa.Text, server_default="site")
    campaign: Mapped[str | None] = mapped_column(sa.Text)
    promise: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    locale: Mapped[str] = mapped_column(sa.Text, server_default="ru")
    placed_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    cancelled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    cancel_reason: Mapped[str | None] = mapped_column(sa.Text)
    exchanged_at: Mapped[datetime | None] = mapped_column(INSTANT)

    lines: Mapped[list[OrderLine]] = relationship(order_by="OrderLine.position", lazy="selectin")


class OrderLine(db.Model):
    """One product of an order as it was sold; names and price are copies that never change."""

    __tablename__ = "order_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.BigInteger)
    sku: Mapped[str] = mapped_column(sa.Text)
    name_ru: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    quantity: Mapped[int] = mapped_column(sa.Integer)
    unit_minor: Mapped[int] = mapped_column(sa.BigInteger)
    total_minor: Mapped[int] = mapped_column(sa.BigInteger)
    vat_rate: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2))
    vat_minor: Mapped[int] = mapped_column(sa.BigInteger)


class Payment(db.Model):
    """One try to charge an order at a provider; `settle()` under this row's lock decides it.

    `mismatched` is money that came, but not as we asked for it; staff give it back (`refund_asked_by` is
    `staff:<id>`). An order has one open try at a time. `returns` is what of it goes back for parts of the order that
    were lost, by the part's lead: `{minor, asked_at, done_at}`; what goes back with the whole order is the rest.
    """

    __tablename__ = "payments"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('created', 'processing', 'paid', 'failed', 'cancelled', 'refunded', 'mismatched')", name="state"
        ),
        sa.UniqueConstraint("provider", "reference"),
        sa.Index(
            "uq_payments_open", "order_id", unique=True,
            postgresql_where=sa.text("state IN ('created', 'processing')"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    provider: Mapped[str] = mapped_column(sa.Text)
    reference: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, server_default="created")
    minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.Text, server_default="RUB")
    error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    settled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    refund_asked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    refund_asked_by: Mapped[str | None] = mapped_column(sa.Text)
    returns: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
