"""Criteria of what a dealer can do for this customer: his certificates, his price, how far he brings the goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from math import asin, cos, pi, sin, sqrt
from typing import ClassVar
from zoneinfo import ZoneInfo

from blueprints.routing.rules import facts
from blueprints.routing.rules.criterion import Criterion, Judge, Memo, Otherwise, refusal
from blueprints.routing.rules.facts import Candidate, Demand, Line, Verdict
from blueprints.routing.rules.parameters import choice, number, word

EARTH_DIAMETER_KM = 12_742.0176
OFFICE = ZoneInfo("Europe/Moscow")
"""Days and hours of conditions, daily limits and certificates are HQ's."""


def as_number(day: datetime) -> int:
    """The day of an instant at HQ's office as a number that reasons can carry: counted from the year one."""
    return day.astimezone(OFFICE).toordinal()


@dataclass(frozen=True, kw_only=True)
class Certificate(Criterion):
    """Whether the dealer holds certificates of a scheme that are valid at this minute; without a scheme, of any."""

    code: ClassVar[str] = "certificate"
    scheme: str | None = word()
    at_least: float = number(1, least=1, most=99)
    missing: Otherwise = choice("exclude", "last")

    def judging(self, demand: Demand) -> Judge:
        """1 for who holds enough; what ended last is the reason for who does not."""
        by_papers = Memo(partial(self._counted, demand.at))
        return lambda candidate: by_papers[candidate.certificates]

    def _counted(self, at: datetime, papers: Iterable[facts.Certificate]) -> Verdict:
        known = [each for each in papers if each.since <= at and self.scheme in (None, each.scheme)]
        valid = sum(at < each.until for each in known)
        if valid >= self.at_least:
            return Verdict(1.0, self._reason("held"), (valid,))
        ended = [each for each in known if each.until <= at]
        if not ended:
            return refusal(self.missing, self._reason("too_few"), valid, self.at_least)
        last = max(ended, key=lambda each: each.until)
        why = "revoked" if last.is_revoked else "expired"
        day = last.until if last.is_revoked else last.until - timedelta(seconds=1)
        return refusal(self.missing, self._reason(why), as_number(day))

    def _reason(self, why: str) -> str:
        named = "_".join((self.scheme or "").split())
        return f"certificate.{why}:{named}" if named else f"certificate.{why}"


@dataclass(frozen=True, kw_only=True)
class Price(Criterion):
    """The dealer's own price of these goods against the recommended one; at that price he is worth half."""

    code: ClassVar[str] = "price"
    span_percent: float = number(20, unit="percent", least=1, most=100)
    limit_percent: float | None = number(None, unit="percent", least=0)
    dearer: Otherwise = choice("exclude", "last")

    def judging(self, demand: Demand) -> Judge:
        """Rises evenly as he is cheaper, to 1 at the recommended price less the span; who names none sells at it."""
        if not demand.lines:
            none = Verdict(1.0, "goods.none")
            return lambda candidate: none
        by_percent = self._by_percent
        return lambda candidate: by_percent[candidate.price_percent]

    @cached_property
    def _by_percent(self) -> Memo:
        return Memo(self._against)

    def _against(self, percent: int) -> Verdict:
        dearer = percent - 100
        if self.limit_percent is not None and dearer > self.limit_percent:
            return refusal(self.dearer, "price.too_high", dearer, self.limit_percent)
        score = min(1.0, max(0.0, 0.5 - dearer / self.span_percent / 2))
        if not dearer:
            return self.verdict(score, "price.recommended")
        return self.verdict(score, "price.dearer" if dearer > 0 else "price.cheaper", abs(dearer))


@dataclass(frozen=True, kw_only=True)
class Delivery(Criterion):
    """Whether the dealer brings goods to the customer's place: by the distance and the regions he told."""

    code: ClassVar[str] = "delivery"
    outside: Otherwise = choice("exclude", "last")
    untold: float = number(0.5, least=0, most=1)

    def judging(self, demand: Demand) -> Judge:
        """1 where he delivers; who told nothing has the worth of `untold`; who fetches the goods needs nobody's van."""
        if demand.is_fetched:
            fetched = Verdict(1.0, "delivery.fetched")
            return lambda candidate: fetched
        region, untold = demand.region_code, self.verdict(self.untold, "delivery.untold")
        here, outside = Verdict(1.0, "delivery.region"), refusal(self.outside, "delivery.outside")

        def judge(candidate: Candidate) -> Verdict:
            if candidate.delivers_to is None and candidate.delivers_km is None:
                return untold
            if candidate.delivers_to and region in candidate.delivers_to:
                return here
            return self._by_distance(demand, candidate, candidate.delivers_km) if candidate.delivers_km else outside

        return judge

    def _by_distance(self, demand: Demand, candidate: Candidate, reach: float) -> Verdict:
        km = kilometres(demand, candidate)
        if km is None:
            return self.verdict(self.untold, "delivery.unknown")
        if km <= reach:
            return Verdict(1.0, "delivery.near", (km, reach))
        return refusal(self.outside, "delivery.too_far", km, reach)


def price_percent(lines: Iterable[Line], own: Mapping[int, int], recommended: Mapping[int, int]) -> int | None:
    """What the goods cost at the dealer in per cent of the recommended price; what has none is left out."""
    priced = [(line.quantity, line.product_id) for line in lines if recommended.get(line.product_id)]
    usual = sum(quantity * recommended[product] for quantity, product in priced)
    his = sum(quantity * own.get(product, recommended[product]) for quantity, product in priced)
    return int(100 * his / usual + 0.5) if usual else None


def kilometres(demand: Demand, candidate: Candidate) -> int | None:
    """Along the great circle from the customer's city to the dealer; `None` where a place is not known."""
    if demand.lat is None or demand.lon is None or candidate.lat is None or candidate.lon is None:
        return None
    half = pi / 360
    north, east = sin((candidate.lat - demand.lat) * half), sin((candidate.lon - demand.lon) * half)
    chord = north * north + cos(demand.lat * 2 * half) * cos(candidate.lat * 2 * half) * east * east
    return int(EARTH_DIAMETER_KM * asin(min(1.0, sqrt(chord))) + 0.5)
