"""Candidates of a decision: every dealer with what the rules ask about him at this moment. As worker or as HQ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import ProductId
from blueprints.catalog.models import Stock as StockRow
from blueprints.leads.models import LeadOffer
from blueprints.routing import rules
from blueprints.routing.abilities import abilities_of, categories_of
from blueprints.routing.dealers import Network, Place, known_network

Levels = Mapping[ProductId, rules.Stock]

RECENT = timedelta(days=30)
IDLE = (0, 0)
NOTHING: Levels = {}
_STOCK = StockRow.__table__.c
"""The table and not its class: thousands of rows are read in half the time."""
_LEVELS = sa.select(_STOCK.owner_id, _STOCK.product_id, _STOCK.on_hand - _STOCK.reserved, _STOCK.reported_at)


class Moment:
    """What is counted for leads that are placed one after another in one unit of work: stock of their goods, and load.

    Read once for all of them; what they were given since is told by `note`.
    """

    def __init__(self, products: Iterable[int], at: datetime) -> None:
        self.network = known_network()
        self._products = sorted(set(products))
        self._stock = _stock(self._products)
        self._load = _load(at)
        self._changed: set[str] = set()

    def note(self, offers: Iterable[LeadOffer]) -> None:
        """These were just made, and goods kept for some of them."""
        for offer in offers:
            _count(self._load, offer)
            self._changed.add(offer.dealer_id)

    def candidates(self, demand: rules.Demand, profile: rules.Profile) -> list[rules.Candidate]:
        """Every dealer of the network with what the profile's criteria ask about him.

        No query but one for a place that is not known yet, one where its areas are for some goods only, one for what
        those who were given a lead have left, and one or two for each criterion that asks for more.
        """
        self._look_again()
        if profile.asks("fair_share") or profile.asks("round_robin"):
            db.session.flush()  # these count what the leads before were given, in the database
        grounds = _grounds(self.network, demand)
        recent = _recent(demand.at) if profile.asks("fair_share") else {}
        able, stock, load = abilities_of(demand, profile), self._stock, self._load
        exclusive = (owner for owner, ground in grounds.items() if ground.is_exclusive)
        alone = self.network.active.intersection(exclusive)
        return [
            rules.Candidate(
                *each, grounds.get(each[0]), bool(alone) and each[0] not in alone, stock.get(each[0], NOTHING),
                *load.get(each[0], IDLE), recent.get(each[0], 0), **able.get(each[0], {}),
            )
            for each in self.network.dealers
        ]

    def _look_again(self) -> None:
        if self._changed and self._products:
            self._stock |= dict.fromkeys(self._changed, NOTHING) | _stock(self._products, self._changed)
        self._changed.clear()


def candidates_for(demand: rules.Demand, profile: rules.Profile) -> list[rules.Candidate]:
    """Every dealer of the network as he stands for this lead: three queries and those of `Moment.candidates`."""
    return Moment((line.product_id for line in demand.lines), demand.at).candidates(demand, profile)


def dealers_as_they_stand() -> list[rules.Candidate]:
    """Every dealer of the network with what follows from no lead: no area, no stock, no load."""
    return [rules.Candidate(*each) for each in known_network().dealers]


def grounds_of(demand: rules.Demand) -> dict[str, rules.Ground]:
    """By dealer, his area of the best kind that holds the place and is for these goods."""
    return _grounds(known_network(), demand)


def place_of(demand: rules.Demand) -> Place:
    """Where the customer is."""
    return Place(demand.city_id, demand.region_code, demand.lat, demand.lon)


def _grounds(network: Network, demand: rules.Demand) -> dict[str, rules.Ground]:
    place = place_of(demand)
    asked = network.goods_at(place)
    if not asked:
        return network.grounds(place)
    return network.grounds(place, asked & (demand.categories or categories_of(demand.lines)))


def _stock(products: Iterable[int], owners: Iterable[str] | None = None) -> dict[str, Levels]:
    """By dealer and product, of those owners or of all."""
    query = _LEVELS.where(_STOCK.product_id.in_(products))
    if owners is not None:
        query = query.where(_STOCK.owner_id.in_(owners))
    found: dict[str, dict[ProductId, rules.Stock]] = {}
    for owner_id, product_id, available, reported_at in db.session.execute(query).all():
        found.setdefault(owner_id, {})[product_id] = tuple.__new__(rules.Stock, (available, reported_at))
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
            _count(load, offer)
    return load


def _count(load: dict[str, tuple[int, int]], offer: LeadOffer) -> None:
    """One more of today."""
    open_offers, today = load.get(offer.dealer_id, IDLE)
    load[offer.dealer_id] = open_offers + (offer.state == "offered"), today + 1


def _recent(at: datetime) -> dict[str, int]:
    """Leads offered in the last thirty days, by dealer."""
    rows = db.session.execute(
        sa.select(LeadOffer.dealer_id, sa.func.count())
        .where(LeadOffer.offered_at >= at - RECENT, LeadOffer.state != "withdrawn").group_by(LeadOffer.dealer_id)
    )
    return {row[0]: row[1] for row in rows}
