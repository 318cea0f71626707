"""An order whose goods no single dealer has completely is served by several: who of them takes what.

The fewest dealers who together have everything; among equally few those who stand higher in the ranking. A line goes
whole to the first of them who has it whole; it is divided only where the rules allow it and nobody has it whole. No
part is worth less than `min_part_minor`. What even so many dealers do not have stays with HQ, or the best of them owes
it. Goods in several lines count together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, permutations
from typing import Any, NamedTuple

from app.kernel.ids import ProductId, TenantId
from blueprints.routing.rules.facts import Candidate, Demand, Line

MOST_PARTS = 5
SHELVES, TRIES = 40, 5_000
"""So many dealers are looked at, and so many groups of them of one size: a decision has to end."""

Goods = dict[ProductId, int]
"""Pieces by product."""


@dataclass(frozen=True)
class SplitRule:
    """Whether and how an order is split; `max_split` 1 never does. The `rest` stays with `hq`, or is a `backorder`."""

    max_split: int = 1
    min_part_minor: int = 0
    may_divide_line: bool = False
    rest: str = "hq"

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "max_split": self.max_split, "min_part_minor": self.min_part_minor,
            "may_divide_line": self.may_divide_line, "rest": self.rest,
        }


class OrderPart(NamedTuple):
    """What one dealer gets of an order; of these goods he has not the `owed` ones yet."""

    dealer_id: TenantId
    lines: tuple[Line, ...]
    owed: tuple[Line, ...] = ()

    @property
    def in_stock(self) -> list[tuple[ProductId, int]]:
        """What can be reserved at once."""
        return list(_lines(_minus(dict(self.lines), dict(self.owed))))


class Split(NamedTuple):
    """The parts, the better dealer first, and what nobody gets."""

    parts: tuple[OrderPart, ...] = ()
    left: tuple[Line, ...] = ()


class _Shelf(NamedTuple):
    dealer_id: TenantId
    goods: Goods


def is_wanted(demand: Demand, rule: SplitRule) -> bool:
    """Whether this is an order that may go to several dealers. Who fetches it himself is not sent around."""
    if demand.siblings is None or demand.is_fetched or demand.picked_id or not demand.lines:
        return False
    return rule.max_split - demand.siblings > 1


def has_all(demand: Demand, candidate: Candidate) -> bool:
    """Whether the candidate has every piece."""
    return not lacks(demand, candidate)


def lacks(demand: Demand, candidate: Candidate) -> Goods:
    """The pieces the candidate has not."""
    missing = {product: many - _free(candidate, product) for product, many in _wanted(demand).items()}
    return {product: many for product, many in missing.items() if many > 0}


def split(demand: Demand, ranked: Sequence[Candidate], rule: SplitRule) -> Split:
    """Divide the order among the candidates, the best first; no parts when nobody can have one of enough worth."""
    wanted, worth = _wanted(demand), dict(zip(demand.lines, demand.line_minors, strict=False))
    price = {line.product_id: minor / line.quantity for line, minor in worth.items() if line.quantity}
    most = min(rule.max_split - (demand.siblings or 0), MOST_PARTS)
    found: tuple[Goods, ...] = ()
    best: tuple[_Shelf, ...] = ()
    served = (0.0, 0)
    for group in _groups(_shelves(wanted, ranked, rule, most), most):
        portions = _portions(group, wanted, price, rule)
        value = _value(portions, price)
        if portions and value > served:
            best, found, served = group, portions, value
            if served[1] == sum(wanted.values()):
                break
    return _as_split(best, found, wanted, rule)


def _as_split(group: Sequence[_Shelf], portions: Sequence[Goods], wanted: Goods, rule: SplitRule) -> Split:
    given: Counter[ProductId] = Counter()
    for portion in portions:
        given.update(portion)
    left = _minus(wanted, given)
    parts = [OrderPart(shelf.dealer_id, _lines(portion)) for shelf, portion in zip(group, portions, strict=True)]
    if left and parts and rule.rest == "backorder":
        first = Counter(portions[0])
        first.update(left)
        parts[0] = OrderPart(parts[0].dealer_id, _lines(first), _lines(left))
        left = {}
    return Split(tuple(parts), _lines(left))


def _shelves(wanted: Goods, ranked: Sequence[Candidate], rule: SplitRule, most: int) -> list[_Shelf]:
    """Who has something of it, without those who are never needed: as many better ones have at least as much."""
    kept: list[_Shelf] = []
    for candidate in ranked:
        goods = {product: min(_free(candidate, product), many) for product, many in wanted.items()}
        if not rule.may_divide_line:
            goods = {product: many for product, many in goods.items() if many == wanted[product]}
        goods = {product: many for product, many in goods.items() if many > 0}
        if goods and sum(_has(other.goods, goods) for other in kept) < most:
            kept.append(_Shelf(candidate.dealer_id, goods))
            if len(kept) == SHELVES:
                break
    return kept


def _groups(shelves: Sequence[_Shelf], most: int) -> Iterator[tuple[_Shelf, ...]]:
    """Groups of dealers, the smaller and then the better first."""
    for size in range(1, most + 1):
        yield from islice(combinations(shelves, size), TRIES)


def _portions(
    group: Sequence[_Shelf], wanted: Goods, price: Mapping[ProductId, float], rule: SplitRule
) -> tuple[Goods, ...]:
    """What each of the group gets, in its order: the better first, another order where one would get too little."""
    for order in permutations(range(len(group))):
        portions = _give([group[place] for place in order], wanted)
        if all(portion and _value([portion], price)[0] >= rule.min_part_minor for portion in portions):
            placed = dict(zip(order, portions, strict=True))
            return tuple(placed[place] for place in range(len(group)))
    return ()


def _give(order: Sequence[_Shelf], wanted: Goods) -> list[Goods]:
    portions: list[Goods] = [{} for _shelf in order]
    for product, many in wanted.items():
        whole = next((place for place, shelf in enumerate(order) if shelf.goods.get(product, 0) >= many), None)
        missing = many
        for place in range(len(order)) if whole is None else (whole,):
            pieces = min(missing, order[place].goods.get(product, 0))
            if pieces:
                portions[place][product] = pieces
                missing -= pieces
    return portions


def _value(portions: Sequence[Goods], price: Mapping[ProductId, float]) -> tuple[float, int]:
    """Kopecks and pieces."""
    pieces = [pair for portion in portions for pair in portion.items()]
    return sum(price.get(product, 0) * many for product, many in pieces), sum(many for _product, many in pieces)


def _wanted(demand: Demand) -> Goods:
    wanted: Counter[ProductId] = Counter()
    for product, many in demand.lines:
        wanted[product] += many
    return dict(wanted)


def _free(candidate: Candidate, product: ProductId) -> int:
    stock = candidate.stock.get(product)
    return max(0, stock.available) if stock else 0


def _has(goods: Goods, other: Goods) -> bool:
    return all(goods.get(product, 0) >= many for product, many in other.items())


def _minus(goods: Goods, other: Mapping[ProductId, int]) -> Goods:
    less = {product: many - other.get(product, 0) for product, many in goods.items()}
    return {product: many for product, many in less.items() if many > 0}


def _lines(goods: Mapping[ProductId, int]) -> tuple[Line, ...]:
    return tuple(Line(product, many) for product, many in goods.items())
