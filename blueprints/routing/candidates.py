"""Candidates of a decision: every dealer with what the rules ask about him at this moment. As worker or as HQ."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import ProductId, TenantId
from blueprints.catalog.models import Stock as StockRow
from blueprints.leads.models import LeadOffer
from blueprints.routing import rules
from blueprints.routing.abilities import abilities_of, categories_of
from blueprints.routing.dealers import Dealer, Network, Place, known_network

RECENT = timedelta(days=30)


def candidates_for(
    demand: rules.Demand, profile: rules.Profile, network: Network | None = None
) -> list[rules.Candidate]:
    """Every dealer of the network with what the profile's criteria ask about him.

    Three queries in all, another one for a place that is not known yet, one where its areas are for some goods only,
    and one or two for each criterion that asks for more.
    """
    if profile.asks("fair_share") or profile.asks("round_robin"):
        db.session.flush()  # these count what the leads before were given, in the database
    network = network or known_network()
    grounds = _grounds(network, demand)
    stock = _stock([line.product_id for line in demand.lines])
    load = _load(demand.at)
    recent = _recent(demand.at) if profile.asks("fair_share") else {}
    able = abilities_of(demand, profile)
    exclusive = {each.id for each in network.dealers if not each.is_suspended and _is_exclusive(grounds.get(each.id))}
    return [
        _candidate(
            each, grounds.get(each.id), bool(exclusive) and each.id not in exclusive, stock.get(each.id, {}),
            load.get(each.id, (0, 0)), recent.get(each.id, 0), able.get(each.id, {}),
        )
        for each in network.dealers
    ]


def dealers_as_they_stand() -> list[rules.Candidate]:
    """Every dealer of the network with what follows from no lead: no area, no stock, no load."""
    return [_candidate(each, None, False, {}, (0, 0), 0, {}) for each in known_network().dealers]


def grounds_of(demand: rules.Demand) -> dict[str, rules.Ground]:
    """By dealer, his area of the best kind that holds the place and is for these goods."""
    return _grounds(known_network(), demand)


def place_of(demand: rules.Demand) -> Place:
    """Where the customer is."""
    return Place(demand.city_id, demand.region_code, demand.lat, demand.lon)


def _is_exclusive(ground: rules.Ground | None) -> bool:
    return ground is not None and ground.is_exclusive


def _grounds(network: Network, demand: rules.Demand) -> dict[str, rules.Ground]:
    place = place_of(demand)
    asked = network.goods_at(place)
    if not asked:
        return network.grounds(place)
    return network.grounds(place, asked & (demand.categories or categories_of(demand.lines)))


def _stock(products: list[ProductId]) -> dict[str, dict[ProductId, rules.Stock]]:
    found: dict[str, dict[ProductId, rules.Stock]] = defaultdict(dict)
    rows = db.session.execute(
        sa.select(StockRow.owner_id, StockRow.product_id, StockRow.on_hand - StockRow.reserved, StockRow.reported_at)
        .where(StockRow.product_id.in_(products))
    )
    for owner_id, product_id, available, reported_at in rows:
        found[owner_id][ProductId(product_id)] = rules.Stock(available, reported_at)
    return found


def _load(at: datetime) -> dict[str, tuple[int, int]]:
    """Open offers, and leads offered since midnight and not refused, by dealer; with those not written yet."""
    midnight = at.astimezone(rules.OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    is_open = LeadOffer.state == "offered"
    rows = db.session.execute(
        sa.select(
            LeadOffer.dealer_id,
            sa.func.count().filter(is_open),
            sa.func.count().filter(LeadOffer.offered_at >= midnight, LeadOffer.state.in_(("offered", "accepted"))),
        )
        .where(sa.or_(is_open, LeadOffer.offered_at >= midnight)).group_by(LeadOffer.dealer_id)
    )
    load = {dealer_id: (open_offers, today) for dealer_id, open_offers, today in rows}
    for offer in db.session.new:
        if isinstance(offer, LeadOffer):
            open_offers, today = load.get(offer.dealer_id, (0, 0))
            load[offer.dealer_id] = open_offers + (offer.state == "offered"), today + 1
    return load


def _recent(at: datetime) -> dict[str, int]:
    """Leads offered in the last thirty days, by dealer."""
    rows = db.session.execute(
        sa.select(LeadOffer.dealer_id, sa.func.count())
        .where(LeadOffer.offered_at >= at - RECENT, LeadOffer.state != "withdrawn").group_by(LeadOffer.dealer_id)
    )
    return {row[0]: row[1] for row in rows}


def _candidate(
    dealer: Dealer, ground: rules.Ground | None, is_shut_out: bool, stock: dict[ProductId, rules.Stock],
    load: tuple[int, int], recent: int, able: dict[str, Any],
) -> rules.Candidate:
    return rules.Candidate(
        dealer_id=TenantId(dealer.id), name=dealer.name, lat=dealer.lat, lon=dealer.lon, territory=ground,
        is_shut_out=is_shut_out, stock=stock, rating=dealer.rating, rating_count=dealer.rating_count, tier=dealer.tier,
        hours=dealer.hours, is_suspended=dealer.is_suspended, open_offers=load[0], today_count=load[1],
        capacity=dealer.capacity, response_minutes=dealer.response_minutes, recent_count=recent,
        paused_until=dealer.paused_until, delivers_km=dealer.delivers_km, delivers_to=dealer.delivers_to, **able,
    )
