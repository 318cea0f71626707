"""Catalogue, prices with dated VAT, stock by owner, reservations, offers, import reports.

Catalogue tables are HQ's and small enough to be reference tables of a distributed PostgreSQL,
so their keys need no owner in front.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)

SEARCH_TEXT = "translate(lower(coalesce(name_ru, '') || ' ' || coalesce(name_en, '') || ' ' || sku), 'ё', 'е')"
SEARCH_VECTOR = (
    "setweight(to_tsvector('russian'::regconfig, translate(lower(name_ru || ' ' || sku), 'ё', 'е')), 'A') || "
    "setweight(to_tsvector('english'::regconfig, coalesce(name_en, '')), 'A') || "
    "setweight(to_tsvector('russian'::regconfig, translate(lower(coalesce(description_ru, '')), 'ё', 'е')), 'C')"
)


class VatRate(db.Model):
    """A rate of VAT in percent from a day on."""

    __tablename__ = "vat_rates"
    __table_args__ = (NETWORK,)

    code: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    rate: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2))


class Category(db.Model):
    """A node of the category tree; `path` is the chain of ids from the root, e.g. `1.7.`."""

    __tablename__ = "categories"
    __table_args__ = (sa.UniqueConstraint("owner_id", "external_id"), NETWORK)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("network.categories.id"), index=True)
    external_id: Mapped[str] = mapped_column(sa.Text)
    slug: Mapped[str] = mapped_column(sa.Text, unique=True)
    name_ru: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    path: Mapped[str] = mapped_column(sa.Text, index=True)
    position: Mapped[int] = mapped_column(sa.Integer, server_default="0")


class Attribute(db.Model):
    """What products are compared by: `number` (with a unit), `choice`, `bool` or `text`.

    `choices` maps a choice's code to its names, `{"gas": {"ru": "газ", "en": "gas"}}`; `external_id` is its
    id in the system it is imported from.
    """

    __tablename__ = "attributes"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('number', 'choice', 'bool', 'text')", name="kind"),
        sa.UniqueConstraint("owner_id", "code"),
        sa.UniqueConstraint("owner_id", "external_id"),
        NETWORK,
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"))
    code: Mapped[str] = mapped_column(sa.Text)
    external_id: Mapped[str | None] = mapped_column(sa.Text)
    name_ru: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    unit_ru: Mapped[str | None] = mapped_column(sa.Text)
    unit_en: Mapped[str | None] = mapped_column(sa.Text)
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    is_facet: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())
    position: Mapped[int] = mapped_column(sa.Integer, server_default="0")


class Product(db.Model):
    """A product of the master catalogue; `attributes` maps attribute codes to values, `images` are media names.

    A new one of an import is a `draft`, unseen on any site, until a price for it has come.
    """

    __tablename__ = "products"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'published', 'hidden')", name="state"),
        sa.UniqueConstraint("owner_id", "external_id"),
        sa.UniqueConstraint("owner_id", "sku"),
        sa.Index("ix_products_search", "search", postgresql_using="gin"),
        sa.Index(
            "ix_products_trigram", "search_text", postgresql_using="gin", postgresql_ops={"search_text": "gin_trgm_ops"}
        ),
        sa.Index(
            "ix_products_attributes", "attributes", postgresql_using="gin",
            postgresql_ops={"attributes": "jsonb_path_ops"},
        ),
        NETWORK,
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"))
    external_id: Mapped[str] = mapped_column(sa.Text)
    sku: Mapped[str] = mapped_column(sa.Text)
    slug: Mapped[str] = mapped_column(sa.Text, unique=True)
    barcode: Mapped[str | None] = mapped_column(sa.Text)
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("network.categories.id"), index=True)
    name_ru: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    description_ru: Mapped[str | None] = mapped_column(sa.Text)
    description_en: Mapped[str | None] = mapped_column(sa.Text)
    unit: Mapped[str] = mapped_column(sa.Text, server_default="шт")
    vat_code: Mapped[str] = mapped_column(sa.Text, server_default="standard")
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    images: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    state: Mapped[str] = mapped_column(sa.Text, server_default="published")
    content_hash: Mapped[str] = mapped_column(sa.Text, server_default="")
    popularity: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    search: Mapped[Any] = mapped_column(TSVECTOR, sa.Computed(SEARCH_VECTOR, persisted=True))
    search_text: Mapped[str] = mapped_column(sa.Text, sa.Computed(SEARCH_TEXT, persisted=True))
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class Price(db.Model):
    """HQ's price of a product (`retail` is the recommended one, РРЦ) from an instant on, VAT included."""

    __tablename__ = "prices"
    __table_args__ = (sa.CheckConstraint("minor >= 0", name="minor"), NETWORK)

    product_id: Mapped[int] = mapped_column(sa.ForeignKey("network.products.id"), primary_key=True)
    price_type: Mapped[str] = mapped_column(sa.Text, primary_key=True, server_default="retail")
    valid_from: Mapped[datetime] = mapped_column(INSTANT, primary_key=True, server_default=sa.func.now())
    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"))
    minor: Mapped[int] = mapped_column(sa.BigInteger)
    compare_at_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.Text, server_default="RUB")


