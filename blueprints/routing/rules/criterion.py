"""What a criterion is: its parameters, and a judge made ready for one demand.

`judging(demand)` does once what depends on the demand alone, because a thousand candidates follow. A verdict follows
from the numbers it tells and from nothing finer: what is explained is what decided, and equal verdicts are made once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from blueprints.routing.rules.facts import Candidate, Demand, Verdict
from blueprints.routing.rules.parameters import number

Judge = Callable[[Candidate], Verdict]
Otherwise = Literal["exclude", "last"]


class Memo(dict[Any, Verdict]):
    """Verdicts by the number they follow from, each made when first wanted and kept over decisions."""

    def __init__(self, make: Callable[[Any], Verdict]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, number: Any) -> Verdict:
        verdict = self[number] = self.make(number)
        return verdict


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One question about every candidate. Scores are rounded to `precision`: near ones tie, and the next decides."""

    code: ClassVar[str]
    precision: float = number(0.01, least=0.001, most=1)

    def judging(self, demand: Demand) -> Judge:
        """A function that judges candidates for this demand."""
        raise NotImplementedError

    def judge(self, demand: Demand, candidate: Candidate) -> Verdict:
        """Judge a single candidate."""
        return self.judging(demand)(candidate)

    def verdict(self, score: float, reason: str, *values: float) -> Verdict:
        """A verdict that ranks, its score rounded."""
        return Verdict(min(1.0, int(score / self.precision + 0.5) * self.precision), reason, values)


def refusal(otherwise: Otherwise, reason: str, *values: float) -> Verdict:
    """The worst verdict: out of the ranking, or at its end."""
    return Verdict(None if otherwise == "exclude" else 0.0, reason, values)
