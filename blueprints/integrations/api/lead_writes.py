"""A lead brought in from another system: goods by article number, priced as this site prices them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.words import _
from blueprints.catalog.models import Product
from blueprints.catalog.prices import EffectivePrice, prices_for
from blueprints.leads import service
from blueprints.leads.models import Lead
from tenants.models import City, Tenant

SOURCE = "api"


def bring_in(asked: Mapping[str, Any], *, actor: str, at: datetime) -> Lead:
    """Open the lead; `Invalid` names an article number or a city nobody knows."""
    lines = _priced(asked["lines"], at)
    customer = asked["customer"]
    return service.open_lead(
        kind=asked["kind"], source=SOURCE, campaign=asked["campaign"], city_id=_city(asked["city_id"]), lines=lines,
        value=Money(sum(line["minor"] for line in lines)), locale=asked["locale"], at=at, actor=actor,
        contact=service.Contact(
            customer["name"], customer["email"], customer["phone"], customer["address"], customer["comment"]
        ),
    )


def _city(named: str | None) -> int | None:
    """The city named, the speaker's own when none is."""
    if named is None:
        return db.session.scalar(sa.select(Tenant.city_id).where(Tenant.id == current_tenant()))
    is_known = named.isascii() and named.isdigit() and len(named) < 10
    city = db.session.get(City, int(named)) if is_known else None
    if city is None:
        raise Invalid(_("There is no city with this id; find it with GET /cities."), field="city_id")
    return city.id


def _priced(wanted: Iterable[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    quantities: Counter[str] = Counter()
    for line in wanted:
        quantities[line["sku"]] += line["quantity"]
    products = db.session.scalars(
        sa.select(Product).where(Product.sku.in_(quantities), Product.state == "published").order_by(Product.id)
    ).all()
    if unknown := sorted(set(quantities) - {product.sku for product in products}):
        raise Invalid(_("There is no such article number: %(numbers)s", numbers=", ".join(unknown)), field="lines")
    prices = prices_for([product.id for product in products], at)
    return [_line(product, quantities[product.sku], prices.get(product.id)) for product in products]


def _line(product: Product, quantity: int, price: EffectivePrice | None) -> dict[str, Any]:
    return {
        "product_id": product.id, "sku": product.sku, "name_ru": product.name_ru, "name_en": product.name_en,
        "quantity": quantity, "minor": price.money.minor * quantity if price else 0,
    }
