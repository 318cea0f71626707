"""What a visitor may see of the catalogue: a product, and lists by category, words and facets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.paging import Page, paginate
from blueprints.catalog.facets import Facet, Filters, conditions, count_facets
from blueprints.catalog.models import Product, Stock
from blueprints.catalog.prices import EffectivePrice, effective, prices_for
from blueprints.catalog.tree import Node, category_tree, definitions, listed
from blueprints.catalog.words import Hits, find_ids

SORTS = ("popular", "cheap", "dear", "name")
PER_PAGE = 24
_LEAN = (defer(Product.search), defer(Product.search_text))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks of a list; `filters` are by attribute, price and stock."""

    category: Node | None = None
    words: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of products with their prices, and the facets that matter for the whole result."""

    page: Page[Product]
    prices: Mapping[int, EffectivePrice]
    facets: list[Facet]
    is_guess: bool = False


def find_product(slug: str) -> Product | None:
    """A product this site shows, by the slug of its page."""
    return db.session.scalar(sa.select(Product).options(*_LEAN).where(Product.slug == slug, *listed()))


def count_stocked() -> int:
    """Of how many products the speaking tenant has told his stock."""
    mine = sa.select(sa.func.count()).select_from(Stock).where(Stock.owner_id == current_tenant())
    return db.session.scalar(mine) or 0


def find_products(product_ids: Collection[int]) -> dict[int, Product]:
    """Products this site shows, by id."""
    if not product_ids:
        return {}
    rows = db.session.scalars(sa.select(Product).options(*_LEAN).where(Product.id.in_(product_ids), *listed()))
    return {product.id: product for product in rows}


def popular(limit: int) -> list[Product]:
    """What sells best here, the best of each category before the second best of any."""
    place = sa.func.row_number().over(
        partition_by=Product.category_id, order_by=(Product.popularity.desc(), Product.id)
    ).label("place")
    ranked = sa.select(Product.id, place).where(*listed()).subquery()
    return list(db.session.scalars(
        sa.select(Product).options(*_LEAN).join(ranked, ranked.c.id == Product.id)
        .order_by(ranked.c.place, Product.popularity.desc(), Product.id).limit(limit)
    ))


def similar(product: Product, limit: int) -> list[Product]:
    """Others of its category, those bought about as often first."""
    query = sa.select(Product).options(*_LEAN).where(
        *listed(), Product.category_id == product.category_id, Product.id != product.id
    )
    nearest = sa.func.abs(Product.popularity - product.popularity)
    return list(db.session.scalars(query.order_by(nearest, Product.id).limit(limit)))


def search(wish: Wish, *, city_id: int | None, at: datetime, per_page: int = PER_PAGE) -> Listing:
    """The page a visitor asks for: at most six queries, however many products there are."""
    hits = find_ids(wish.words) if wish.words.strip() else None
    base = _base(wish, hits, city_id, at)
    page = paginate(_sorted(base, wish, hits), page=wish.page, per_page=per_page)
    facets = count_facets(base, wish.filters, definitions())
    prices = prices_for([product.id for product in page.items], at)
    return Listing(page, prices, facets, bool(hits and hits.is_guess))


def _base(wish: Wish, hits: Hits | None, city_id: int | None, at: datetime) -> sa.CTE:
    """Everything in the category and for the words, before any filter, with what filters look at."""
    price = effective(at)
    query = (
        sa.select(
            Product.id, Product.attributes, price.c.minor.label("minor"), _available(wish, city_id).label("available")
        )
        .outerjoin(price, price.c.product_id == Product.id).where(*listed())
    )
    if wish.category is not None:
        query = query.where(Product.category_id.in_(wish.category.all_ids))
    if hits is not None:
        query = query.where(Product.id.in_(hits.ids))
    return query.cte("base")


def _available(wish: Wish, city_id: int | None) -> sa.ColumnElement[bool]:
    """Whether it can be had soon: from a dealer's own stock, at the brand's site in the visitor's region."""
    if not wish.filters.in_stock:
        return sa.true()
    if current_tenant() != HQ:
        return Product.id.in_(
            sa.select(Stock.product_id).where(Stock.owner_id == current_tenant(), Stock.on_hand > Stock.reserved)
        )
    return Product.id.in_(sa.select(sa.func.network.stocked_near(city_id)))


def _sorted(base: sa.CTE, wish: Wish, hits: Hits | None) -> sa.Select[tuple[Product]]:
    query = (
        sa.select(Product).options(*_LEAN).join(base, base.c.id == Product.id)
        .where(*conditions(base, wish.filters, definitions()))
    )
    orders = {
        "cheap": [base.c.minor.asc().nulls_last()],
        "dear": [base.c.minor.desc().nulls_last()],
        "name": [Product.name_ru],
        "popular": [Product.popularity.desc()],
    }
    best = [sa.func.array_position(sa.literal(hits.ids, sa.ARRAY(sa.BigInteger)), Product.id)] if hits else []
    return query.order_by(*orders.get(wish.sort, best or orders["popular"]), Product.id)


__all__ = [
    "Facet", "Filters", "Listing", "Wish", "category_tree", "definitions", "find_product", "find_products", "popular",
    "search", "similar",
]
