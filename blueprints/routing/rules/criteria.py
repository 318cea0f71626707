"""The criteria dealers are ranked by, each a small class (see `criterion`); `ground` `standing` `ability` hold more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache, partial
from math import asin, cos, pi, sin, sqrt
from typing import ClassVar, Literal

from app.kernel.ids import ProductId
from blueprints.routing.rules.ability import EARTH_DIAMETER_KM, Certificate, Delivery, Price
from blueprints.routing.rules.criterion import Criterion, Judge, Memo, Otherwise, refusal
from blueprints.routing.rules.facts import Candidate, Demand, Line, Stock, Verdict
from blueprints.routing.rules.ground import Exclusivity, Territory
from blueprints.routing.rules.parameters import choice, number
from blueprints.routing.rules.standing import FairShare, Response, RoundRobin, Tier
from blueprints.routing.rules.windows import WorkingHours

DEGREE = pi / 180
HALF_DEGREE = pi / 360
NO_GOODS = Verdict(1.0, "goods.none")


@dataclass(frozen=True, kw_only=True)
class OwnDealer(Criterion):
    """The dealer who already serves this customer comes first."""

    code: ClassVar[str] = "own_dealer"

    def judging(self, demand: Demand) -> Judge:
        """1 for the customer's own dealer, 0 for the others; all equal if he has none."""
        if demand.own_dealer_id is None:
            none = Verdict(1.0, "own_dealer.none")
            return lambda candidate: none
        own, his, other = demand.own_dealer_id, Verdict(1.0, "own_dealer.his"), Verdict(0.0, "own_dealer.other")
        return lambda candidate: his if candidate.dealer_id == own else other


@dataclass(frozen=True, kw_only=True)
class StockNow(Criterion):
    """Whether the goods lie at the dealer now; between all and nothing counts the share of pieces."""

    code: ClassVar[str] = "stock_now"
    missing: Otherwise = choice("exclude", "last")
    partial: Literal["rank", "exclude"] = choice("rank", "exclude")

    def judging(self, demand: Demand) -> Judge:
        """1 when every line is covered; a demand without lines asks for no stock, a wish excludes nobody."""
        if demand.is_wish and "exclude" in (self.missing, self.partial):
            return self._of_wishes.judging(demand)
        lines, count = demand.lines, len(demand.lines)
        wanted = sum(line.quantity for line in lines)
        if not lines:
            return lambda candidate: NO_GOODS
        everything, nothing = Verdict(1.0, "stock_now.all"), refusal(self.missing, "stock_now.none")
        by_share = Memo(lambda share: self._some(share[0], count, share[1], wanted) if share[1] else nothing)

        def judge(candidate: Candidate) -> Verdict:
            stock = candidate.stock
            for product_id, quantity in lines:  # most have it all: whoever has not is looked at again
                have = stock.get(product_id)
                if have is None or have[0] < quantity:
                    return by_share[_share(stock, lines)]
            return everything

        return judge

    @cached_property
    def _of_wishes(self) -> StockNow:
        return replace(self, missing="last", partial="rank")

    def _some(self, full: int, lines: int, pieces: int, wanted: int) -> Verdict:
        if self.partial == "exclude":
            return Verdict(None, "stock_now.partial", (full, lines, pieces, wanted))
        return self.verdict(pieces / wanted, "stock_now.partial", full, lines, pieces, wanted)


def _share(stock: Mapping[ProductId, Stock], lines: Iterable[Line]) -> tuple[int, int]:
    """Lines the stock covers whole, and pieces it has of all lines."""
    full = pieces = 0
    for product_id, quantity in lines:
        have = stock.get(product_id)
        there = min(have.available, quantity) if have else 0
        full += there == quantity
        pieces += max(0, there)
    return full, pieces


