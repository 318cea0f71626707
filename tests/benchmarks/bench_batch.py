"""Placing 2,000 waiting orders among 500 dealers together: `make bench ARGS=tests/benchmarks/bench_batch.py`.

The baseline, in the same run, is placing them one after another, each at the best dealer who has room left.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from time import perf_counter

from blueprints.routing.rules import Line
from blueprints.routing.rules.batch import UNPLACED, assign, cost_matrix, place_together
from blueprints.routing.rules.decide import decide
from tests.factories.routing import BOILER, PUMP, moscow_order, network, profile_of

ORDERS, DEALERS, ROOM, AIM_S = 2_000, 500, 5, 10.0
RULES = profile_of(
    ("territory", {"outside": "last"}), ("stock_now", {"missing": "last"}), ("freshness", {"precision": 0.25}),
    ("distance", {"precision": 0.05}), "rating",
)


def test_a_batch() -> None:
    chance, order, dealers = Random(1), moscow_order(lines=(Line(PUMP, 1), Line(BOILER, 1))), network(DEALERS)
    demands = [
        replace(order, lead_id=f"lead-{number}", lat=chance.uniform(43, 68), lon=chance.uniform(20, 135))
        for number in range(ORDERS)
    ]
    room = {dealer.dealer_id: chance.randrange(2 * ROOM) for dealer in dealers}
    begun = perf_counter()
    together = place_together(demands, [dealers] * ORDERS, RULES, room)
    took = perf_counter() - begun

    begun = perf_counter()
    left, cost = dict(room), 0.0
    names = sorted(room)
    for demand in demands:
        decision = decide(demand, dealers, RULES)
        chosen = next((one.dealer_id for one in decision.ranking if left[one.dealer_id] > 0), None)
        if chosen is None:
            cost += UNPLACED
        else:
            left[chosen] -= 1
            cost += float(cost_matrix([decision], 1, names)[0, names.index(chosen)])
    in_turn = perf_counter() - begun
    matrix = cost_matrix((decide(demand, dealers, RULES) for demand in demands), ORDERS, names)
    begun = perf_counter()
    assign(matrix, [room[name] for name in names])
    solving = perf_counter() - begun
    unplaced = sum(one is None for one in together.dealers)
    print(
        f"\n{ORDERS} orders, {DEALERS} dealers, room for {sum(room.values())}: together {took:.1f} s (aim {AIM_S:g} s),"
        f" of it solving {solving:.1f} s; cost {together.cost:.1f}, {unplaced} left to HQ\n"
        f"one after another {in_turn:.1f} s, cost {cost:.1f}; ratio of cost {together.cost / cost:.3f}"
    )
