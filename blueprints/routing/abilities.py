"""What some criteria ask about dealers beside place, stock and load: certificates, prices, turns, groups of
goods. Loaded when asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from app.kernel.db import db
from blueprints.catalog.models import Category, DealerPrice, Price, Product
from blueprints.catalog.shelf import RETAIL
from blueprints.leads.models import LeadOffer
from blueprints.routing import rules
from tenants.models import Certificate

Known = dict[str, dict[str, Any]]
"""By dealer: fields of `rules.Candidate`."""


def abilities_of(demand: rules.Demand, profile: rules.Profile) -> Known:
    """What the profile's criteria ask; one query for each that does, two for prices."""
    found: Known = defaultdict(dict)
    if profile.asks("certificate"):
        for dealer, papers in certificates().items():
            found[dealer]["certificates"] = papers
    if profile.asks("round_robin"):
        for dealer, at in _last_offers(demand.at).items():
            found[dealer]["last_offer_at"] = at
    if profile.asks("price") and demand.lines:
        for dealer, percent in _price_percents(demand).items():
            found[dealer]["price_percent"] = percent
    return found


def certificates() -> dict[str, tuple[rules.Certificate, ...]]:
    """Every dealer's certificates, ended ones too: they are the reason why he is not chosen."""
    rows = db.session.execute(
        sa.select(
            Certificate.owner_id, Certificate.scheme, Certificate.valid_from, Certificate.valid_until,
            Certificate.revoked_at,
        ).order_by(Certificate.owner_id, Certificate.valid_until)
    )
    found: dict[str, list[rules.Certificate]] = defaultdict(list)
    for owner_id, scheme, since, until, revoked_at in rows:
        is_revoked = revoked_at is not None and revoked_at < until
        found[owner_id].append(rules.Certificate(scheme, since, revoked_at if is_revoked else until, is_revoked))
    return {owner_id: tuple(papers) for owner_id, papers in found.items()}


def categories_of(lines: Iterable[rules.Line]) -> frozenset[int]:
    """Categories of the goods, and those above them."""
    products = [line.product_id for line in lines]
    if not products:
        return frozenset()
    own, above = sa.orm.aliased(Category), sa.orm.aliased(Category)
    is_above = own.path.startswith(above.path)
    return frozenset(db.session.scalars(
        sa.select(above.id).distinct().join(own, is_above).join(Product, Product.category_id == own.id)
        .where(Product.id.in_(products))
    ))


def _last_offers(at: datetime) -> dict[str, datetime]:
    rows = db.session.execute(
        sa.select(LeadOffer.dealer_id, sa.func.max(LeadOffer.offered_at))
        .where(LeadOffer.offered_at <= at).group_by(LeadOffer.dealer_id)
    )
    return {row[0]: row[1] for row in rows}


def _price_percents(demand: rules.Demand) -> dict[str, int]:
    """By dealer with a price of his own; the others sell at the recommended one."""
    products = [line.product_id for line in demand.lines]
    recommended = recommended_prices(demand.at, products)
    own: dict[str, dict[int, int]] = defaultdict(dict)
    for owner_id, product_id, minor in db.session.execute(
        sa.select(DealerPrice.owner_id, DealerPrice.product_id, DealerPrice.minor)
        .where(DealerPrice.product_id.in_(products))
    ):
        own[owner_id][product_id] = minor
    percents = {dealer: rules.price_percent(demand.lines, prices, recommended) for dealer, prices in own.items()}
    return {dealer: percent for dealer, percent in percents.items() if percent is not None}


def recommended_prices(at: datetime, products: Sequence[int] | None = None) -> dict[int, int]:
    """By product, the price HQ recommended then; of all products unless some are named."""
    query = sa.select(Price.product_id, Price.minor).where(Price.price_type == RETAIL, Price.valid_from <= at)
    if products is not None:
        query = query.where(Price.product_id.in_(products))
    rows = db.session.execute(
        query.ext(distinct_on(Price.product_id)).order_by(Price.product_id, Price.valid_from.desc())
    )
    return {row[0]: row[1] for row in rows}
