"""What can be had of a product at this site: a dealer's own stock, or at the brand's site anybody's.

A dealer sells what he reports stock of up to that stock, and all other products to order, from the factory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from blueprints.catalog.models import Stock

MANY = 9999
"""Stands for a number without a bound: of dealers' stock, which is theirs to see, and of what is sold to order."""


def left(product_ids: Iterable[int], *, city_id: int | None) -> dict[int, int]:
    """How many of each product can be ordered here now, in one query; products without any are 0."""
    wanted = list(product_ids)
    if current_tenant() == HQ:
        return {**dict.fromkeys(wanted, 0), **_in_network(wanted, city_id)}
    return {**dict.fromkeys(wanted, MANY), **_own(wanted)}


def shortages(wanted: Mapping[int, int], *, city_id: int | None) -> dict[int, int]:
    """Products that cannot be had in the wanted quantity, with how many there are."""
    return {
        product_id: there
        for product_id, there in left(wanted, city_id=city_id).items()
        if there < wanted[product_id]
    }


def _own(product_ids: list[int]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Stock.product_id, Stock.on_hand - Stock.reserved)
        .where(Stock.owner_id == current_tenant(), Stock.product_id.in_(product_ids))
    )
    return {row[0]: row[1] for row in rows}


def _in_network(product_ids: list[int], city_id: int | None) -> dict[int, int]:
    rows = db.session.execute(
        sa.text("SELECT product_id FROM network.availability(:city, :products)"),
        {"city": city_id, "products": product_ids},
    )
    return {row.product_id: MANY for row in rows}
