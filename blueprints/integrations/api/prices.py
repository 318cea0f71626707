"""`/prices`: the owner's own word on what products cost on his site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.words import _l
from blueprints.catalog.events import OffersChanged
from blueprints.catalog.models import Offer, Product
from blueprints.catalog.prices import EffectivePrice, prices_for
from blueprints.integrations.api import schemas
from blueprints.integrations.api.catalogue import get_product, price_item
from blueprints.integrations.api.cursors import page_of
from blueprints.integrations.api.section import api

Item = dict[str, Any]


@api.get("/prices", access="key:catalogue:read", tag="prices", says=(
    _l("List own prices"), _l("Products you have said something about, in the order of the last change."),
))
@api.arguments(schemas.Listed, location="query")
@api.response(200, schemas.OwnPriceList)
def list_prices(asked: Mapping[str, Any]) -> Item:
    """A page of own offers."""
    query = sa.select(Offer, Product.sku).join(Product, Product.id == Offer.product_id)
    found, following = page_of(
        query, Offer.updated_at, Offer.product_id, cursor=asked.get("cursor"), limit=asked["limit"]
    )
    prices = prices_for([offer.product_id for offer, _sku in found], now())
    return {"items": [_item(sku, offer, prices.get(offer.product_id)) for offer, sku in found], "next": following}


@api.get("/prices/<path:sku>", access="key:catalogue:read", tag="prices", says=(
    _l("Read the own price of a product"),
    _l("Your own price and the one in force; `minor` is `null` without an own one."),
))
@api.response(200, schemas.OwnPrice)
def show_price(sku: str) -> Item:
    """One offer, or that there is none."""
    return _word_on(get_product(sku))


@api.put("/prices/<path:sku>", access="key:catalogue:write", tag="prices", says=(
    _l("Set the own price of a product"),
    _l("Your price with VAT in minor units. `null` lets the product follow the manufacturer's price again."),
))
@api.arguments(schemas.NewPrice)
@api.response(200, schemas.OwnPrice)
def put_price(body: Mapping[str, Any], sku: str) -> Item:
    """Say what the product costs here."""
    product = get_product(sku)
    values = {**body, "updated_at": now()}
    db.session.execute(
        insert(Offer).values(product_id=product.id, **values)
        .on_conflict_do_update(index_elements=[Offer.product_id], set_=values)
    )
    publish(OffersChanged(tenant_id=current_tenant()))
    return _word_on(product)


def _word_on(product: Product) -> Item:
    offer = db.session.get(Offer, product.id, populate_existing=True)
    return _item(product.sku, offer, prices_for([product.id], now()).get(product.id))


def _item(sku: str, offer: Offer | None, price: EffectivePrice | None) -> Item:
    return {
        "sku": sku, "minor": offer.minor if offer else None,
        "compare_at_minor": offer.compare_at_minor if offer else None,
        "currency": offer.currency if offer else "RUB", "is_listed": offer.is_listed if offer else True,
        "updated_at": offer.updated_at if offer else None, "in_force": price_item(price),
    }
