"""`/products`, `/categories`, `/cities`: what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.words import _, _l
from app.web.links import site_url
from blueprints.catalog.models import Product
from blueprints.catalog.prices import EffectivePrice, prices_for
from blueprints.catalog.tree import Node, category_tree, listed
from blueprints.catalog.words import find_ids
from blueprints.integrations.api import schemas
from blueprints.integrations.api.cursors import page_of
from blueprints.integrations.api.section import api
from tenants.models import City

Item = dict[str, Any]


class NoSuchProduct(NotFound):
    """No product of this network has the article number."""


@api.get("/products", access="key:catalogue:read", tag="catalogue", says=(
    _l("List products"),
    _l("Products in the order of their last change: read to the end, then ask again with `updated_since`."),
))
@api.arguments(schemas.ProductsAsked, location="query")
@api.response(200, schemas.ProductList)
def list_products(asked: Mapping[str, Any]) -> Item:
    """A page of products with their prices, in a fixed number of queries."""
    query = sa.select(Product).options(defer(Product.search), defer(Product.search_text)).where(*_wanted(asked))
    found, following = page_of(
        query, Product.updated_at, Product.id, cursor=asked.get("cursor"), limit=asked["limit"]
    )
    return {"items": _products(found), "next": following}


@api.get("/products/<path:sku>", access="key:catalogue:read", tag="catalogue", says=(
    _l("Read a product"), _l("The product with this article number, as this site shows it."),
))
@api.response(200, schemas.ProductShape)
def show_product(sku: str) -> Item:
    """One product."""
    return _products([get_product(sku)])[0]


@api.get("/categories", access="key:catalogue:read", tag="catalogue", says=(
    _l("List categories"), _l("The whole tree at once: parents before their children."),
))
@api.response(200, schemas.CategoryList)
def list_categories() -> Item:
    """All categories."""
    nodes = [node for root in category_tree().roots for node in _down(root)]
    return {"items": [_category(node) for node in nodes], "next": None}


@api.get("/cities", access="key:catalogue:read", tag="catalogue", says=(
    _l("Find a city"), _l("Cities by the beginning of their name, the largest first; a new lead names one by its id."),
))
@api.arguments(schemas.CitiesAsked, location="query")
@api.response(200, schemas.CityList)
def find_cities(asked: Mapping[str, Any]) -> Item:
    """The largest cities whose name begins so."""
    begins = [column.istartswith(asked["search"], autoescape=True) for column in (City.name_ru, City.name_en)]
    found = db.session.scalars(sa.select(City).where(sa.or_(*begins)).order_by(City.population.desc()).limit(20))
    return {"items": [city_item(city) for city in found], "next": None}


def get_product(sku: str) -> Product:
    """The published product with this article number, or `NoSuchProduct`."""
    product = db.session.scalar(
        sa.select(Product).options(defer(Product.search), defer(Product.search_text))
        .where(Product.sku == sku, Product.state == "published")
    )
    if product is None:
        raise NoSuchProduct(_("There is no product with the article number %(sku)s.", sku=sku))
    return product


def ids_of(skus: Collection[str]) -> dict[str, int]:
    """Ids of published products by article number, in one query."""
    rows = db.session.execute(
        sa.select(Product.sku, Product.id).where(Product.sku.in_(skus), Product.state == "published")
    )
    return {row.sku: row.id for row in rows}


def words(thing: Any, name: str = "name") -> Item | None:
    """A text in both languages, None where there is none."""
    russian = getattr(thing, f"{name}_ru")
    return {"ru": russian, "en": getattr(thing, f"{name}_en")} if russian is not None else None


def price_item(price: EffectivePrice | None) -> Item | None:
    """A price as it is told."""
    if price is None:
        return None
    was = price.compare_at
    return {
        "minor": price.money.minor, "currency": price.money.currency, "compare_at_minor": was.minor if was else None,
        "vat_rate": str(price.vat_rate), "source": price.source,
    }


def city_item(city: City) -> Item:
    """A city as it is told."""
    return {"id": str(city.id), "name": words(city), "region_code": city.region_code}


def _wanted(asked: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    found = [*listed()]
    if asked.get("search"):
        found.append(Product.id.in_(find_ids(asked["search"]).ids))
    if slug := asked.get("category"):
        node = category_tree().by_slug.get(slug)
        found.append(Product.category_id.in_(node.all_ids if node else []))
    if since := asked.get("updated_since"):
        found.append(Product.updated_at >= since)
    return found


def _products(found: list[Product]) -> list[Item]:
    prices, pictures = prices_for([product.id for product in found], now()), site_url("/media/")
    return [_product(product, prices.get(product.id), pictures) for product in found]


def _product(product: Product, price: EffectivePrice | None, pictures: str) -> Item:
    return {
        "id": str(product.id), "sku": product.sku, "barcode": product.barcode, "name": words(product),
        "description": words(product, "description"), "unit": product.unit, "attributes": product.attributes,
        "category_id": str(product.category_id) if product.category_id else None,
        "images": [f"{pictures}{name}" for name in product.images],
        "price": price_item(price), "updated_at": product.updated_at,
    }


def _down(node: Node) -> list[Node]:
    return [node, *(one for child in node.children for one in _down(child))]


def _category(node: Node) -> Item:
    return {
        "id": str(node.id), "parent_id": str(node.parent.id) if node.parent else None, "slug": node.slug,
        "name": words(node), "products": node.products,
    }
