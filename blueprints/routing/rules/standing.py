"""Criteria of a dealer's standing: his tier, how fast he answers, how many leads he had lately, whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import ClassVar

from blueprints.routing.rules.criterion import Criterion, Judge, Memo, Otherwise, refusal
from blueprints.routing.rules.facts import Candidate, Demand, Verdict
from blueprints.routing.rules.parameters import choice, number

TWO_DAYS, YEAR = 2 * 1440, 365 * 1440
"""In minutes."""


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


@dataclass(frozen=True, kw_only=True)
class RoundRobin(Criterion):
    """Whose turn it is: who waited longest since he was last offered a lead comes first."""

    code: ClassVar[str] = "round_robin"
    half_hours: float = number(24, unit="hours", least=0.1)
    precision: float = number(0.001, least=0.001, most=1)

    def judging(self, demand: Demand) -> Judge:
        """Rises with the wait: half at `half_hours`; who was never offered one stands first."""
        at, by_minutes, never = demand.at, self._by_minutes, Verdict(1.0, "round_robin.never")

        def judge(candidate: Candidate) -> Verdict:
            last = candidate.last_offer_at
            return never if last is None else by_minutes[waited(at - last)]

        return judge

    @cached_property
    def _by_minutes(self) -> Memo:
        return Memo(self._waiting)

    def _waiting(self, minutes: int) -> Verdict:
        score = minutes / (minutes + self.half_hours * 60)
        if minutes < 60:
            return self.verdict(score, "round_robin.minutes", minutes)
        if minutes < TWO_DAYS:
            return self.verdict(score, "round_robin.hours", minutes // 60)
        return self.verdict(score, "round_robin.days", minutes // 1440)


def waited(wait: timedelta) -> int:
    """Minutes of a wait as far as they are told: whole hours from one hour on, whole days from two."""
    minutes = min(max(0, int(wait.total_seconds()) // 60), YEAR)
    unit = 1 if minutes < 60 else 60 if minutes < TWO_DAYS else 1440
    return minutes // unit * unit