class Stock(db.Model):
    """What a legal entity has of a product; available is `on_hand - reserved`."""

    __tablename__ = "stock"
    __table_args__ = (
        sa.CheckConstraint("on_hand >= 0 AND reserved >= 0 AND reserved <= on_hand", name="reserved_on_hand"),
        sa.Index("ix_stock_product", "product_id", "owner_id"),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("network.products.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    reserved: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    lead_time_days: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    reported_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class StockHistory(db.Model):
    """What an owner reported on one day (UTC), kept for rehearsals: `levels` that are new or changed, by product.

    The oldest day of an owner holds all his levels; `reported_at` is his last report of that day, whatever it named.
    """

    __tablename__ = "stock_history"
    __table_args__ = (NETWORK,)

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    reported_at: Mapped[datetime] = mapped_column(INSTANT)
    levels: Mapped[dict[str, int]] = mapped_column(JSONB)


class Reservation(db.Model):
    """Stock kept for a lead: `held` until it is `shipped` or `released`."""

    __tablename__ = "reservations"
    __table_args__ = (
        sa.CheckConstraint("state IN ('held', 'released', 'shipped')", name="state"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.ForeignKeyConstraint(["owner_id", "product_id"], ["network.stock.owner_id", "network.stock.product_id"]),
        sa.Index(
            "uq_reservations_held", "owner_id", "lead_id", "product_id",
            unique=True, postgresql_where=sa.text("state = 'held'"),
        ),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[int] = mapped_column(sa.BigInteger)
    lead_id: Mapped[uuid.UUID]
    quantity: Mapped[int] = mapped_column(sa.Integer)
    state: Mapped[str] = mapped_column(sa.Text, server_default="held")
    expires_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class Offer(db.Model):
    """A dealer's own word on a product of the master catalogue: his price, whether he lists it.

    `external_id` is the id of the product in his own accounting program.
    """

    __tablename__ = "offers"
    __table_args__ = (sa.CheckConstraint("minor >= 0", name="minor"),)

    product_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    compare_at_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.Text, server_default="RUB")
    is_listed: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())
    external_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class DealerPrice(db.Model):
    """What a dealer's site asks for a product where it is a price of his own: what routing may know of his offers.

    His own job writes it after his offers changed; of what he sells at HQ's price there is no row.
    """

    __tablename__ = "dealer_prices"
    __table_args__ = (
        sa.CheckConstraint("minor >= 0", name="minor"),
        sa.Index("ix_dealer_prices_product", "product_id", "owner_id"),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("network.products.id"), primary_key=True)
    minor: Mapped[int] = mapped_column(sa.BigInteger)
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class ImportRun(db.Model):
    """One import: its file, how far it is, what it changed."""

    __tablename__ = "import_runs"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('uploaded', 'mapping', 'queued', 'running', 'done', 'failed')", name="state"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str] = mapped_column(sa.Text, server_default="catalogue")
    filename: Mapped[str] = mapped_column(sa.Text)
    format: Mapped[str | None] = mapped_column(sa.Text)
    stored_as: Mapped[str | None] = mapped_column(sa.Text)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    state: Mapped[str] = mapped_column(sa.Text, server_default="uploaded")
    total: Mapped[int | None] = mapped_column(sa.Integer)
    done: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    error: Mapped[str | None] = mapped_column(sa.Text)
    started_by: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    finished_at: Mapped[datetime | None] = mapped_column(INSTANT)


class ImportLine(db.Model):
    """One line of an import's report: where, which field, what to mend (code and values, worded when shown)."""

    __tablename__ = "import_lines"

    run_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("import_runs.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    place: Mapped[str] = mapped_column(sa.Text)
    field: Mapped[str | None] = mapped_column(sa.Text)
    code: Mapped[str] = mapped_column(sa.Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    level: Mapped[str] = mapped_column(sa.Text, server_default="error")
