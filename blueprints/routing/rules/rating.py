"""A dealer's rating from the outcomes of his leads and the age of his stock data, with what would raise it.

Old outcomes fade with a half-life, and few of them prove little: every part is drawn to a prior. A lead that proves to
be invalid counts against nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log2
from typing import Literal, NamedTuple

from blueprints.routing.rules.parameters import number, parameters

PartCode = Literal["response", "acceptance", "satisfaction", "conversion", "cancellation", "freshness"]
PARTS: tuple[PartCode, ...] = (
    "response", "acceptance", "satisfaction", "conversion", "cancellation", "freshness",
)
Weighted = list[tuple[float, float]]
"""Pairs of a measured value and its weight."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one offered lead went. `None`: not known (yet). Response is in minutes of the dealer's working time.

    `is_returned`: he gave it back after he had taken it, or the sale failed for his reason.
    """

    at: datetime
    is_accepted: bool | None = None
    response_minutes: float | None = None
    satisfaction: int | None = None
    is_won: bool | None = None
    is_returned: bool | None = None


class StockAge(NamedTuple):
    """How old a dealer's stock data is: half of so many lines is older than so many days."""

    days: float
    lines: int


@dataclass(frozen=True)
class RatingPolicy:
    """How outcomes become a rating. A response of `good_minutes` and stock data of `fresh_days` score one half.

    The weights of the parts are shares of their sum.
    """

    half_life_days: float = number(90, unit="days", least=1, most=3650)
    prior: float = number(0.6, least=0, most=1)
    confidence: float = number(5, unit="outcomes", least=0, most=1000)
    good_minutes: float = number(120, unit="minutes", least=1, most=10_000)
    fresh_days: float = number(7, unit="days", least=0.1, most=365)
    goal: float = number(0.9, least=0.1, most=0.99)
    response: float = number(0.25, least=0, most=1)
    acceptance: float = number(0.2, least=0, most=1)
    satisfaction: float = number(0.2, least=0, most=1)
    conversion: float = number(0.15, least=0, most=1)
    cancellation: float = number(0.1, least=0, most=1)
    freshness: float = number(0.1, least=0, most=1)

    @property
    def whole(self) -> float:
        """What the weights of all parts come to."""
        return sum(self.weight(code) for code in PARTS)

    def weight(self, code: PartCode) -> float:
        """The weight of a part."""
        return float(getattr(self, code))

    @classmethod
    def terms(cls) -> list[str]:
        """Names of all that can be set, in order."""
        return [name for name, *_about in parameters(cls)]


class Part(NamedTuple):
    """One side of the rating: what was measured (`None`: nothing), its score 0..1, and by how many outcomes.

    `count` is their weight: old ones count less.
    """

    code: PartCode
    value: float | None
    score: float
    count: float
    outcomes: int = 0


class Hint(NamedTuple):
    """What would raise the rating: reason code for `sentence`, its numbers, and the points of 100 it would bring."""

    reason: str
    values: tuple[float, ...]
    gain: float


@dataclass(frozen=True)
class Rating:
    """The whole: 0..1, the effective number of outcomes, its parts, and hints, the most rewarding first."""

    score: float
    count: float
    parts: tuple[Part, ...]
    hints: tuple[Hint, ...]


def rate(
    outcomes: Sequence[Outcome], at: datetime, policy: RatingPolicy = RatingPolicy(), stock: StockAge | None = None
) -> Rating:
    """Rate a dealer as of `at` (aware); outcomes after it are not known yet and do not count."""
    known = [(each, _weight(each, at, policy)) for each in outcomes if each.at <= at]
    parts = (
        _part("response", known, lambda o: o.response_minutes, weighted_median, policy),
        _part("acceptance", known, lambda o: o.is_accepted, weighted_mean, policy),
        _part("satisfaction", known, lambda o: o.satisfaction, weighted_mean, policy),
        _part("conversion", known, lambda o: o.is_won, weighted_mean, policy),
        _part("cancellation", known, lambda o: o.is_returned, weighted_mean, policy),
        _drawn("freshness", stock.days, stock.lines, policy, stock.lines) if stock else _unknown("freshness", policy),
    )
    score = sum(policy.weight(part.code) * part.score for part in parts) / policy.whole
    hints = sorted(_hints(parts, policy), key=lambda hint: -hint.gain)
    return Rating(score, sum(weight for _outcome, weight in known), parts, tuple(hints))


def weighted_mean(pairs: Weighted) -> float:
    """The mean of values by their weights."""
    return sum(value * weight for value, weight in pairs) / sum(weight for _value, weight in pairs)


def weighted_median(pairs: Weighted) -> float:
    """The value at which half of the weight is reached."""
    half, reached = sum(weight for _value, weight in pairs) / 2, 0.0
    for value, weight in sorted(pairs):
        reached += weight
        if reached >= half:
            return value
    raise ValueError("no values, no median")


def _weight(outcome: Outcome, at: datetime, policy: RatingPolicy) -> float:
    return 0.5 ** ((at - outcome.at).total_seconds() / 86_400 / policy.half_life_days)


def _part(
    code: PartCode,
    known: Iterable[tuple[Outcome, float]],
    measure: Callable[[Outcome], float | None],
    summary: Callable[[Weighted], float],
    policy: RatingPolicy,
) -> Part:
    pairs = [(float(value), weight) for each, weight in known if (value := measure(each)) is not None]
    count = sum(weight for _value, weight in pairs)
    return _drawn(code, summary(pairs), count, policy, len(pairs)) if count else _unknown(code, policy)


def _unknown(code: PartCode, policy: RatingPolicy) -> Part:
    return Part(code, None, policy.prior, 0.0)


def _drawn(code: PartCode, value: float, count: float, policy: RatingPolicy, outcomes: int) -> Part:
    """The score of what was measured, drawn to the prior."""
    score = (_score(code, value, policy) * count + policy.prior * policy.confidence) / (count + policy.confidence)
    return Part(code, value, score, count, outcomes)


def _score(code: PartCode, value: float, policy: RatingPolicy) -> float:
    if code == "response":
        return policy.good_minutes / (policy.good_minutes + value)
    if code == "freshness":
        return float(0.5 ** (max(0.0, value) / policy.fresh_days))
    if code == "cancellation":
        return 1 - value
    return (value - 1) / 4 if code == "satisfaction" else value


def _hints(parts: Iterable[Part], policy: RatingPolicy) -> Iterable[Hint]:
    """For each part below the goal: where it stands, and what reaching the goal would bring."""
    for part in parts:
        gain = (policy.goal - part.score) * policy.weight(part.code) / policy.whole * 100
        if gain < 0.5:
            continue
        if part.value is None:
            yield Hint(f"raise.{part.code}_unknown", (), gain)
        elif _score(part.code, part.value, policy) < policy.goal:
            yield Hint(f"raise.{part.code}", _numbers(part.code, part.value, policy), gain)


def _numbers(code: PartCode, value: float, policy: RatingPolicy) -> tuple[float, ...]:
    """What the hint's sentence tells: minutes now and wished, a mark, or a per cent."""
    if code == "response":
        return round(value), round(policy.good_minutes * (1 / policy.goal - 1))
    if code == "freshness":
        return round(value, 1), max(0.1, round(policy.fresh_days * log2(1 / policy.goal), 1))
    return (round(value, 1),) if code == "satisfaction" else (round(value * 100),)
