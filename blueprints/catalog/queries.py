"""What a visitor may see of the catalogue: a product, and lists by category, words and facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import defer

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.paging import Page
from blueprints.catalog.assortment import Assortment, assortment
from blueprints.catalog.facets import Facet, Filters, count_facets, left, narrowed
from blueprints.catalog.models import Product, Stock
from blueprints.catalog.prices import EffectivePrice
from blueprints.catalog.shelf import ProductFacts, Shelf, places_of
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
    """Products with their prices, and the facets that matter for the whole result; `version` is the shelf's."""

    page: Page[ProductFacts]
    prices: Mapping[int, EffectivePrice]
    version: str
    facets: Sequence[Facet] = ()
    is_guess: bool = False


def find_product(slug: str) -> Product | None:
    """A product this site shows, by the slug of its page."""
    return db.session.scalar(sa.select(Product).options(*_LEAN).where(Product.slug == slug, *listed()))


def count_stocked() -> int:
    """Of how many products the speaking tenant has told his stock."""
    mine = sa.select(sa.func.count()).select_from(Stock).where(Stock.owner_id == current_tenant())
    return db.session.scalar(mine) or 0


def popular(limit: int, at: datetime) -> Listing:
    """What sells best here, the best of each category before the second best of any."""
    site, ahead, ranked = assortment(at), Counter[int | None](), []
    for place in places_of(site.everything):
        category_id = site.shelf.products[place].category_id
        ranked.append((ahead[category_id], place))
        ahead[category_id] += 1
    return _listing(site, [place for _ahead, place in nsmallest(limit, ranked)])


def similar(product: Product, limit: int, at: datetime) -> Listing:
    """Others of its category, those bought about as often first."""
    site = assortment(at)
    others = site.everything & site.shelf.inside([product.category_id]) & ~site.shelf.of([product.id])
    products = site.shelf.products

    def distance(place: int) -> tuple[int, int]:
        return abs(products[place].popularity - product.popularity), products[place].id

    return _listing(site, nsmallest(limit, places_of(others), key=distance))


def search(wish: Wish, *, city_id: int | None, at: datetime, per_page: int = PER_PAGE) -> Listing:
    """The page a visitor asks for, found on the shelf: a query for the site's own word, others for words and stock."""
    hits = find_ids(wish.words) if wish.words.strip() else None
    site, known = assortment(at), definitions()
    among, by_filter = _among(site, wish, hits), narrowed(site, wish.filters, known)
    if wish.filters.in_stock:
        among &= _available(site.shelf, city_id)
    found = left(among, by_filter)
    first = (wish.page - 1) * per_page
    places = list(islice(_sorted(site, found, wish.sort, hits), first, first + per_page))
    page = Page([site.shelf.products[place] for place in places], wish.page, per_page, found.bit_count())
    facets = count_facets(site, among, by_filter, wish.filters, known)
    return Listing(page, site.prices(page.items), site.shelf.version, facets, bool(hits and hits.is_guess))


def _listing(site: Assortment, places: Sequence[int]) -> Listing:
    """A list of its own, without facets."""
    page = Page([site.shelf.products[place] for place in places], 1, max(1, len(places)), len(places))
    return Listing(page, site.prices(page.items), site.shelf.version)


def _among(site: Assortment, wish: Wish, hits: Hits | None) -> int:
    """Everything in the category and for the words, before any filter."""
    among = site.everything
    if wish.category is not None:
        among &= site.shelf.inside(wish.category.all_ids)
    return among & site.shelf.of(hits.ids) if hits else among


def _available(shelf: Shelf, city_id: int | None) -> int:
    """What can be had soon: from a dealer's own stock, at the brand's site in the visitor's region."""
    if current_tenant() == HQ:
        ids = sa.select(sa.func.network.stocked_near(city_id))
    else:
        ids = sa.select(Stock.product_id).where(Stock.owner_id == current_tenant(), Stock.on_hand > Stock.reserved)
    return shelf.of(list(db.session.scalars(ids)))


def _sorted(site: Assortment, found: int, sort: str, hits: Hits | None) -> Iterable[int]:
    """Places in the order asked for; without a wish the best hits first, or what is bought most."""
    if sort in ("cheap", "dear"):
        sign = 1 if sort == "cheap" else -1
        prices = {place: site.minor(place) for place in places_of(found)}
        products = site.shelf.products
        return sorted(prices, key=lambda one: (prices[one] is None, sign * (prices[one] or 0), products[one].id))
    if sort == "name":
        return (place for place in site.shelf.by_name if found >> place & 1)
    if hits and sort != "popular":
        return (place for place in map(site.shelf.place.get, hits.ids) if place is not None and found >> place & 1)
    return places_of(found)


__all__ = [
    "Facet", "Filters", "Listing", "Wish", "category_tree", "definitions", "find_product", "popular",
    "search", "similar",
]
