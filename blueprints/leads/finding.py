"""What people call things: a city by its name, goods by their article numbers. For leads that others wrote down."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.catalog.models import Product
from blueprints.catalog.prices import prices_for
from tenants.models import City

PIECE = re.compile(r"(?P<sku>[^\s;,]{2,60})(?:\s*[xх×*]\s*(?P<quantity>\d{1,4}))?", re.IGNORECASE)
MOST = 50


def find_city(name: str) -> int | None:
    """The largest city of this name in either language; what stands before it (“г.”) and after a comma is left out."""
    plain = re.sub(r"^(г\.?|город|city of)\s+", "", name.partition(",")[0].strip().lower()).replace("ё", "е")
    folded = sa.func.translate(sa.func.lower(City.name_ru), "ё", "е")
    return db.session.scalar(
        sa.select(City.id).where(sa.or_(folded == plain, sa.func.lower(City.name_en) == plain))
        .order_by(City.population.desc()).limit(1)
    )


def find_goods(text: str, at: datetime) -> tuple[list[dict[str, Any]], list[str]]:
    """Lines of the published goods whose article numbers the text names, and the names nobody knows.

    Nothing is to be kept in stock for them, so the lines name no product by its number.
    """
    named = {one["sku"]: int(one["quantity"] or 1) for one in PIECE.finditer(text)}
    wanted = dict(list(named.items())[:MOST])
    if not wanted:
        return [], []
    products = db.session.scalars(
        sa.select(Product).where(Product.sku.in_(wanted), Product.state == "published").order_by(Product.id)
    ).all()
    prices = prices_for([product.id for product in products], at)
    lines = [
        {
            "sku": product.sku, "name_ru": product.name_ru, "name_en": product.name_en,
            "quantity": wanted[product.sku],
            "minor": prices[product.id].money.minor * wanted[product.sku] if product.id in prices else 0,
        }
        for product in products
    ]
    known = {line["sku"] for line in lines}
    return lines, [sku for sku in wanted if sku not in known]
