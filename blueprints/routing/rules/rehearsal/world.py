"""One way the period could have gone: dealers bear the load this world gave them, never another's.

Capacity, offers without an answer, the share of the last thirty days and goods already promised are all its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple

from app.kernel.ids import ProductId, TenantId
from blueprints.routing.rules.decide import bar, decide
from blueprints.routing.rules.exploring import is_drawn
from blueprints.routing.rules.facts import Candidate, Demand, Ground, Stock
from blueprints.routing.rules.profile import OFFICE, Profile, Strategy
from blueprints.routing.rules.rehearsal.knowledge import Knowledge, Place, Seen, Standing
from blueprints.routing.rules.rehearsal.past import PastDealer, PastLead, Taken
from blueprints.routing.rules.rehearsal.shortlist import Shortlist, in_order, judges_of, leading_of

RECENT = timedelta(days=30)
BROADCAST = "broadcast"
Look = dict[TenantId, Seen]
"""What is known of stock for one lead, by dealer, looked up once for all worlds."""


class Choice(NamedTuple):
    """Who is asked, the first of the ranking first, and in which way."""

    dealers: tuple[TenantId, ...]
    way: str


class _Load:
    """What one dealer has on his hands in this world."""

    __slots__ = ("day", "last", "left", "open", "promised", "recent", "reported_at", "today")

    def __init__(self) -> None:
        self.open, self.today = 0, 0
        self.day: date | None = None
        self.last: datetime | None = None
        self.recent: deque[datetime] = deque()
        self.promised: dict[ProductId, int] = {}
        self.left: dict[ProductId, Stock] = {}
        self.reported_at: datetime | None = None

    def promise(self, demand: Demand, seen: Seen | None, times: int) -> None:
        """Goods he is known to have are promised, or free again; his next report knows of what he sold."""
        if seen is None or seen.reported_at is None or demand.is_wish:
            return
        if seen.reported_at != self.reported_at:
            self.reported_at, self.promised, self.left = seen.reported_at, {}, {}
        for line in demand.lines:
            self.left.pop(line.product_id, None)
            self.promised[line.product_id] = max(0, self.promised.get(line.product_id, 0) + times * line.quantity)

    def take(self, at: datetime, *, is_refused: bool = False) -> None:
        """One more offer; a refused one is no load of its day."""
        self.recent.append(at)
        self.last = at
        if not is_refused:
            self.count_today(at)

    def count_today(self, at: datetime) -> None:
        """One more taken on that day."""
        day = _day(at)
        if self.day != day:
            self.day, self.today = day, 0
        self.today += 1


class _Now(Candidate):
    """A dealer at the moment his world decides; what changes is found out when a criterion asks, not before."""

    __slots__ = ("load", "world")
    load: _Load
    world: World

    @classmethod
    def of(cls, candidate: Candidate, world: World) -> _Now:
        """The dealer in that world."""
        now = cls.__new__(cls)
        for each in fields(candidate):
            if each.name not in CHANGING:
                object.__setattr__(now, each.name, getattr(candidate, each.name))
        object.__setattr__(now, "world", world)
        object.__setattr__(now, "load", _Load())
        return now

    @property
    def territory(self) -> Ground | None:
        return self.world.place.grounds.get(self.dealer_id)

    @property
    def is_shut_out(self) -> bool:
        return bool(self.world.place.alone) and self.dealer_id not in self.world.place.alone

    @property
    def rating(self) -> float | None:
        return self.world.standing(self.dealer_id).score

    @property
    def rating_count(self) -> float:
        return self.world.standing(self.dealer_id).count

    @property
    def response_minutes(self) -> float | None:
        return self.world.standing(self.dealer_id).response

    @property
    def open_offers(self) -> int:
        return self.load.open

    @property
    def today_count(self) -> int:
        return self.load.today if self.load.day == _day(self.world.at) else 0

    @property
    def recent_count(self) -> int:
        recent, since = self.load.recent, self.world.at - RECENT
        while recent and recent[0] < since:
            recent.popleft()
        return len(recent)

    @property
    def last_offer_at(self) -> datetime | None:
        return self.load.last

    @property
    def price_percent(self) -> int:
        return self.world.knowledge.price_percent(self.dealer_id, self.world.demand)

    @property
    def stock(self) -> Mapping[ProductId, Stock]:
        seen = self.world.look(self.dealer_id)
        promised = self.load.promised
        if not promised or seen.reported_at is None or seen.reported_at != self.load.reported_at:
            return seen.levels
        levels, left = seen.levels, self.load.left
        for product, _quantity in self.world.demand.lines:
            if product not in left and product in levels:
                has, reported_at = levels[product]
                left[product] = Stock(has - promised.get(product, 0), reported_at)
        return left


CHANGING = frozenset(name for name, value in vars(_Now).items() if isinstance(value, property))


class World:
    """Decides as the profile says, and bears what follows."""

    def __init__(self, profile: Profile, dealers: Mapping[TenantId, PastDealer], knowledge: Knowledge) -> None:
        self.profile, self.knowledge = profile, knowledge
        self._dealers = {dealer_id: _Now.of(each.candidate, self) for dealer_id, each in dealers.items()}
        self._since = {dealer_id: each.since for dealer_id, each in dealers.items() if each.since}
        self._newest = max(self._since.values(), default=None)
        self._shortlist = Shortlist(list(self._dealers.values()))
        self._rater = knowledge.rater(profile.rating)
        self.at: datetime
        self.demand: Demand
        self.place: Place
        self._lead: PastLead
        self._look: Look

    def begin(self, taken: Taken, at: datetime) -> None:
        """Bear a real offer from before the period."""
        if taken.dealer_id not in self._dealers:
            return
        load = self._dealers[taken.dealer_id].load
        load.take(taken.at, is_refused=taken.is_refused)

    def choose(self, lead: PastLead, demand: Demand, look: Look) -> Choice | None:
        """Whom to offer the lead to, and how; None when nobody can be."""
        self._turn_to(lead, demand, look)
        strategy, ranking = self._ranking(demand)
        first = next(ranking, None)
        if first is None or strategy is None:
            return None
        if strategy.way == BROADCAST and first != demand.picked_id:
            return Choice((first, *islice(ranking, strategy.broadcast_to - 1)), strategy.way)
        return Choice((first,), strategy.way)

    def _ranking(self, demand: Demand) -> tuple[Strategy | None, Iterator[TenantId]]:
        """The strategy that finds somebody, and the ranking of all dealers, worked out as far as it is read."""
        explores = self.profile.explore_percent and is_drawn(demand.lead_id, self.profile.explore_percent)
        if explores or demand.picked_id:
            decision = decide(demand, self._present(tuple(self._dealers.values())), self.profile)
            return self.profile.strategy(decision.strategy), (each.dealer_id for each in decision.ranking)
        for strategy in self.profile.course(demand):
            ranking = self._by(strategy, demand)
            for first in ranking:
                return strategy, chain((first,), ranking)
        return None, iter(())

    def _by(self, strategy: Strategy, demand: Demand) -> Iterator[TenantId]:
        judges = judges_of(strategy.criteria[len(leading_of(strategy)):], demand)
        for group in self._shortlist.groups(strategy, demand):
            for candidate in in_order(demand.lead_id, self._present(group), judges):
                if bar(demand, (candidate,))[0]:
                    yield candidate.dealer_id

    def standing(self, dealer_id: TenantId) -> Standing:
        """His rating as these rules make it of what was known."""
        return self.knowledge.standing(dealer_id, self._rater)

    def everybody(self, lead: PastLead, demand: Demand, look: Look) -> Sequence[Candidate]:
        """All candidates of this moment, until the world goes on."""
        self._turn_to(lead, demand, look)
        return self._present(tuple(self._dealers.values()))

    def _turn_to(self, lead: PastLead, demand: Demand, look: Look) -> None:
        self.at, self.demand, self.place = demand.at, demand, self.knowledge.place(demand)
        self._lead, self._look = lead, look

    def look(self, dealer_id: TenantId) -> Seen:
        """What is known of his stock of the goods in question."""
        seen = self._look.get(dealer_id)
        if seen is None:
            seen = self._look[dealer_id] = self.knowledge.stock(self._lead, dealer_id, self.at)
        return seen

    def offer(self, dealer_id: TenantId, demand: Demand, look: Look) -> None:
        """The dealer has one more to answer, and goods promised where he has them."""
        load = self._dealers[dealer_id].load
        load.open += 1
        load.take(demand.at)
        load.promise(demand, look.get(dealer_id), 1)

    def answer(self, dealer_id: TenantId, demand: Demand, look: Look, is_accepted: bool) -> None:
        """He answered; what he refused is not his load, and the goods are free again."""
        load = self._dealers[dealer_id].load
        load.open -= 1
        if is_accepted:
            return
        if load.day == _day(demand.at):
            load.today -= 1
        load.promise(demand, look.get(dealer_id), -1)

    def _present(self, group: Sequence[Candidate]) -> Sequence[Candidate]:
        """Those of the group who were in the network by then."""
        if self._newest is None or self._newest <= self.at:
            return group
        return [each for each in group if self._since.get(each.dealer_id, self.at) <= self.at]


_days: dict[int, date] = {}


def _day(at: datetime) -> date:
    """The day in HQ's office, worked out once an hour."""
    hour = int(at.timestamp()) // 3600
    found = _days.get(hour)
    if found is None:
        if len(_days) > 20_000:
            _days.clear()
        found = _days[hour] = at.astimezone(OFFICE).date()
    return found
