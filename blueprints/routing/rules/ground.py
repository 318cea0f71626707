"""Criteria of right: in whose area the customer's place lies, and who is promised to be alone there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from blueprints.routing.rules.criterion import Criterion, Judge, Memo, Otherwise, refusal
from blueprints.routing.rules.facts import Candidate, Demand, Ground, Verdict
from blueprints.routing.rules.parameters import choice, flag, number


@dataclass(frozen=True, kw_only=True)
class Territory(Criterion):
    """Whose place it is: exclusive before primary before shared before outside."""

    code: ClassVar[str] = "territory"
    outside: Otherwise = choice("exclude", "last")
    primary: float = number(0.8, least=0, most=1)
    shared: float = number(0.6, least=0, most=1)
    keeps_customers: bool = flag(False)

    def judging(self, demand: Demand) -> Judge:
        """By the kind of the area that holds the customer's place.

        `keeps_customers` counts the customer's own dealer as exclusive.
        """
        if demand.region_code is None and demand.lat is None:
            unknown = Verdict(0.0, "territory.unknown")
            return lambda candidate: unknown
        own = demand.own_dealer_id if self.keeps_customers else None
        customer, outside = Verdict(1.0, "territory.customer"), refusal(self.outside, "territory.outside")
        by_ground = self._by_ground

        def judge(candidate: Candidate) -> Verdict:
            if own is not None and candidate.dealer_id == own:
                return customer
            ground = candidate.territory
            return outside if ground is None else by_ground[ground]

        return judge

    @cached_property
    def _by_ground(self) -> Memo:
        return Memo(self._inside)

    def _inside(self, ground: Ground) -> Verdict:
        if not ground.is_for_goods:
            return refusal(self.outside, "territory.other_goods", ground.number)
        score = {"exclusive": 1.0, "primary": self.primary, "shared": self.shared}[ground.kind]
        return self.verdict(score, f"territory.{ground.kind}", ground.number)


@dataclass(frozen=True, kw_only=True)
class Exclusivity(Criterion):
    """Where a dealer is promised to be the only one, he is asked alone, or before all others."""

    code: ClassVar[str] = "exclusivity"
    others: Otherwise = choice("exclude", "last")

    def judging(self, demand: Demand) -> Judge:
        """All are equal where nobody is exclusive; the promise of a suspended dealer binds nobody."""
        taken = refusal(self.others, "exclusivity.taken")
        his, free = Verdict(1.0, "exclusivity.his"), Verdict(1.0, "exclusivity.free")

        def judge(candidate: Candidate) -> Verdict:
            if candidate.is_shut_out:
                return taken
            ground = candidate.territory
            return his if ground is not None and ground.is_exclusive else free

        return judge
