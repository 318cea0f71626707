"""What is kept of a decision is small: its bytes as the database holds them."""

from __future__ import annotations

import uuid

from app.kernel.db import db
from app.kernel.identity import network_worker
from blueprints.routing import service
from blueprints.routing.models import RoutingRun
from blueprints.routing.rules import Line, decide, explain
from tests.factories.leads import MORNING, add_products, open_lead
from tests.factories.routing import BOILER, PUMP, moscow_order, network, profile_of
from tests.house import HQ, House

EIGHT = profile_of(
    ("territory", {"outside": "last"}), ("stock_now", {"missing": "last"}), "freshness", "distance", "rating",
    "capacity", "working_hours", "tier",
)
ASKED = "SELECT pg_column_size(explanation) FROM network.routing_runs"


def kept_bytes(house: House, dealers: int) -> int:
    """Of a decision about two lines by eight criteria, each of them telling numbers."""
    decision = decide(moscow_order(lines=(Line(PUMP, 2), Line(BOILER, 1))), network(dealers), EIGHT)
    (pump,) = add_products(house, 1)
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(network_worker()):
        active = service.ensure_profile(at=MORNING)
        db.session.add(RoutingRun(
            owner_id=HQ, lead_id=lead_id, id=uuid.uuid4(), profile_id=active.row_id, profile_version=1, asked=[],
            chosen_id=decision.chosen, at=MORNING, explanation=explain(decision),
        ))
    (told,) = house.rows(ASKED)
    return int(str(told[0]))


def test_a_decision_among_a_hundred_dealers_by_eight_criteria_takes_four_kilobytes(house: House) -> None:
    assert kept_bytes(house, 100) <= 4_000


def test_control_one_among_a_thousand_takes_more(house: House) -> None:
    assert kept_bytes(house, 1_000) > 4_000
