"""What a product costs at the site that speaks: HQ's retail price in force, or the dealer's own word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from app.kernel.db import db
from app.kernel.money import Money
from blueprints.catalog.models import Offer, Price, Product, VatRate
from blueprints.catalog.shelf import RETAIL

TAX_ZONE = ZoneInfo("Europe/Moscow")
"""A rate of VAT is in force from midnight in Moscow."""


@dataclass(frozen=True, slots=True)
class EffectivePrice:
    """A price with VAT included; `source` says whose it is, `hq` or `own`; `compare_at` is what it was before."""

    money: Money
    compare_at: Money | None
    vat_rate: Decimal
    source: str


def prices_for(product_ids: Collection[int], at: datetime) -> dict[int, EffectivePrice]:
    """The price of each product at this site, in one query; a product nobody has priced is left out."""
    if not product_ids:
        return {}
    rows = db.session.execute(_PRICED, asked_for(product_ids, at))
    return {row.product_id: price_of(row) for row in rows}


def asked_for(product_ids: Collection[int], at: datetime) -> dict[str, Any]:
    """What a statement made of `PRICES` and `RATES` has to be told."""
    return {"products": list(product_ids), "at": at, "day": vat_day(at)}


def price_of(row: sa.Row) -> EffectivePrice:
    """The price in a row of `PRICES` and `RATES`."""
    was = row.compare_at_minor
    return EffectivePrice(
        Money(row.minor, row.currency),
        Money(was, row.currency) if was is not None and was > row.minor else None,
        row.rate, row.source,
    )


def vat_day(at: datetime) -> date:
    """The day whose rate of VAT is in force at an instant."""
    return at.astimezone(TAX_ZONE).date()


def _prices() -> sa.Subquery:
    hq = (
        sa.select(Price.product_id, Price.minor, Price.compare_at_minor, Price.currency)
        .where(
            Price.price_type == RETAIL, Price.valid_from <= sa.bindparam("at", type_=sa.TIMESTAMP(timezone=True)),
            Price.product_id == sa.any_(PRODUCTS),
        )
        .ext(distinct_on(Price.product_id)).order_by(Price.product_id, Price.valid_from.desc())
        .subquery("hq_prices")
    )
    own = (
        sa.select(Offer).where(Offer.minor.is_not(None), Offer.product_id == sa.any_(PRODUCTS))
        .subquery("own_prices")
    )
    is_own = own.c.product_id.is_not(None)
    return (
        sa.select(
            sa.func.coalesce(own.c.product_id, hq.c.product_id).label("product_id"),
            sa.func.coalesce(own.c.minor, hq.c.minor).label("minor"),
            sa.case((is_own, own.c.compare_at_minor), else_=hq.c.compare_at_minor).label("compare_at_minor"),
            sa.func.coalesce(own.c.currency, hq.c.currency).label("currency"),
            sa.case((is_own, "own"), else_="hq").label("source"),
        )
        .select_from(hq.join(own, own.c.product_id == hq.c.product_id, full=True))
        .subquery("effective_prices")
    )


def _rates() -> sa.Subquery:
    return (
        sa.select(VatRate.code, VatRate.rate).where(VatRate.valid_from <= sa.bindparam("day", type_=sa.Date))
        .ext(distinct_on(VatRate.code)).order_by(VatRate.code, VatRate.valid_from.desc()).subquery("rates")
    )


PRODUCTS = sa.bindparam("products", type_=sa.ARRAY(sa.BigInteger))
PRICES, RATES = _prices(), _rates()
"""Prices in force of the products asked for, and rates of VAT; made once, for each page asks them."""
_PRICED = (
    sa.select(PRICES, RATES.c.rate)
    .join(Product, Product.id == PRICES.c.product_id).join(RATES, RATES.c.code == Product.vat_code)
)
