"""A dealer's rating from the outcomes of his leads: readable part by part, with what would raise it.

Old outcomes fade with a half-life, and few of them prove little: every part is drawn to a prior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

PartCode = Literal["response", "acceptance", "satisfaction", "conversion"]
Weighted = list[tuple[float, float]]
"""Pairs of a measured value and its weight."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one offered lead went. `None`: not known (yet). Response is in minutes of the dealer's working time."""

    at: datetime
    is_accepted: bool | None = None
    response_minutes: float | None = None
    satisfaction: int | None = None
    is_won: bool | None = None


@dataclass(frozen=True)
class RatingPolicy:
    """How outcomes become a rating. A response of `good_minutes` scores one half; weights are shares of the whole."""

    half_life_days: float = 90
    prior: float = 0.6
    confidence: float = 5
    good_minutes: float = 120
    goal: float = 0.9
    response: float = 0.3
    acceptance: float = 0.25
    satisfaction: float = 0.25
    conversion: float = 0.2


class Part(NamedTuple):
    """One side of the rating: what was measured (`None`: nothing), its score 0..1, and how many outcomes count."""

    code: PartCode
    value: float | None
    score: float
    count: float


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


def rate(outcomes: Sequence[Outcome], at: datetime, policy: RatingPolicy = RatingPolicy()) -> Rating:
    """Rate a dealer as of `at` (aware); outcomes after it are not known yet and do not count."""
    known = [(each, _weight(each, at, policy)) for each in outcomes if each.at <= at]
    parts = (
        _part("response", known, lambda o: o.response_minutes, weighted_median, policy),
        _part("acceptance", known, lambda o: o.is_accepted, weighted_mean, policy),
        _part("satisfaction", known, lambda o: o.satisfaction, weighted_mean, policy),
        _part("conversion", known, lambda o: o.is_won, weighted_mean, policy),
    )
    whole = sum(getattr(policy, part.code) for part in parts)
    score = sum(getattr(policy, part.code) * part.score for part in parts) / whole
    hints = sorted(_hints(parts, policy, whole), key=lambda hint: -hint.gain)
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
    if not count:
        return Part(code, None, policy.prior, 0.0)
    value = summary(pairs)
    drawn = (_score(code, value, policy) * count + policy.prior * policy.confidence) / (count + policy.confidence)
    return Part(code, value, drawn, count)


def _score(code: PartCode, value: float, policy: RatingPolicy) -> float:
    if code == "response":
        return policy.good_minutes / (policy.good_minutes + value)
    return (value - 1) / 4 if code == "satisfaction" else value


def _hints(parts: Iterable[Part], policy: RatingPolicy, whole: float) -> Iterable[Hint]:
    """For each part below the goal: where it stands, and what reaching the goal would bring."""
    for part in parts:
        gain = (policy.goal - part.score) * getattr(policy, part.code) / whole * 100
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
    return (round(value, 1),) if code == "satisfaction" else (round(value * 100),)
