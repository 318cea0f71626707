"""Explanations of the past: for each of the latest leads, the decision that would have led to its first offer.

Stock of the past is not known, so dealers who would have come first but were not asked are taken to have
been out of stock; the engine then decides and words the rest by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import Any

from app.demo.data.dealers import Dealer
from app.demo.data.history import HistoryLead
from app.demo.load.bulk import Copier
from app.kernel.ids import HQ, ProductId, TenantId
from blueprints.routing import rules
from blueprints.routing.rules.windows import WorkingHours

ENOUGH = 100_000


class Reasons:
    """Knows the dealers as routing sees them and writes `routing_runs`."""

    def __init__(
        self, copy: Copier, who: Sequence[Dealer], ids: Mapping[int, TenantId], numbers: Mapping[str, int]
    ) -> None:
        self.copy, self.ids, self.numbers = copy, ids, numbers
        self.fresh = {ids[dealer.number]: timedelta(hours=dealer.behaviour.freshness_hours) for dealer in who}
        self.candidates = [
            rules.Candidate(
                dealer_id=ids[dealer.number], name=dealer.name, lat=dealer.lat, lon=dealer.lon,
                rating=(dealer.behaviour.satisfaction - 1) / 4, rating_count=20,
                tier=dealer.tier, hours=WorkingHours.from_dict(dealer.hours),
            )
            for dealer in who
        ]
        self.grounds = _grounds(copy)

    def explain(self, leads: Sequence[tuple[uuid.UUID, HistoryLead]]) -> None:
        """Write the run of each lead of HQ that was offered to somebody."""
        profile_id = uuid.uuid5(uuid.NAMESPACE_DNS, "demo-profile")
        default, since = rules.DEFAULT_PROFILE, leads[0][1].created_at if leads else "now"
        self.copy.rows(
            "network.sourcing_profiles",
            ("owner_id", "id", "version", "name", "definition", "state", "created_at", "activated_at"),
            [(HQ, profile_id, default.version, default.name, default.to_dict(), "active", since, since)],
        )
        columns = ("owner_id", "lead_id", "id", "profile_id", "profile_version", "chosen_id", "explanation", "at")
        self.copy.rows("network.routing_runs", columns, (
            (HQ, lead_id, uuid.uuid5(lead_id, "run"), profile_id, default.version, chosen, explanation, lead.created_at)
            for lead_id, lead in leads if lead.owner is None and lead.offers
            for chosen, explanation in [self._decided(lead_id, lead)]
        ))

    def _decided(self, lead_id: uuid.UUID, lead: HistoryLead) -> tuple[str, dict[str, Any]]:
        chosen = self.ids[lead.offers[0].dealer]
        lines = tuple(rules.Line(ProductId(self.numbers[line.product.sku]), line.quantity) for line in lead.lines)
        demand = rules.Demand(
            lead_id=str(lead_id), owner_id=HQ, at=lead.created_at, source=lead.source, kind=lead.kind,
            lat=lead.city.lat, lon=lead.city.lon, region_code=lead.city.region_code, lines=lines,
            value_minor=lead.value_minor,
        )
        empty: set[str] = set()
        while True:
            there = [self._there(each, lead.city.id, demand, empty) for each in self.candidates]
            decision = rules.decide(demand, there, rules.DEFAULT_PROFILE)
            ahead = list(takewhile(lambda each: each != chosen, (ranked.dealer_id for ranked in decision.ranking)))
            if empty.issuperset(ahead):
                return chosen, rules.explain(decision)
            empty.update(ahead)

    def _there(
        self, candidate: rules.Candidate, city_id: int, demand: rules.Demand, empty: set[str]
    ) -> rules.Candidate:
        has = 0 if candidate.dealer_id in empty else ENOUGH
        reported = demand.at - self.fresh[candidate.dealer_id]
        return replace(
            candidate, stock={line.product_id: rules.Stock(has, reported) for line in demand.lines},
            territory=self.grounds.get((city_id, candidate.dealer_id)),
        )


def _grounds(copy: Copier) -> dict[tuple[int, str], rules.Ground]:
    """By city and dealer, the best of his areas that hold the city."""
    rows = copy.execute(
        "SELECT c.id, a.owner_id, a.kind, a.id FROM network.cities c"
        " CROSS JOIN LATERAL network.areas_at(c.id, c.region_code, c.lat, c.lon) a ORDER BY a.kind DESC, a.id"
    )
    return {(city_id, owner_id): rules.Ground(kind, number) for city_id, owner_id, kind, number in rows}
