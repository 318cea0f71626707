"""One decision among 1,000 dealers by eight criteria, without I/O: `make bench ARGS=tests/benchmarks/bench_routing.py`.

The baseline, measured in turn in the same run, is the least any routing does: sort the same dealers by distance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import asin, cos, radians, sin, sqrt
from random import Random
from statistics import median
from time import process_time

from blueprints.routing.rules import Candidate, Demand, Line, decide, explain
from tests.factories.routing import BOILER, PUMP, moscow_order, network, profile_of

DEALERS, ROUNDS, AIM_MS = 1_000, 200, 5.0
EIGHT = profile_of(
    ("territory", {"outside": "last"}),
    ("stock_now", {"missing": "last"}),
    ("freshness", {"precision": 0.25}),
    ("distance", {"precision": 0.05}),
    "rating",
    "capacity",
    "working_hours",
    "tier",
)


def nearest_first(demand: Demand, candidates: list[Candidate]) -> list[Candidate]:
    """The baseline."""

    def km(candidate: Candidate) -> float:
        lat, there = radians(demand.lat), radians(candidate.lat)
        half = sin((there - lat) / 2) ** 2
        half += cos(lat) * cos(there) * sin(radians(candidate.lon - demand.lon) / 2) ** 2
        return 12_742 * asin(sqrt(half))

    return sorted(candidates, key=km)


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes of the processor, whatever else wants it."""
    start = process_time()
    work()
    return (process_time() - start) * 1_000


def test_one_decision_among_a_thousand_dealers() -> None:
    """Print the medians and their ratio."""
    order, dealers, chance = moscow_order(lines=(Line(PUMP, 2), Line(BOILER, 1))), network(DEALERS), Random(1)
    decision = decide(order, dealers, EIGHT)
    rounds = []
    for number in range(ROUNDS):
        # Another customer each time: nothing worked out for the one before may flatter the next.
        demand = replace(order, lead_id=f"lead-{number}", lat=chance.uniform(43, 68), lon=chance.uniform(20, 135))
        deciding = milliseconds(partial(decide, demand, dealers, EIGHT))
        rounds.append((deciding, milliseconds(partial(nearest_first, demand, dealers))))
    deciding, sorting = (median(column) for column in zip(*rounds, strict=True))
    explaining = median(milliseconds(partial(explain, decision)) for _round in range(20))
    print(f"\ndecide, {DEALERS} dealers, 8 criteria: {deciding:.2f} ms median of {ROUNDS} (aim {AIM_MS:g} ms)")
    print(f"baseline, sort by distance: {sorting:.2f} ms; ratio {deciding / sorting:.1f}")
    print(f"explain it: {explaining:.2f} ms; ranked {len(decision.ranking)}, excluded {len(decision.excluded)}")
    assert len(decision.ranking) + len(decision.excluded) == DEALERS
