"""A dealer's rating from the outcomes of his leads and the age of his stock data, with what would raise it.

Old outcomes fade with a half-life, and few of them prove little: every part is drawn to a prior. A lead that proves to
be invalid counts against nobody.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from math import log2
from typing import Literal, NamedTuple

from blueprints.routing.rules.parameters import number, parameters

PartCode = Literal["response", "acceptance", "satisfaction", "conversion", "cancellation", "freshness"]
PARTS: tuple[PartCode, ...] = (
    "response", "acceptance", "satisfaction", "conversion", "cancellation", "freshness",
)
DAY = timedelta(days=1)
REACH = 400
"""Half-lives within which weights can be told in numbers."""
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


Measure = Callable[[Outcome], float | None]
MEASURES: dict[PartCode, Measure] = {
    "response": lambda outcome: outcome.response_minutes,
    "acceptance": lambda outcome: outcome.is_accepted,
    "satisfaction": lambda outcome: outcome.satisfaction,
    "conversion": lambda outcome: outcome.is_won,
    "cancellation": lambda outcome: outcome.is_returned,
}
"""What outcomes tell of each part."""


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

    @cached_property
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


class RunningRating:
    """A rating kept up as outcomes become known one by one; `rate` is the same done at once.

    All outcomes fade alike, so each is weighed once, as of `since`, and their sum fades as a whole.
    """

    def __init__(self, policy: RatingPolicy, since: datetime, outcomes: Iterable[Outcome] = ()) -> None:
        self._policy, self._since = policy, since
        weighed = [(each, self._faded(each.at, -1)) for each in outcomes]
        self._all = _Measured([(1.0, weight) for _outcome, weight in weighed])
        self._measured = {code: _Measured(_pairs(weighed, measure)) for code, measure in MEASURES.items()}

    def change(self, before: Outcome | None, after: Outcome | None) -> None:
        """What was known of a lead as `before` is known as `after` now, of the same instant; None: nothing."""
        known = after or before
        if known is None:
            return
        weight = self._faded(known.at, -1)
        self._all.change(before and 1.0, after and 1.0, weight)
        for code, measure in MEASURES.items():
            self._measured[code].change(before and measure(before), after and measure(after), weight)

    def reaches(self, at: datetime) -> bool:
        """Whether weights as of `since` still tell apart what happens at `at`; beyond, begin a new one."""
        return abs((at - self._since) / DAY) < REACH * self._policy.half_life_days

    def parts(self, at: datetime, stock: StockAge | None = None) -> tuple[Part, ...]:
        """The sides of the rating as of `at`; no outcome may be of later."""
        faded, policy = self._faded(at), self._policy
        parts = [_part(code, measured, faded, policy) for code, measured in self._measured.items()]
        age = _drawn("freshness", stock.days, stock.lines, policy, stock.lines) if stock else None
        return *parts, age or _unknown("freshness", policy)

    def count(self, at: datetime) -> float:
        """How many outcomes there are by their weight as of `at`."""
        return self._all.count * self._faded(at)

    def _faded(self, at: datetime, sign: int = 1) -> float:
        return float(0.5 ** (sign * (at - self._since).total_seconds() / 86_400 / self._policy.half_life_days))


def rate(
    outcomes: Sequence[Outcome], at: datetime, policy: RatingPolicy = RatingPolicy(), stock: StockAge | None = None
) -> Rating:
    """Rate a dealer as of `at` (aware); outcomes after it are not known yet and do not count."""
    running = RunningRating(policy, at, (each for each in outcomes if each.at <= at))
    parts = running.parts(at, stock)
    hints = sorted(_hints(parts, policy), key=lambda hint: -hint.gain)
    return Rating(score_of(parts, policy), running.count(at), parts, tuple(hints))


def score_of(parts: Iterable[Part], policy: RatingPolicy) -> float:
    """The whole by the weights of its parts."""
    return sum(policy.weight(part.code) * part.score for part in parts) / policy.whole


def weighted_median(pairs: Weighted) -> float:
    """The value at which half of the weight is reached; pairs in order, one at least."""
    reached = list(accumulate([weight for _value, weight in pairs]))
    return pairs[bisect_left(reached, reached[-1] / 2)][0]


def _pairs(weighed: Iterable[tuple[Outcome, float]], measure: Measure) -> Weighted:
    return [(float(value), weight) for each, weight in weighed if (value := measure(each)) is not None]


class _Measured:
    """What one side of the rating was measured at, in order, with running sums."""

    __slots__ = ("count", "pairs", "total")

    def __init__(self, pairs: Weighted) -> None:
        self.pairs = sorted(pairs)
        self._sum()

    def change(self, before: float | None, after: float | None, weight: float) -> None:
        """One value in place of another; None: there is none."""
        if before == after:
            return
        if before is not None:
            del self.pairs[bisect_left(self.pairs, (float(before), weight))]
            self._sum()  # anew: sums that are subtracted from lose their digits
        if after is not None:
            insort(self.pairs, (float(after), weight))
            self.count, self.total = self.count + weight, self.total + after * weight

    def _sum(self) -> None:
        self.count = float(sum([weight for _value, weight in self.pairs]))
        self.total = float(sum([value * weight for value, weight in self.pairs]))


def _part(code: PartCode, measured: _Measured, faded: float, policy: RatingPolicy) -> Part:
    if not measured.count * faded:
        return _unknown(code, policy)
    value = weighted_median(measured.pairs) if code == "response" else measured.total / measured.count
    return _drawn(code, value, measured.count * faded, policy, len(measured.pairs))


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
