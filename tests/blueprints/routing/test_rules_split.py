"""An order nobody has all of: the fewest dealers, the best of them, no part too small, nothing invented or lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import combinations

import hypothesis.strategies as some
import pytest
from hypothesis import given

from app.kernel.ids import ProductId, TenantId, tenant_id
from blueprints.routing.rules import (
    Candidate,
    Demand,
    InvalidProfile,
    Line,
    Profile,
    SplitRule,
    Stock,
    decide,
    parts_kept,
)
from blueprints.routing.rules.split import Split, has_all, split
from tests.factories.routing import AT, BOILER, PIPE, PUMP, moscow_order

A, B, C = tenant_id(2), tenant_id(3), tenant_id(4)
THOUSAND = 100_000


def dealer(who: TenantId, has: dict[ProductId, int], lat: float = 55.7) -> Candidate:
    return Candidate(
        dealer_id=who, lat=lat, lon=37.6,
        stock={product: Stock(many, AT - timedelta(hours=1)) for product, many in has.items()},
    )


def order(*lines: tuple[ProductId, int], siblings: int | None = 0, is_fetched: bool = False) -> Demand:
    """A thousand roubles a piece."""
    base = moscow_order(lines=tuple(Line(product, many) for product, many in lines))
    return Demand(
        lead_id=base.lead_id, owner_id=base.owner_id, at=AT, lat=base.lat, lon=base.lon, region_code="RU-MOW",
        lines=base.lines, value_minor=THOUSAND * sum(many for _product, many in lines), is_fetched=is_fetched,
        line_minors=tuple(THOUSAND * many for _product, many in lines), siblings=siblings,
    )


def parts_of(found: Split) -> dict[TenantId, dict[ProductId, int]]:
    return {part.dealer_id: dict(part.lines) for part in found.parts}


def profile(*, partial: str = "exclude", **split_rule: object) -> Profile:
    return Profile.from_dict({"id": "p", "version": 1, "strategies": [{
        "name": "only", "split": split_rule,
        "criteria": [{"code": "stock_now", "params": {"partial": partial}}, {"code": "distance", "params": {}}],
    }]})


def test_each_line_goes_whole_to_the_best_who_has_it() -> None:
    ranked = [dealer(A, {PUMP: 5, PIPE: 1}), dealer(B, {PUMP: 5, BOILER: 1})]
    assert parts_of(split(order((PUMP, 2), (BOILER, 1), (PIPE, 1)), ranked, SplitRule(2))) == {
        A: {PUMP: 2, PIPE: 1}, B: {BOILER: 1},
    }


def test_fewer_dealers_come_before_better_ones() -> None:
    ranked = [dealer(A, {PUMP: 1}), dealer(B, {BOILER: 1}), dealer(C, {BOILER: 1, PIPE: 1})]
    found = split(order((PUMP, 1), (BOILER, 1), (PIPE, 1)), ranked, SplitRule(3))
    assert parts_of(found) == {A: {PUMP: 1}, C: {BOILER: 1, PIPE: 1}}


def test_a_line_is_divided_by_pieces_only_where_the_rules_allow_it() -> None:
    ranked = [dealer(A, {PUMP: 3}), dealer(B, {PUMP: 2})]
    assert split(order((PUMP, 5)), ranked, SplitRule(2)) == Split((), (Line(PUMP, 5),))
    assert parts_of(split(order((PUMP, 5)), ranked, SplitRule(2, may_divide_line=True))) == {A: {PUMP: 3}, B: {PUMP: 2}}


def test_no_part_is_worth_less_than_the_least() -> None:
    ranked = [dealer(A, {PUMP: 5, BOILER: 1}), dealer(B, {BOILER: 1, PIPE: 1})]
    wish = order((PUMP, 5), (BOILER, 1), (PIPE, 1))
    assert parts_of(split(wish, ranked, SplitRule(2))) == {A: {PUMP: 5, BOILER: 1}, B: {PIPE: 1}}
    enough = split(wish, ranked, SplitRule(2, min_part_minor=2 * THOUSAND))
    assert parts_of(enough) == {A: {PUMP: 5}, B: {BOILER: 1, PIPE: 1}}
    too_little = split(wish, ranked, SplitRule(2, min_part_minor=3 * THOUSAND))
    assert (parts_of(too_little), too_little.left) == ({A: {PUMP: 5, BOILER: 1}}, (Line(PIPE, 1),))


def test_what_nobody_has_stays_with_hq_or_is_owed_by_the_best() -> None:
    ranked, wish = [dealer(A, {PUMP: 2}), dealer(B, {BOILER: 1})], order((PUMP, 2), (BOILER, 1), (PIPE, 4))
    kept = split(wish, ranked, SplitRule(2))
    assert (parts_of(kept), kept.left) == ({A: {PUMP: 2}, B: {BOILER: 1}}, (Line(PIPE, 4),))
    owed = split(wish, ranked, SplitRule(2, rest="backorder"))
    assert (parts_of(owed), owed.left) == ({A: {PUMP: 2, PIPE: 4}, B: {BOILER: 1}}, ())
    assert owed.parts[0].owed == (Line(PIPE, 4),) and owed.parts[0].in_stock == [(PUMP, 2)]


def test_decision_splits_only_what_no_single_dealer_has() -> None:
    wish = order((PUMP, 2), (BOILER, 1))
    halves = [dealer(A, {PUMP: 2}), dealer(B, {BOILER: 1})]
    found = decide(wish, halves, profile(max_split=2))
    assert (found.reason, parts_of(Split(found.parts))) == ("decision.split", {A: {PUMP: 2}, B: {BOILER: 1}})
    assert found.chosen == found.parts[0].dealer_id and len(found.ranking) == 2
    whole = decide(wish, [*halves, dealer(C, {PUMP: 2, BOILER: 1}, lat=60)], profile(max_split=2))
    assert (whole.reason, whole.parts, whole.chosen) == ("decision.chosen", (), C)
    assert decide(wish, halves, profile()).reason == "decision.nobody"


def test_who_fetches_it_himself_is_not_sent_from_one_to_another_and_parts_are_not_split_without_end() -> None:
    halves = [dealer(A, {PUMP: 2}), dealer(B, {BOILER: 1})]
    for wish in (order((PUMP, 2), (BOILER, 1), is_fetched=True), order((PUMP, 2), (BOILER, 1), siblings=1),
                 order((PUMP, 2), (BOILER, 1), siblings=None)):
        assert decide(wish, halves, profile(max_split=2)).parts == ()
    assert len(decide(order((PUMP, 2), (BOILER, 1), siblings=1), halves, profile(max_split=3)).parts) == 2


def test_the_explanation_keeps_who_got_which_part() -> None:
    found = decide(order((PUMP, 2), (BOILER, 1), (PIPE, 1)), [dealer(A, {PUMP: 2}), dealer(B, {BOILER: 1})],
                   profile(max_split=2))
    assert parts_kept(found) == {
        "parts": {A: [[PUMP, 2]], B: [[BOILER, 1]]}, "owed": [], "left": [[PIPE, 1]],
    }


@pytest.mark.parametrize("rule", [
    {"max_split": 0}, {"max_split": 6}, {"max_split": True}, {"min_part_minor": -1}, {"rest": "lost"}, {"often": 1},
])
def test_a_rule_that_cannot_be_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(InvalidProfile):
        profile(**rule)


SHELF = some.dictionaries(some.sampled_from([PUMP, BOILER, PIPE]), some.integers(0, 4))


@given(
    shelves=some.lists(SHELF, max_size=7), most=some.integers(2, 4), least=some.integers(0, 4), divides=some.booleans(),
    wish=some.dictionaries(some.sampled_from([PUMP, BOILER, PIPE]), some.integers(1, 5), min_size=1),
)
def test_nothing_is_invented_or_lost_and_no_fewer_dealers_would_do(
    shelves: list[dict[ProductId, int]], most: int, least: int, divides: bool, wish: dict[ProductId, int]
) -> None:
    ranked = [dealer(tenant_id(number), shelf) for number, shelf in enumerate(shelves, 2)]
    stock = {one.dealer_id: one for one in ranked}
    demand = order(*wish.items())
    found = split(demand, ranked, SplitRule(most, least * THOUSAND, divides))
    given_away: Counter[ProductId] = Counter()
    for part in found.parts:
        goods = dict(part.lines)
        assert all(stock[part.dealer_id].stock[product].available >= many > 0 for product, many in goods.items())
        assert sum(goods.values()) >= max(least, 1)
        assert divides or all(many == wish[product] for product, many in goods.items())
        given_away.update(goods)
    given_away.update(dict(found.left))
    assert given_away == wish if found.parts else dict(found.left) == wish
    assert len({part.dealer_id for part in found.parts}) == len(found.parts) <= most
    if not least:
        assert (len(found.parts) if not found.left else None) == _fewest(ranked, wish, most, divides)


def _fewest(ranked: list[Candidate], wish: dict[ProductId, int], most: int, divides: bool) -> int | None:
    """By trying all groups: of how many dealers at least everything can be had, if of any."""
    for size in range(1, most + 1):
        for group in combinations(ranked, size):
            free = {
                product: [one.stock[product].available if product in one.stock else 0 for one in group]
                for product in wish
            }
            if all((sum if divides else max)(free[product]) >= many for product, many in wish.items()):
                return size
    return None


def test_having_all_counts_lines_of_the_same_goods_together() -> None:
    assert not has_all(order((PUMP, 2), (PUMP, 2)), dealer(A, {PUMP: 3}))
