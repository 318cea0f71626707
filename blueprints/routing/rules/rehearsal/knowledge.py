"""What was known at an instant: ratings, records and stock, going forward in time and never back.

Stock then is, in this order: what the dealer had reported by then (the history of reports); what the kept explanation
of the very lead says of it; else drawn by how often he had the goods asked for until then. Which of them it was is
counted, because a rehearsal that guesses much proves little.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from app.kernel.ids import ProductId, TenantId
from blueprints.routing.rules.ability import price_percent
from blueprints.routing.rules.explain import told
from blueprints.routing.rules.facts import Demand, Ground, Line, Stock
from blueprints.routing.rules.rating import Outcome, RatingPolicy, RunningRating, score_of
from blueprints.routing.rules.rehearsal.past import Fact, History, PastLead, Report
from blueprints.routing.rules.rehearsal.record import Records, Tally

OUTCOMES = 1000
"""So many of a dealer's latest outcomes make his rating."""
SAMPLE = 40
"""Of so many dealers at most an explanation teaches what they usually have."""
USUAL_STOCK, USUAL_AGE = 0.6, 24.0
ENOUGH, NEVER = 100_000, -1.0
REPORTED, EXPLAINED, DRAWN = "reported", "explained", "drawn"


class Seen(NamedTuple):
    """What a dealer had of the goods of a lead, how that is known, and of which report where it is reported."""

    levels: Mapping[ProductId, Stock]
    how: str
    reported_at: datetime | None = None


class Place(NamedTuple):
    """Whose areas hold a place, and who of them serve it exclusively."""

    grounds: Mapping[TenantId, Ground]
    alone: frozenset[TenantId]


class Standing(NamedTuple):
    """A dealer's rating as it was."""

    score: float | None
    count: float
    response: float | None


UNRATED = Standing(None, 0, None)


class _Dealer:
    """What is known of one dealer."""

    __slots__ = (
        "age", "asked", "changed_at", "has", "latest", "levels", "outcomes", "ratings", "reported_at", "seen",
        "standings",
    )

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.latest: dict[str, Outcome] = {}
        self.ratings: dict[int, RunningRating] = {}
        self.standings: dict[int, Standing] = {}
        self.changed_at: datetime | None = None
        self.levels: dict[ProductId, int] = {}
        self.reported_at: datetime | None = None
        self.asked: dict[ProductId, Stock] = {}
        self.seen = Seen(self.asked, REPORTED)
        self.has, self.age = Tally(), Tally()

    def read(self, report: Report) -> None:
        """Take in what he reported."""
        self.levels.update(report.levels)
        self.reported_at, self.asked = report.at, {}
        self.seen = Seen(self.asked, REPORTED, report.at)

    def reported(self, lines: tuple[Line, ...]) -> Seen:
        """What his reports say; of goods that are asked for again it is told but once a report."""
        asked = self.asked
        for product_id, _quantity in lines:
            if product_id not in asked and self.reported_at and product_id in self.levels:
                asked[product_id] = Stock(self.levels[product_id], self.reported_at)
        return self.seen

    def learn(self, fact: Fact) -> Outcome | None:
        """Take in a fact; answers what was known of the same lead before."""
        key, after = fact.key, fact.outcome
        before = self.outcomes.get(key)
        self.outcomes[key], self.changed_at = after, fact.at
        self.standings.clear()
        self.ratings = {rater: each for rater, each in self.ratings.items() if each.reaches(fact.at)}
        if before is None or key in self.latest:
            self.latest[key] = after
            self._rate(before, after)
        if len(self.latest) > OUTCOMES:
            self._rate(self.latest.pop(next(iter(self.latest))), None)
        return before

    def _rate(self, before: Outcome | None, after: Outcome | None) -> None:
        for rating in self.ratings.values():
            rating.change(before, after)

    def standing(self, rater: int, policy: RatingPolicy) -> Standing:
        """His rating as of what became known last, worked out once."""
        if self.changed_at is None:
            return UNRATED
        found = self.standings.get(rater)
        if found is None:
            rating = self.ratings.get(rater)
            if rating is None:
                rating = self.ratings[rater] = RunningRating(policy, self.changed_at, self.latest.values())
            parts = rating.parts(self.changed_at)
            response = next((part.value for part in parts if part.code == "response"), None)
            found = Standing(score_of(parts, policy), rating.count(self.changed_at), response)
            self.standings[rater] = found
        return found


