"""Who gets a lead: the order of dealers, who is excluded and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.kernel.ids import tenant_id
from blueprints.routing.rules import (
    DEFAULT_PROFILE,
    Candidate,
    Ground,
    Line,
    Profile,
    Stock,
    Verdict,
    decide,
    stays_with_owner,
)
from blueprints.routing.rules.facts import TerritoryKind
from tests.factories.routing import AT, BOILER, PUMP, moscow_order, network, profile_of

NEAR = Candidate(tenant_id(2), lat=55.75, lon=37.62, stock={PUMP: Stock(5, AT)}, territory=Ground("shared", 1))
FAR = replace(NEAR, dealer_id=tenant_id(3), lat=59.94, lon=30.31, territory=Ground("exclusive", 2))
EMPTY = replace(NEAR, dealer_id=tenant_id(4), stock={PUMP: Stock(0, AT)})


def judged(code: str, candidate: Candidate, **params: object) -> Verdict:
    """The verdict of one criterion for the usual order."""
    return profile_of((code, params)).strategies[0].criteria[0].judge(moscow_order(), candidate)


def order_of(candidates: list[Candidate], profile: Profile) -> list[str]:
    return [each.dealer_id for each in decide(moscow_order(), candidates, profile).ranking]


def test_exclusive_territory_comes_before_nearness() -> None:
    assert order_of([NEAR, FAR], DEFAULT_PROFILE) == [FAR.dealer_id, NEAR.dealer_id]


def test_next_criterion_only_breaks_ties_of_those_before() -> None:
    assert order_of([NEAR, FAR], profile_of("distance", "territory")) == [NEAR.dealer_id, FAR.dealer_id]


def test_scores_nearer_than_the_precision_tie() -> None:
    better = replace(NEAR, dealer_id=tenant_id(9), lat=55.80, rating=0.9, rating_count=50)
    profile = profile_of(("distance", {"precision": 0.25}), "rating")
    assert order_of([NEAR, better], profile) == [better.dealer_id, NEAR.dealer_id]


def test_dealer_without_the_goods_is_excluded_with_the_reason() -> None:
    decision = decide(moscow_order(), [NEAR, EMPTY], DEFAULT_PROFILE)
    assert decision.chosen == NEAR.dealer_id
    assert [(each.dealer_id, each.reasons) for each in decision.excluded] == [
        (EMPTY.dealer_id, (Verdict(None, "stock_now.none"),))
    ]


def test_excluded_dealer_hears_every_reason() -> None:
    late = replace(EMPTY, stock={PUMP: Stock(0, AT - timedelta(days=20))})
    [excluded] = decide(moscow_order(), [late], DEFAULT_PROFILE).excluded
    assert excluded.reasons == (Verdict(None, "stock_now.none"), Verdict(None, "freshness.stale", (20, 14)))


def test_who_fetches_the_goods_is_not_sent_to_another_city() -> None:
    decision = decide(replace(moscow_order(), is_fetched=True), [NEAR, FAR], profile_of("distance"))
    assert [one.dealer_id for one in decision.ranking] == [NEAR.dealer_id]
    assert [(one.dealer_id, one.verdicts[0].reason) for one in decision.excluded] == [
        (FAR.dealer_id, "distance.too_far")
    ]


def test_suspended_and_asked_dealers_are_barred_by_any_profile() -> None:
    demand = replace(moscow_order(), asked=frozenset({FAR.dealer_id}))
    decision = decide(demand, [replace(NEAR, is_suspended=True), FAR, EMPTY], profile_of("distance"))
    assert [each.dealer_id for each in decision.ranking] == [EMPTY.dealer_id]
    assert decision.excluded == (
        (NEAR.dealer_id, (Verdict(None, "dealer.suspended"),)),
        (FAR.dealer_id, (Verdict(None, "dealer.asked"),)),
    )


@given(some.integers(0, 40))
def test_lead_of_a_dealers_own_site_never_goes_to_another(size: int) -> None:
    demand = replace(moscow_order(), owner_id=tenant_id(77))
    decision = decide(demand, network(size), DEFAULT_PROFILE)
    assert stays_with_owner(demand)
    assert (decision.reason, decision.ranking) == (
        "decision.owner",
        ((tenant_id(77), 1, (Verdict(1.0, "owner.own_site"),)),),
    )


def test_customers_own_dealer_comes_first_when_the_profile_says_so() -> None:
    profile = profile_of("own_dealer", ("territory", {"keeps_customers": True}))
    own = replace(NEAR, dealer_id=tenant_id(8), territory=None)
    demand = replace(moscow_order(), own_dealer_id=own.dealer_id)
    assert decide(demand, [NEAR, FAR, own], profile).chosen == own.dealer_id


def test_fallback_is_tried_when_nobody_is_left() -> None:
    strategies = [
        {"name": "stock", "criteria": [{"code": "stock_now"}], "priority": 2, "fallback": "any"},
        {"name": "any", "criteria": [{"code": "distance"}]},
    ]
    decision = decide(moscow_order(), [EMPTY], Profile.from_dict({"strategies": strategies}))
    assert (decision.strategy, decision.tried, decision.chosen) == ("any", ("stock",), EMPTY.dealer_id)


def test_nobody_left_and_no_strategy_are_told_apart() -> None:
    strategies = [{"name": "mail", "criteria": [{"code": "distance"}], "conditions": {"sources": ["mail"]}}]
    unfit = decide(moscow_order(), [NEAR], Profile.from_dict({"strategies": strategies}))
    nobody = decide(moscow_order(), [EMPTY], DEFAULT_PROFILE)
    assert (unfit.reason, unfit.chosen, unfit.strategy) == ("decision.no_strategy", None, None)
    assert (nobody.reason, nobody.chosen, nobody.strategy) == ("decision.nobody", None, "orders")


def test_strategy_of_highest_priority_that_applies_is_taken() -> None:
    strategies = [
        {"name": "rest", "criteria": [{"code": "distance"}]},
        {"name": "large", "criteria": [{"code": "rating"}], "priority": 5, "conditions": {"value_from_minor": 100}},
    ]
    profile = Profile.from_dict({"strategies": strategies})
    taken = [profile.course(replace(moscow_order(), value_minor=value))[0].name for value in (99, 100)]
    assert taken == ["rest", "large"]


@given(some.randoms(use_true_random=False))
@settings(max_examples=20)
def test_order_of_candidates_does_not_matter(chance: Random) -> None:
    dealers = network(40)
    shuffled = chance.sample(dealers, len(dealers))
    assert decide(moscow_order(), shuffled, DEFAULT_PROFILE) == decide(moscow_order(), dealers, DEFAULT_PROFILE)


def test_equal_dealers_take_turns_evenly_and_the_same_way_each_time() -> None:
    equals = [replace(NEAR, dealer_id=tenant_id(number)) for number in (2, 3, 4)]
    profile = profile_of("distance")
    firsts = [decide(moscow_order(lead_id=f"lead-{n}"), equals, profile).chosen for n in range(600)]
    assert all(160 < firsts.count(each.dealer_id) < 240 for each in equals)
    assert len({tuple(order_of(list(each), profile)) for each in permutations(equals)}) == 1


def test_nobody_to_choose_from_is_a_decision_too() -> None:
    decision = decide(moscow_order(), [], DEFAULT_PROFILE)
    assert (decision.ranking, decision.excluded, decision.reason) == ((), (), "decision.nobody")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("exclusive", Verdict(1.0, "territory.exclusive", (7,))),
        ("primary", Verdict(0.8, "territory.primary", (7,))),
        ("shared", Verdict(0.6, "territory.shared", (7,))),
        (None, Verdict(None, "territory.outside")),
    ],
)
def test_territory_by_kind(kind: TerritoryKind | None, expected: Verdict) -> None:
    assert judged("territory", replace(NEAR, territory=Ground(kind, 7) if kind else None)) == expected


def test_territory_for_other_goods_is_none() -> None:
    other = replace(NEAR, territory=Ground("exclusive", 7, is_for_goods=False))
    assert judged("territory", other) == Verdict(None, "territory.other_goods", (7,))
    assert judged("territory", other, outside="last") == Verdict(0.0, "territory.other_goods", (7,))
    assert judged("exclusivity", other) == Verdict(1.0, "exclusivity.free")


def test_exclusive_dealer_is_asked_first_or_alone() -> None:
    shut_out = replace(NEAR, is_shut_out=True)
    assert judged("exclusivity", shut_out) == Verdict(None, "exclusivity.taken")
    assert judged("exclusivity", shut_out, others="last") == Verdict(0.0, "exclusivity.taken")
    assert judged("exclusivity", FAR) == Verdict(1.0, "exclusivity.his")
    assert judged("exclusivity", NEAR) == Verdict(1.0, "exclusivity.free")


@pytest.mark.parametrize(
    ("available", "boilers", "expected"),
    [
        (2, 2, Verdict(1.0, "stock_now.all")),
        (1, 2, Verdict(0.75, "stock_now.partial", (1, 2, 3, 4))),
        (-3, 0, Verdict(None, "stock_now.none")),
    ],
)
def test_stock_now_counts_pieces(available: int, boilers: int, expected: Verdict) -> None:
    criterion = profile_of("stock_now").strategies[0].criteria[0]
    demand = moscow_order(lines=(Line(PUMP, 2), Line(BOILER, 2)))
    dealer = replace(NEAR, stock={PUMP: Stock(available, AT), BOILER: Stock(boilers, AT)})
    assert criterion.judge(demand, dealer) == expected


def test_lead_without_goods_asks_for_no_stock() -> None:
    question = moscow_order(lines=())
    criteria = profile_of("stock_now", "freshness").strategies[0].criteria
    verdicts = [each.judge(question, EMPTY) for each in criteria]
    assert verdicts == [Verdict(1.0, "goods.none")] * 2


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(minutes=-5), Verdict(1.0, "freshness.hours", (0,))),
        (timedelta(hours=24), Verdict(0.5, "freshness.hours", (24,))),
        (timedelta(days=2), Verdict(0.25, "freshness.days", (2,))),
        (timedelta(days=9), Verdict(None, "freshness.stale", (9, 7))),
    ],
)
def test_freshness_halves_and_ends(age: timedelta, expected: Verdict) -> None:
    dealer = replace(NEAR, stock={PUMP: Stock(5, AT - age)})
    assert judged("freshness", dealer, half_life_days=1, limit_days=7) == expected


def test_distance_from_moscow_to_petersburg_is_634_km() -> None:
    assert judged("distance", FAR, scale_km=634, precision=0.1) == Verdict(0.5, "distance.km", (634,))
    assert judged("distance", FAR, limit_km=500) == Verdict(None, "distance.too_far", (634, 500))
    assert judged("distance", replace(FAR, lat=None)) == Verdict(0.0, "distance.unknown")


def test_few_outcomes_prove_little() -> None:
    perfect = [judged("rating", replace(NEAR, rating=1.0, rating_count=count)).score for count in (0, 5, 95)]
    assert perfect == pytest.approx([0.6, 0.8, 0.98])


def test_capacity_excludes_a_full_day_and_unanswered_offers() -> None:
    busy = replace(NEAR, capacity=4, today_count=3, open_offers=2)
    assert judged("capacity", busy) == Verdict(0.25, "capacity.load", (3, 4))
    assert judged("capacity", replace(busy, today_count=4)) == Verdict(None, "capacity.full", (4,))
    assert judged("capacity", replace(busy, capacity=0)) == Verdict(None, "capacity.full", (0,))
    assert judged("capacity", busy, open_offers=2) == Verdict(None, "capacity.unanswered", (2, 2))
    assert judged("capacity", NEAR) == Verdict(1.0, "capacity.unlimited")


@given(some.integers(0, 400), some.integers(1, 400), some.floats(0.001, 1))
def test_older_data_never_scores_better(hours: int, more: int, precision: float) -> None:
    scores = [
        judged("freshness", replace(NEAR, stock={PUMP: Stock(5, AT - timedelta(hours=age))}), precision=precision).score
        for age in (hours, hours + more)
    ]
    assert 1 >= scores[0] >= scores[1] >= 0


@given(some.floats(0, 1), some.floats(0, 1), some.integers(1, 500))
def test_better_rating_never_scores_worse(one: float, other: float, count: int) -> None:
    dealers = [replace(NEAR, rating=rating, rating_count=count) for rating in sorted((one, other))]
    low, high = (judged("rating", dealer).score for dealer in dealers)
    assert low <= high


def test_standing_ranks_by_tier_speed_and_share() -> None:
    one, two, three = (replace(each, territory=None) for each in network(3))
    demand = moscow_order()

    def first(code: str, *candidates: Candidate) -> str:
        return decide(demand, candidates, profile_of(code)).ranking[0].dealer_id

    assert first("tier", replace(one, tier="standard"), replace(two, tier="premium"), three) == two.dealer_id
    assert first("response", replace(one, response_minutes=90), replace(two, response_minutes=5)) == two.dealer_id
    assert first("fair_share", replace(one, recent_count=7), replace(two, recent_count=2)) == two.dealer_id
    slow = decide(demand, [replace(one, response_minutes=90)], profile_of(("response", {"limit_minutes": 60})))
    assert [each.reasons for each in slow.excluded] == [(Verdict(None, "response.too_slow", (90, 60)),)]
