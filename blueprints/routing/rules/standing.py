"""Criteria of a dealer's standing: his tier, how fast he answers, how many leads he was given lately."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from blueprints.routing.rules.criterion import Criterion, Judge, Memo, Otherwise, refusal
from blueprints.routing.rules.facts import Candidate, Demand, Verdict
from blueprints.routing.rules.parameters import choice, number


@dataclass(frozen=True, kw_only=True)
class Tier(Criterion):
    """What the manufacturer's programme says of the dealer."""

    code: ClassVar[str] = "tier"
    premium: float = number(1, least=0, most=1)
    partner: float = number(0.7, least=0, most=1)
    standard: float = number(0.4, least=0, most=1)

    def judging(self, demand: Demand) -> Judge:
        """By the worth the profile gives each tier; one it does not know is worth nothing."""
        worth = {"premium": self.premium, "partner": self.partner, "standard": self.standard}
        by_tier = {tier: self.verdict(score, f"tier.{tier}") for tier, score in worth.items()}
        other = Verdict(0.0, "tier.other")
        return lambda candidate: by_tier.get(candidate.tier or "", other)


@dataclass(frozen=True, kw_only=True)
class Response(Criterion):
    """How fast the dealer answers offers: half as good at `scale_minutes` of working time."""

    code: ClassVar[str] = "response"
    scale_minutes: float = number(60, unit="minutes", least=1)
    limit_minutes: float | None = number(None, unit="minutes", least=1)
    slower: Otherwise = choice("exclude", "last")
    unknown: float = number(0.5, least=0, most=1)

    def judging(self, demand: Demand) -> Judge:
        """By the median of his answers; who has not answered yet has the worth of `unknown`."""
        by_minutes, unknown = self._by_minutes, self.verdict(self.unknown, "response.unknown")

        def judge(candidate: Candidate) -> Verdict:
            minutes = candidate.response_minutes
            return unknown if minutes is None else by_minutes[int(minutes + 0.5)]

        return judge

    @cached_property
    def _by_minutes(self) -> Memo:
        return Memo(self._fast)

    def _fast(self, minutes: int) -> Verdict:
        if self.limit_minutes is not None and minutes > self.limit_minutes:
            return refusal(self.slower, "response.too_slow", minutes, self.limit_minutes)
        return self.verdict(self.scale_minutes / (self.scale_minutes + minutes), "response.minutes", minutes)


@dataclass(frozen=True, kw_only=True)
class FairShare(Criterion):
    """Who was given the fewest leads in the last thirty days: half as good at `half` of them."""

    code: ClassVar[str] = "fair_share"
    half: float = number(10, unit="leads", least=1)

    def judging(self, demand: Demand) -> Judge:
        """Falls with every lead he was offered."""
        by_count = self._by_count
        return lambda candidate: by_count[candidate.recent_count]

    @cached_property
    def _by_count(self) -> Memo:
        return Memo(lambda count: self.verdict(self.half / (self.half + count), "fair_share.recent", count))
