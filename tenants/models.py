"""The registry every tenant may read of every other: public facts only."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id
from app.kernel.outline import Outline, Points

STATES = ("pending", "active", "suspended", "closed", "dropped")
"""`pending` waits for HQ's approval, its owner may work in it already but visitors do not see it. Of a `dropped` one
only this row is left, under his number and without his name, so that the past adds up."""


class Region(db.Model):
    """A federal subject of Russia."""

    __tablename__ = "regions"
    __table_args__ = (NETWORK,)

    code: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    name_ru: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text)


class City(db.Model):
    """A city with its place on the map; `id` is the GeoNames number."""

    __tablename__ = "cities"
    __table_args__ = (sa.Index("ix_cities_population", sa.text("population DESC")), NETWORK)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(sa.Text, unique=True)
    name_ru: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text)
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("network.regions.code"))
    lat: Mapped[float] = mapped_column(sa.Double)
    lon: Mapped[float] = mapped_column(sa.Double)
    population: Mapped[int] = mapped_column(sa.Integer)
    timezone: Mapped[str] = mapped_column(sa.Text)


class Tenant(db.Model):
    """HQ or a dealer. Schema, role and id are one and the same string, `t_000042`.

    `profile` holds public facts: phone, email, address, hours (per weekday), lat, lon, logo.
    """

    __tablename__ = "tenants"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('hq', 'dealer')", name="kind"),
        sa.CheckConstraint("state IN ('pending', 'active', 'suspended', 'closed', 'dropped')", name="state"),
        sa.CheckConstraint("id = 't_' || lpad(number::text, 6, '0')", name="id"),
        NETWORK,
    )

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    number: Mapped[int] = mapped_column(sa.Integer, unique=True)
    slug: Mapped[str] = mapped_column(sa.Text, unique=True)
    kind: Mapped[str] = mapped_column(sa.Text, server_default="dealer")
    parent_id: Mapped[str | None] = mapped_column(sa.ForeignKey("network.tenants.id"))
    state: Mapped[str] = mapped_column(sa.Text, server_default="pending")
    state_reason: Mapped[str | None] = mapped_column(sa.Text, deferred=True, deferred_raiseload=True)
    name: Mapped[str] = mapped_column(sa.Text)
    legal_name: Mapped[str] = mapped_column(sa.Text)
    inn: Mapped[str] = mapped_column(sa.Text)
    city_id: Mapped[int | None] = mapped_column(sa.ForeignKey("network.cities.id"))
    timezone: Mapped[str] = mapped_column(sa.Text, server_default="Europe/Moscow")
    tier: Mapped[str] = mapped_column(sa.Text, server_default="standard")
    profile: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())
    activated_at: Mapped[datetime | None] = mapped_column(sa.TIMESTAMP(timezone=True))


class Host(db.Model):
    """A verified host name and the tenant it means; exact match, lower case, without port."""

    __tablename__ = "hosts"
    __table_args__ = (NETWORK,)

    host: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), index=True)
    is_primary: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())


_IS_WHOLE = (
    "CASE shape WHEN 'region' THEN region_code IS NOT NULL WHEN 'city' THEN city_id IS NOT NULL"
    " WHEN 'circle' THEN lat IS NOT NULL AND lon IS NOT NULL AND radius_km > 0 AND radius_km <= 1000"
    " ELSE npoints(outline) BETWEEN 3 AND 500 END"
)


class Territory(db.Model):
    """An area a dealer serves, `exclusive`, `primary` or `shared`: a region, a city, a circle or an outline.

    With `category_ids` it holds only for goods of these categories and of those below them.

    It never changes, because kept decisions name it: who wants it otherwise ends it and draws another. A circle around
    a city knows the city too.
    """

    __tablename__ = "territories"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('exclusive', 'primary', 'shared')", name="kind"),
        sa.CheckConstraint("shape IN ('region', 'city', 'circle', 'polygon')", name="shape"),
        sa.CheckConstraint(_IS_WHOLE, name="whole"),
        sa.Index(
            "uq_territories_region", "region_code", "owner_id", "category_ids", unique=True,
            postgresql_where=sa.text("shape = 'region' AND ended_at IS NULL"),
        ),
        sa.Index(
            "uq_territories_city", "city_id", "owner_id", "category_ids", unique=True,
            postgresql_where=sa.text("shape = 'city' AND ended_at IS NULL"),
        ),
        sa.Index("ix_territories_circle", "lat", postgresql_where=sa.text("shape = 'circle' AND ended_at IS NULL")),
        sa.Index(
            "ix_territories_outline", "outline", postgresql_using="gist", postgresql_where=sa.text("ended_at IS NULL")
        ),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    shape: Mapped[str] = mapped_column(sa.Text, server_default="region")
    kind: Mapped[str] = mapped_column(sa.Text, server_default="shared")
    region_code: Mapped[str | None] = mapped_column(sa.ForeignKey("network.regions.code"))
    city_id: Mapped[int | None] = mapped_column(sa.ForeignKey("network.cities.id"))
    lat: Mapped[float | None] = mapped_column(sa.Double)
    lon: Mapped[float | None] = mapped_column(sa.Double)
    radius_km: Mapped[int | None] = mapped_column(sa.Integer)
    outline: Mapped[Points | None] = mapped_column(Outline)
    category_ids: Mapped[list[int]] = mapped_column(ARRAY(sa.BigInteger), server_default="{}", default=list)
    name: Mapped[str] = mapped_column(sa.Text, server_default="")
    note: Mapped[str] = mapped_column(sa.Text, server_default="")
    drawn_by: Mapped[str | None] = mapped_column(sa.Text)
    drawn_at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())
    ended_by: Mapped[str | None] = mapped_column(sa.Text)
    ended_at: Mapped[datetime | None] = mapped_column(sa.TIMESTAMP(timezone=True))


class Certificate(db.Model):
    """A certificate that somebody of the dealer's holds, as HQ or its school recorded it.

    It counts from `valid_from` until `valid_until`, or until it was revoked, to the minute.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        sa.CheckConstraint("valid_until > valid_from", name="valid"),
        sa.UniqueConstraint("owner_id", "scheme", "number"),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    scheme: Mapped[str] = mapped_column(sa.Text)
    number: Mapped[str] = mapped_column(sa.Text)
    holder: Mapped[str | None] = mapped_column(sa.Text)
    valid_from: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True))
    valid_until: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(sa.TIMESTAMP(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())


class TenantMigration(db.Model):
    """How far a tenant's schema is: at `revision`, or on the way with its error."""

    __tablename__ = "tenant_migrations"
    __table_args__ = (NETWORK,)

    tenant_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    revision: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, server_default="done")
    error: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())


class Site(db.Model):
    """The one row of a tenant's site settings: theme, palette, texts, and how far the wizard is."""

    __tablename__ = "site"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, server_default="1")
    theme: Mapped[str] = mapped_column(sa.Text, server_default="hearth")
    palette: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    logo: Mapped[str | None] = mapped_column(sa.Text)
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    wizard_step: Mapped[str] = mapped_column(sa.Text, server_default="look")
    default_locale: Mapped[str] = mapped_column(sa.Text, server_default="ru")
    updated_at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())
