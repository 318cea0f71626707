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
from app.kernel.ids import HQ
from app.kernel.money import Money
from app.kernel.words import _
from blueprints.catalog.models import Product
from blueprints.catalog.prices import EffectivePrice, prices_for
from blueprints.leads.intake import Asking, take
from blueprints.leads.models import Lead
from blueprints.leads.service import Contact, Wish
from tenants.models import City, Tenant

SOURCE = "api"


def bring_in(asked: Mapping[str, Any], *, actor: str, at: datetime) -> Lead:
    """The lead that serves the wish: a new one, the one of this `external_id`, or the customer's open one.

    `Invalid` names an article number, a city or a dealer nobody knows.
    """
    lines, customer = _priced(asked["lines"], at), asked["customer"]
    asking = Asking(
        kind=asked["kind"], source=SOURCE, campaign=asked["campaign"], city_id=_city(asked["city_id"]), lines=lines,
        value=Money(sum(line["minor"] for line in lines)), locale=asked["locale"], actor=actor,
        contact=Contact(
            customer["name"], customer["email"], customer["phone"], customer["address"], customer["comment"],
            customer["company"],
        ),
        wish=Wish(_dealer(asked["dealer"]), asked["external_id"], asked["wished_on"], asked["wished_hours"]),
    )
    return take(asking, at=at).lead


def _dealer(slug: str | None) -> str | None:
    """The dealer the customer asked for, by the address of his site; only the manufacturer's leads may name one."""
    if slug is None:
        return None
    found = db.session.scalar(
        sa.select(Tenant.id).where(Tenant.slug == slug, Tenant.kind == "dealer", Tenant.state == "active")
    )
    if found is None or current_tenant() != HQ:
        raise Invalid(_("There is no such dealer to ask for."), field="dealer")
    return found


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
