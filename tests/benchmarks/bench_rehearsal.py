"""How long a rehearsal of 50,000 leads takes: `make bench ARGS=tests/benchmarks/bench_rehearsal.py`.

Two worlds, the rules in force and a draft, are gone through side by side. The baseline, measured in the same run on a
sample of the same leads, is to judge all dealers for every lead in both worlds, as deciding a single lead does.
"""

from __future__ import annotations

from time import process_time

from blueprints.routing.rules import DEFAULT_PROFILE, decide
from blueprints.routing.rules.rehearsal import replay, summary_of
from tests.factories.rehearsal import made_history
from tests.factories.routing import profile_of

LEADS, DEALERS, AIM_S, SAMPLE = 50_000, 1_000, 60.0, 500
DRAFT = profile_of(
    ("territory", {"outside": "last", "precision": 1}), ("stock_now", {"partial": "exclude"}),
    ("freshness", {"half_life_days": 3, "limit_days": 14, "precision": 0.25}), "fair_share", "capacity",
    ("rating", {"precision": 0.02}), ("distance", {"precision": 0.05}), "working_hours",
)


def test_fifty_thousand_leads() -> None:
    """Print seconds of the processor, and what the baseline would have taken."""
    history = made_history(LEADS, DEALERS)
    start = process_time()
    result = replay(history, [DEFAULT_PROFILE, DRAFT], seed=1)
    replayed = process_time()
    summary = summary_of(result, history, [DEFAULT_PROFILE, DRAFT], seed=1)
    counted = process_time()
    candidates = [each.candidate for each in history.dealers.values()]
    for lead in list(history.leads)[:SAMPLE]:
        for profile in (DEFAULT_PROFILE, DRAFT):
            decide(lead.demand, candidates, profile)
    baseline = (process_time() - counted) / SAMPLE * LEADS
    took = counted - start
    print(f"\n{LEADS} leads, {DEALERS} dealers, two worlds: {took:.1f} s (aim {AIM_S:g} s), of which sums "
          f"{counted - replayed:.1f} s; {LEADS * 2 / took:.0f} leads/s")
    print(f"baseline, all dealers judged for every lead: {baseline:.0f} s; ratio {baseline / took:.1f}")
    print(f"moved {summary['moved']}, stock {summary['stock']}, answers {summary['answers']}")
    assert summary["leads"] == LEADS