@dataclass(frozen=True, kw_only=True)
class Freshness(Criterion):
    """How old the dealer's stock data is: worth half after `half_life_days`, nothing beyond `limit_days`."""

    code: ClassVar[str] = "freshness"
    half_life_days: float = number(3, unit="days", least=0.01)
    limit_days: float | None = number(None, unit="days", least=0)
    stale: Otherwise = choice("exclude", "last")

    def judging(self, demand: Demand) -> Judge:
        """By the oldest report among the lines the dealer keeps; none at all is as bad as stale.

        A wish excludes nobody.
        """
        if demand.is_wish and self.stale == "exclude":
            return self._of_wishes.judging(demand)
        if not demand.lines:
            return lambda candidate: NO_GOODS
        products, at, by_age = [line.product_id for line in demand.lines], demand.at, self._by_age
        unknown = refusal(self.stale, "freshness.unknown")

        def judge(candidate: Candidate) -> Verdict:
            stock, oldest = candidate.stock, None
            for product_id in products:
                known = stock.get(product_id)
                if known is not None and (oldest is None or known[1] < oldest):
                    oldest = known[1]
            if oldest is None:
                return unknown
            age = at - oldest
            return by_age[age.days * 24 + age.seconds // 3600]

        return judge

    @cached_property
    def _of_wishes(self) -> Freshness:
        return replace(self, stale="last")

    @cached_property
    def _by_age(self) -> Memo:
        return Memo(self._aged)

    def _aged(self, hours: int) -> Verdict:
        hours = max(0, hours)
        if self.limit_days is not None and hours >= self.limit_days * 24:
            return refusal(self.stale, "freshness.stale", hours // 24, self.limit_days)
        score = 0.5 ** (hours / 24 / self.half_life_days)
        if hours < 48:
            return self.verdict(score, "freshness.hours", hours)
        return self.verdict(score, "freshness.days", hours // 24)


@dataclass(frozen=True, kw_only=True)
class Distance(Criterion):
    """Kilometres along the great circle from the customer's city to the dealer: half as good at `scale_km`."""

    code: ClassVar[str] = "distance"
    scale_km: float = number(100, unit="km", least=1)
    limit_km: float | None = number(None, unit="km", least=0)
    beyond: Otherwise = choice("exclude", "last")

    def judging(self, demand: Demand) -> Judge:
        """`scale / (scale + km)` by the haversine formula; a place that is not known ranks last."""
        unknown = Verdict(0.0, "distance.unknown")
        if demand.lat is None or demand.lon is None:
            return lambda candidate: unknown
        lat, lon, cos_lat, by_km = demand.lat, demand.lon, cos(demand.lat * DEGREE), self._by_km

        def judge(candidate: Candidate) -> Verdict:
            if candidate.lat is None or candidate.lon is None:
                return unknown
            north = sin((candidate.lat - lat) * HALF_DEGREE)
            east = sin((candidate.lon - lon) * HALF_DEGREE)
            chord = north * north + cos_lat * cos(candidate.lat * DEGREE) * east * east
            return by_km[int(EARTH_DIAMETER_KM * asin(sqrt(chord) if chord < 1 else 1.0) + 0.5)]

        return judge

    @cached_property
    def _by_km(self) -> Memo:
        return Memo(self._away)

    def _away(self, km: int) -> Verdict:
        if self.limit_km is not None and km > self.limit_km:
            return refusal(self.beyond, "distance.too_far", km, self.limit_km)
        return self.verdict(self.scale_km / (self.scale_km + km), "distance.km", km)


@dataclass(frozen=True, kw_only=True)
class RatingCriterion(Criterion):
    """How well the dealer did, drawn to `prior` as if by `confidence` further outcomes: few prove little."""

    code: ClassVar[str] = "rating"
    prior: float = number(0.6, least=0, most=1)
    confidence: float = number(5, unit="outcomes", least=0)

    def judging(self, demand: Demand) -> Judge:
        """The mean of his outcomes and the prior's; a dealer without outcomes has the prior."""
        by_rating, none = self._by_rating, self.verdict(self.prior, "rating.none")

        def judge(candidate: Candidate) -> Verdict:
            rating, count = candidate.rating, int(candidate.rating_count)
            if rating is None or count <= 0:
                return none
            return by_rating[int(rating * 100 + 0.5), count]

        return judge

    @cached_property
    def _by_rating(self) -> Memo:
        return Memo(self._known)

    def _known(self, rating: tuple[int, int]) -> Verdict:
        percent, count = rating
        score = (percent / 100 * count + self.prior * self.confidence) / (count + self.confidence)
        return self.verdict(score, "rating.known", percent, count)


@dataclass(frozen=True, kw_only=True)
class Capacity(Criterion):
    """Room left today: the lesser of the dealer's own daily cap and HQ's for his tier; and offers not yet answered."""

    code: ClassVar[str] = "capacity"
    daily: int | None = number(None, unit="leads", least=0)
    daily_premium: int | None = number(None, unit="leads", least=0)
    daily_partner: int | None = number(None, unit="leads", least=0)
    daily_standard: int | None = number(None, unit="leads", least=0)
    open_offers: int | None = number(None, unit="offers", least=1)

    def judging(self, demand: Demand) -> Judge:
        """The free share of the day's cap; a full day or too many unanswered offers exclude."""
        by_tier, daily, limit, by_load = self._by_tier, self.daily, self.open_offers, self._by_load
        unlimited = Verdict(1.0, "capacity.unlimited")

        def judge(candidate: Candidate) -> Verdict:
            if limit is not None and candidate.open_offers >= limit:
                return Verdict(None, "capacity.unanswered", (candidate.open_offers, limit))
            cap, own = by_tier.get(candidate.tier, daily), candidate.capacity
            if own is not None and (cap is None or own < cap):
                cap = own
            return unlimited if cap is None else by_load[candidate.today_count, cap]

        return judge

    def room(self, candidate: Candidate) -> int | None:
        """Leads he may still be offered now; `None`: any number."""
        caps = [cap for cap in (self._by_tier.get(candidate.tier, self.daily), candidate.capacity) if cap is not None]
        rooms = [min(caps) - candidate.today_count] if caps else []
        if self.open_offers is not None:
            rooms.append(self.open_offers - candidate.open_offers)
        return max(0, min(rooms)) if rooms else None

    @cached_property
    def _by_tier(self) -> dict[str | None, int]:
        caps = {"premium": self.daily_premium, "partner": self.daily_partner, "standard": self.daily_standard}
        return {tier: cap for tier, cap in caps.items() if cap is not None}

    @cached_property
    def _by_load(self) -> Memo:
        return Memo(self._load)

    def _load(self, load: tuple[int, int]) -> Verdict:
        today, cap = load
        if today >= cap:
            return Verdict(None, "capacity.full", (cap,))
        return self.verdict(1 - today / cap, "capacity.load", today, cap)


@dataclass(frozen=True, kw_only=True)
class Hours(Criterion):
    """How soon somebody is there: open now is best, opening later than `within_hours` is too late."""

    code: ClassVar[str] = "working_hours"
    within_hours: float = number(16, unit="hours", least=0.25, most=336)
    later: Otherwise = choice("last", "exclude")

    def judging(self, demand: Demand) -> Judge:
        """Falls evenly from 1 (open) to 0; equal hours are worked out once."""
        by_hours = self._by_hours(demand.at)
        return lambda candidate: by_hours[candidate.hours]

    @cached_property
    def _by_hours(self) -> Callable[[datetime], Memo]:
        return lru_cache(maxsize=4)(lambda at: Memo(partial(self._opening, at)))  # leads placed together share it

    def _opening(self, at: datetime, hours: WorkingHours | None) -> Verdict:
        if hours is None:
            return Verdict(0.0, "working_hours.unknown")
        opens = hours.next_opening(at)
        if opens is None:
            return refusal(self.later, "working_hours.never")
        wait = (opens - at) / timedelta(hours=1)
        if not wait:
            return Verdict(1.0, "working_hours.open")
        if wait > self.within_hours:
            return refusal(self.later, "working_hours.too_late", int(wait))
        return self.verdict(1 - wait / self.within_hours, "working_hours.opens_in", int(wait))


CRITERIA: dict[str, type[Criterion]] = {
    each.code: each
    for each in (
        OwnDealer, Territory, Exclusivity, StockNow, Freshness, Distance, RatingCriterion, Capacity, Hours, Tier,
        Response, FairShare, RoundRobin, Certificate, Price, Delivery,
    )
}
