"""Products as a cart takes them: what this site sells now, named and priced, in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.catalog.models import Product
from blueprints.catalog.prices import PRICES, PRODUCTS, RATES, EffectivePrice, asked_for, price_of
from blueprints.catalog.tree import listed


@dataclass(frozen=True, slots=True)
class Goods:
    """A product this site shows; `price` is None while nobody has priced it."""

    id: int
    sku: str
    slug: str
    name_ru: str
    name_en: str | None
    images: list[str]
    price: EffectivePrice | None


_NAMED = (Product.id, Product.sku, Product.slug, Product.name_ru, Product.name_en, Product.images)
_SOLD = (
    sa.select(*_NAMED, PRICES, RATES.c.rate)
    .outerjoin(PRICES, PRICES.c.product_id == Product.id).outerjoin(RATES, RATES.c.code == Product.vat_code)
    .where(Product.id == sa.any_(PRODUCTS), *listed())
)
_LISTED = sa.select(sa.exists().where(Product.id == sa.bindparam("product_id"), *listed()))


def goods_for(product_ids: Collection[int], at: datetime) -> dict[int, Goods]:
    """Those of the products that this site shows, by id."""
    rows = db.session.execute(_SOLD, asked_for(product_ids, at))
    return {row.id: Goods(*row[:len(_NAMED)], price=_price(row)) for row in rows}


def is_listed(product_id: int) -> bool:
    """Whether this site shows the product."""
    return bool(db.session.execute(_LISTED, {"product_id": product_id}).scalar())


def _price(row: sa.Row) -> EffectivePrice | None:
    return None if row.minor is None or row.rate is None else price_of(row)
