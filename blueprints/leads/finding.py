"""What people call things: a city by its name, goods by article number or name. For leads that others wrote down."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.catalog.models import Product
from blueprints.catalog.prices import prices_for
from tenants.models import City

PIECE = re.compile(r"(?P<sku>[^\s;,]{2,60})(?:\s*[xх×*]\s*(?P<quantity>\d{1,4}))?", re.IGNORECASE)
NAME = re.compile(r"(?P<name>.{3,300}?)(?:\s*[xх×*]\s*(?P<quantity>\d{1,4}))?\s*", re.IGNORECASE)
MOST = 50

Named = Mapping[str, Product]
"""Products by what may be said of them."""


def find_city(name: str) -> int | None:
    """The largest city of this name in either language; what stands before it (“г.”) and after a comma is left out."""
    return find_cities({name}).get(name)


def find_cities(names: Collection[str]) -> dict[str, int]:
    """As `find_city` for many names in one query; names no city bears are missing."""
    plain = {name: _plain(name) for name in names}
    russian, english = sa.func.translate(sa.func.lower(City.name_ru), "ё", "е"), sa.func.lower(City.name_en)
    called = set(plain.values())
    rows = db.session.execute(
        sa.select(City.id, russian, english).where(sa.or_(russian.in_(called), english.in_(called)))
        .order_by(City.population.desc())
    ).all() if called else ()
    largest: dict[str, int] = {}
    for city_id, *both in rows:
        for one in both:
            largest.setdefault(one, city_id)
    return {name: largest[one] for name, one in plain.items() if one in largest}


def find_goods(text: str, at: datetime) -> tuple[list[dict[str, Any]], list[str]]:
    """Lines of the published goods the text names by article number or exact name, and what nobody knows.

    A name two products bear names none. What is only asked about is a wish: nothing is kept in stock for it.
    """
    pieces = [piece.strip() for piece in re.split(r"[;\n]", text) if piece.strip()][:MOST]
    known = _known(pieces) if pieces else {}
    wanted: Counter[int] = Counter()
    strange: list[str] = []
    for name, quantity in (one for piece in pieces for one in _said(piece, known)):
        if product := known.get(_folded(name)):
            wanted[product.id] += quantity
        else:
            strange.append(name)
    products = sorted({one.id: one for one in known.values() if one.id in wanted}.values(), key=lambda one: one.id)
    prices = prices_for([product.id for product in products], at)
    lines = [
        wish_for(one, wanted[one.id], prices[one.id].money.minor * wanted[one.id] if one.id in prices else 0)
        for one in products
    ]
    return lines[:MOST], list(dict.fromkeys(strange))[:MOST]


def wish_for(product: Any, quantity: int, minor: int) -> dict[str, Any]:
    """The line of a lead that asks about a product; nothing is kept in stock for it."""
    return {
        "product_id": product.id, "sku": product.sku, "name_ru": product.name_ru, "name_en": product.name_en,
        "quantity": quantity, "minor": minor, "is_wish": True,
    }


def _plain(name: str) -> str:
    return re.sub(r"^(г\.?|город|city of)\s+", "", name.partition(",")[0].strip().lower()).replace("ё", "е")


def _said(piece: str, known: Named) -> Iterator[tuple[str, int]]:
    """What a piece of text names and how many: it as a whole, else its parts between commas, else each of its words."""
    whole = NAME.fullmatch(piece)
    for part in [piece] if whole and _folded(whole["name"]) in known else piece.split(","):
        told = NAME.fullmatch(part.strip())
        if told and _folded(told["name"]) in known:
            yield told["name"], int(told["quantity"] or 1)
        else:
            yield from ((one["sku"], int(one["quantity"] or 1)) for one in PIECE.finditer(part))


def _known(pieces: list[str]) -> Named:
    """Published products by each article number and each name, folded, that the pieces may mean."""
    words = {one["sku"] for piece in pieces for one in PIECE.finditer(piece)}
    told = (NAME.fullmatch(part.strip()) for piece in pieces for part in (piece, *piece.split(",")))
    names = {_folded(one["name"]) for one in told if one}
    found = db.session.scalars(sa.select(Product).where(
        Product.state == "published",
        sa.or_(
            Product.sku.in_({*words, *(word.upper() for word in words)}),
            *(sa.and_(Product.search_text.contains(name, autoescape=True), _is_called(name)) for name in names),
        ),
    ))
    by_name: dict[str, list[Product]] = defaultdict(list)
    for product in found:
        for name in {product.sku, product.name_ru, product.name_en or product.name_ru}:
            by_name[_folded(name)].append(product)
    return {name: ones[0] for name, ones in by_name.items() if len(ones) == 1}


def _is_called(name: str) -> sa.ColumnElement[bool]:
    columns = (Product.name_ru, Product.name_en)
    return sa.or_(*(sa.func.translate(sa.func.lower(column), "ё", "е") == name for column in columns))


def _folded(name: str) -> str:
    """As `Product.search_text` holds it."""
    return name.strip().lower().replace("ё", "е")
