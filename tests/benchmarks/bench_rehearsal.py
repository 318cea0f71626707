"""How long a rehearsal of 50,000 leads takes: `make bench ARGS=tests/benchmarks/bench_rehearsal.py`.

Two worlds, the rules in force and a draft, are gone through side by side: once among many dealers with few outcomes
each, once among few with many. Baselines, measured in the same run: to judge all dealers for every lead in both worlds,
as deciding a single lead does (on a sample of the same leads); to rate a dealer anew by all his outcomes whenever one
becomes known (on a sample of the same dealers).
"""

from __future__ import annotations

from time import process_time

import pytest

from blueprints.routing.rules import DEFAULT_PROFILE, Outcome, decide, rate
from blueprints.routing.rules.rehearsal import History, replay, summary_of
from blueprints.routing.rules.rehearsal.knowledge import Knowledge
from tests.factories.rehearsal import made_history
from tests.factories.routing import profile_of

LEADS, AIM_S, SAMPLE, RATED = 50_000, 60.0, 500, 20
DRAFT = profile_of(
    ("territory", {"outside": "last", "precision": 1}), ("stock_now", {"partial": "exclude"}),
    ("freshness", {"half_life_days": 3, "limit_days": 14, "precision": 0.25}), "fair_share", "capacity",
    ("rating", {"precision": 0.02}), ("distance", {"precision": 0.05}), "working_hours",
)


WORLDS = [DEFAULT_PROFILE, DRAFT]


@pytest.mark.parametrize("dealers", [1_000, 200])
def test_fifty_thousand_leads(dealers: int) -> None:
    """Print seconds of the processor, and what the baselines would have taken."""
    history = made_history(LEADS, dealers)
    start = process_time()
    result = replay(history, WORLDS, seed=1)
    replayed = process_time()
    summary = summary_of(result, history, WORLDS, seed=1)
    counted = process_time()
    took, judged = counted - start, _judging_all(history)
    anew, kept_up = _rating_anew(history, dealers), _rating_kept_up(history)
    print(f"\n{LEADS} leads, {dealers} dealers with {len(history.facts) / dealers:.0f} facts each, two worlds: "
          f"{took:.1f} s (aim {AIM_S:g} s), of which sums {counted - replayed:.1f} s; {LEADS * 2 / took:.0f} leads/s")
    print(f"baseline, all dealers judged for every lead: {judged:.0f} s; ratio {judged / took:.1f}")
    print(f"one rating after each fact: kept up {kept_up:.1f} s; baseline, anew by all outcomes {anew:.1f} s; "
          f"ratio {anew / kept_up:.1f}")
    print(f"moved {summary['moved']}, stock {summary['stock']}, answers {summary['answers']}")
    assert summary["leads"] == LEADS


def _judging_all(history: History) -> float:
    candidates, start = [each.candidate for each in history.dealers.values()], process_time()
    for lead in list(history.leads)[:SAMPLE]:
        for profile in WORLDS:
            decide(lead.demand, candidates, profile)
    return (process_time() - start) / SAMPLE * LEADS


def _rating_anew(history: History, dealers: int) -> float:
    known: dict[str, dict[str, Outcome]] = {each: {} for each in list(history.dealers)[:RATED]}
    start = process_time()
    for fact in history.facts:
        if fact.dealer_id in known:
            known[fact.dealer_id][fact.key] = fact.outcome
            rate(list(known[fact.dealer_id].values()), fact.at)
    return (process_time() - start) / RATED * dealers


def _rating_kept_up(history: History) -> float:
    knowledge = Knowledge(history, seed=1)
    rater, start = knowledge.rater(DEFAULT_PROFILE.rating), process_time()
    for fact in history.facts:
        knowledge.advance(fact.at)
        knowledge.standing(fact.dealer_id, rater)
    return process_time() - start