class Knowledge:
    """Facts and reports are taken in as time goes on."""

    def __init__(self, history: History, seed: int) -> None:
        self._facts, self._next_fact = history.facts, 0
        self._reports, self._next_report = history.reports, 0
        self._dealers: dict[TenantId, _Dealer] = {each: _Dealer() for each in history.dealers}
        self._serving = {each for each, dealer in history.dealers.items() if not dealer.candidate.is_suspended}
        self._grounds, self._places = history.grounds, {}
        self._prices, self._recommended = history.prices, history.recommended
        self._policies: list[RatingPolicy] = []
        self.records = Records()
        self.seed = seed

    _places: dict[object, Place]

    def place(self, demand: Demand) -> Place:
        """Whose area the customer's place is in, for the goods he wants."""
        key = (demand.city_id, demand.region_code, demand.lat, demand.lon, demand.categories)
        found = self._places.get(key)
        if found is None:
            grounds = self._grounds(demand)
            alone = frozenset(
                each for each, ground in grounds.items() if ground.is_exclusive and each in self._serving
            )
            found = self._places[key] = Place(grounds, alone)
        return found

    def advance(self, at: datetime) -> None:
        """Take in all that was known by `at`."""
        facts, place = self._facts, self._next_fact
        while place < len(facts) and facts[place].at <= at:
            self._learn(facts[place])
            place += 1
        self._next_fact = place
        reports, place = self._reports, self._next_report
        while place < len(reports) and reports[place].at <= at:
            self._read(reports[place])
            place += 1
        self._next_report = place

    def rater(self, policy: RatingPolicy) -> int:
        """The number to ask `standing` by for ratings made in this way."""
        if policy not in self._policies:
            self._policies.append(policy)
        return self._policies.index(policy)

    def standing(self, dealer_id: TenantId, rater: int) -> Standing:
        """His rating as it was worked out when something became known of him last."""
        return self._dealers[dealer_id].standing(rater, self._policies[rater])

    def price_percent(self, dealer_id: TenantId, demand: Demand) -> int:
        """What the goods cost at the dealer in per cent of the recommended price."""
        own = self._prices.get(dealer_id)
        percent = price_percent(demand.lines, own, self._recommended) if own and demand.lines else None
        return 100 if percent is None else percent

    def stock(self, lead: PastLead, dealer_id: TenantId, at: datetime) -> Seen:
        """What he had of the goods of this lead, and how that is known."""
        known, lines = self._dealers[dealer_id], lead.demand.lines
        if known.reported_at is not None:
            return known.reported(lines)
        pieces, age = _explained(lead, dealer_id)
        if age == NEVER:
            return Seen({}, EXPLAINED)
        how = DRAWN if pieces is None else EXPLAINED
        if pieces is None:
            pieces = self._drawn(known, lead, dealer_id, at)
        if age is None:
            age = known.age.mean(at.timestamp(), USUAL_AGE)[0]
        reported = lead.demand.at - timedelta(hours=age)
        return Seen({line.product_id: Stock(have, reported) for line, have in zip(lines, pieces, strict=True)}, how)

    def remember_stock(self, lead: PastLead) -> None:
        """Count what the explanation of a lead says of stock, for leads to come of which nothing is said."""
        if lead.told is None or not lead.demand.lines:
            return
        second, said = lead.demand.at.timestamp(), list(lead.told["lines"])
        for dealer_id in said[:: 1 + len(said) // SAMPLE]:
            known = self._dealers.get(dealer_id)
            if known is None:
                continue
            pieces, age = _explained(lead, dealer_id)
            if pieces is not None:
                wanted = (line.quantity for line in lead.demand.lines)
                known.has.add(all(have >= want for have, want in zip(pieces, wanted, strict=True)), second)
            if age is not None and age != NEVER:
                known.age.add(age, second)

    def _learn(self, fact: Fact) -> None:
        known = self._dealers.get(fact.dealer_id)
        if known is None:
            return
        before, after = known.learn(fact), fact.outcome
        if before is None and after.is_accepted is not None:
            self.records.answered(fact.dealer_id, fact.at, after.is_accepted, after.response_minutes)
        if after.is_won is not None and (before is None or before.is_won is None):
            self.records.ended(fact.dealer_id, fact.at, fact.is_order, after.is_won)

    def _read(self, report: Report) -> None:
        known = self._dealers.get(report.dealer_id)
        if known is not None:
            known.read(report)

    def _drawn(self, known: _Dealer, lead: PastLead, dealer_id: TenantId, at: datetime) -> list[int]:
        """All of it or nothing, by how often he had the goods."""
        chance = known.has.mean(at.timestamp(), USUAL_STOCK)[0]
        has = unit(self.seed, lead.demand.lead_id, dealer_id, "stock") < chance
        return [ENOUGH if has else 0 for _line in lead.demand.lines]


def unit(seed: int, lead_id: str, dealer_id: str, about: str) -> float:
    """A number from 0 up to 1 by chance, the same whenever it is asked."""
    digest = blake2b(f"{seed} {lead_id} {dealer_id} {about}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _explained(lead: PastLead, dealer_id: TenantId) -> tuple[list[int] | None, float | None]:
    """What the kept reasons say he had of each line, and how many hours ago he reported; None where they are silent."""
    said = told(lead.told, dealer_id) if lead.told is not None else None
    if said is None:
        return None, None
    reasons = {verdict.reason: verdict.values for verdict in said.verdicts}
    return _pieces(lead.demand.lines, reasons), _age(reasons)


def _pieces(lines: tuple[Line, ...], reasons: Mapping[str, Any]) -> list[int] | None:
    """Pieces of each line; of a part it is known how many lines are whole, not which: the first are taken to be."""
    if "stock_now.all" in reasons:
        return [line.quantity for line in lines]
    if "stock_now.none" in reasons:
        return [0] * len(lines)
    if "stock_now.partial" not in reasons:
        return None
    full, _count, left, _wanted = (int(value) for value in reasons["stock_now.partial"])
    pieces = []
    for place, line in enumerate(lines):
        have = min(left, line.quantity if place < full else max(0, line.quantity - 1))
        pieces.append(have)
        left -= have
    return pieces


def _age(reasons: Mapping[str, Any]) -> float | None:
    """Hours since his report; `NEVER` when he had reported none of the goods."""
    if "freshness.unknown" in reasons:
        return NEVER
    if "freshness.hours" in reasons:
        return float(reasons["freshness.hours"][0])
    for reason in ("freshness.days", "freshness.stale"):
        if reason in reasons:
            return float(reasons[reason][0]) * 24
    return None
