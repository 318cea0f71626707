"""What the desks show of the catalogue: HQ all products with the network's stock, a dealer his own numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.paging import Page, paginate
from app.kernel.words import _
from blueprints.catalog.models import Offer, Price, Product, Stock
from blueprints.catalog.prices import RETAIL, EffectivePrice, prices_for

STATES = ("published", "draft", "hidden")
PER_PAGE = 25


class NoSuchProduct(NotFound):
    """The catalogue has no such product."""


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A product with what the network has of it and its price in force."""

    product: Product
    available: int
    price: EffectivePrice | None


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A product with the dealer's own word on it; `None` where he has not said anything."""

    id: int
    sku: str
    name_ru: str
    name_en: str | None
    unit: str
    on_hand: int | None
    reserved: int
    reported_at: datetime | None
    minor: int | None
    is_listed: bool
    hq_minor: int | None = None


def list_products(*, words: str = "", state: str = "", page: int = 1, at: datetime) -> Page[OnShelf]:
    """HQ's products in four statements, whatever their number."""
    query = _found(sa.select(Product).options(defer(Product.search), defer(Product.search_text)), words)
    query = query.where(Product.owner_id == HQ).order_by(Product.name_ru, Product.id)
    if state:
        query = query.where(Product.state == state)
    found = paginate(query, page=page, per_page=PER_PAGE)
    ids = [product.id for product in found.items]
    levels, prices = _levels(ids), prices_for(ids, at)
    shown = [OnShelf(product, levels.get(product.id, 0), prices.get(product.id)) for product in found.items]
    return Page(shown, found.number, found.per_page, found.total)


def count_states() -> dict[str, int]:
    """How many products are published and how many hidden."""
    rows = db.session.execute(
        sa.select(Product.state, sa.func.count().label("number")).where(Product.owner_id == HQ).group_by(Product.state)
    )
    return {row.state: row.number for row in rows}


def get_product(product_id: int) -> Product:
    """The product, or `NoSuchProduct`."""
    product = db.session.get(Product, product_id)
    if product is None:
        raise NoSuchProduct(_("There is no such product."))
    return product


def list_own(
    *, words: str = "", only: str = "", page: int = 1, at: datetime, product_ids: Collection[int] | None = None
) -> Page[OwnLine]:
    """Published products with the tenant's own stock and prices; `only` is `stocked`, `unlisted` or nothing."""
    query = _found(_own(), words).order_by(Product.name_ru, Product.id)
    if only == "stocked":
        query = query.where(Stock.on_hand > 0)
    elif only == "unlisted":
        query = query.where(Offer.is_listed.is_(False))
    if product_ids is not None:
        query = query.where(Product.id.in_(product_ids))
    found = paginate(query, page=page, per_page=PER_PAGE, scalars=False)
    prices = _hq_prices([row.id for row in found.items], at)
    lines = [OwnLine(**row._mapping, hq_minor=prices.get(row.id)) for row in found.items]
    return Page(lines, found.number, found.per_page, found.total)


def every_own() -> Iterator[OwnLine]:
    """All published products with the tenant's own stock and prices, for a table to fill in."""
    for row in db.session.execute(_own().order_by(Product.name_ru, Product.id)):
        yield OwnLine(**row._mapping)


def last_report() -> datetime | None:
    """When the tenant last reported any stock."""
    return db.session.scalar(sa.select(sa.func.max(Stock.reported_at)).where(Stock.owner_id == current_tenant()))


def _own() -> sa.Select[tuple[int]]:
    mine = sa.and_(Stock.product_id == Product.id, Stock.owner_id == current_tenant())
    return (
        sa.select(
            Product.id, Product.sku, Product.name_ru, Product.name_en, Product.unit, Stock.on_hand,
            sa.func.coalesce(Stock.reserved, 0).label("reserved"), Stock.reported_at, Offer.minor,
            sa.func.coalesce(Offer.is_listed, sa.true()).label("is_listed"),
        )
        .outerjoin(Stock, mine).outerjoin(Offer, Offer.product_id == Product.id)
        .where(Product.owner_id == HQ, Product.state == "published")
    )


def _found(query: sa.Select[tuple[int]], words: str) -> sa.Select[tuple[int]]:
    for word in words.lower().replace("ё", "е").split()[:6]:
        query = query.where(Product.search_text.contains(word, autoescape=True))
    return query


def _hq_prices(product_ids: Collection[int], at: datetime) -> dict[int, int]:
    """HQ's prices in force, which hold where the tenant names none of his own."""
    rows = db.session.execute(
        sa.select(Price.product_id, Price.minor)
        .where(Price.product_id.in_(product_ids), Price.price_type == RETAIL, Price.valid_from <= at)
        .order_by(Price.product_id, Price.valid_from)
    )
    return {row.product_id: row.minor for row in rows}


def _levels(product_ids: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Stock.product_id, sa.func.sum(Stock.on_hand - Stock.reserved))
        .where(Stock.product_id.in_(product_ids)).group_by(Stock.product_id)
    )
    return {product_id: int(available) for product_id, available in rows}
