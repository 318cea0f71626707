"""The period gone through lead by lead, in as many worlds as there are profiles, all of them seeing the same facts.

A dealer who really was asked about a lead answers as he did, no sooner than he did. Elsewhere his answer is drawn by
his record as known then. The draw depends on seed, lead and dealer alone, so that a dealer answers alike in every
world, and equal profiles end alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from math import log
from typing import Any, NamedTuple

from app.kernel.ids import TenantId
from blueprints.routing.rules.criteria import Distance
from blueprints.routing.rules.decide import decide
from blueprints.routing.rules.explain import explain
from blueprints.routing.rules.facts import Demand
from blueprints.routing.rules.profile import Profile
from blueprints.routing.rules.rehearsal.knowledge import Knowledge, unit
from blueprints.routing.rules.rehearsal.past import History, PastLead
from blueprints.routing.rules.rehearsal.record import Estimate
from blueprints.routing.rules.rehearsal.world import Choice, Look, World
from blueprints.routing.rules.windows import deadline

EXAMPLES = 12
TOLERANCE = timedelta(minutes=1)
"""A lead is offered some seconds after it came."""
NOBODY, ROUNDS, NO_STRATEGY = "nobody", "rounds", "no_strategy"
ASSIGN = "assign"
MINUTE = timedelta(minutes=1)
AWAY = Distance()

Progress = Callable[[int], None]


class Course(NamedTuple):
    """How a lead went in a world: who took it (None: `why` not), how long the customer waited, what to expect of it.

    `unsure` are the spreads of drawn answers' minutes by dealer.
    """

    dealer_id: TenantId | None
    first_id: TenantId | None
    wait: float
    km: float | None
    won: Estimate | None
    rounds: int
    why: str = ""
    unsure: tuple[tuple[TenantId, float], ...] = ()


class Foretold(NamedTuple):
    """What the records let expect of what really happened, beside what did."""

    won: Estimate | None
    is_won: bool | None
    minutes: Estimate | None
    took: float | None


class Example(NamedTuple):
    """A lead that would have gone to somebody else: both decisions, reduced to the dealers concerned."""

    lead: PastLead
    firsts: tuple[TenantId | None, ...]
    explanations: tuple[Mapping[str, Any], ...]


@dataclass
class Replay:
    """What came of it: for each lead what happened, what was foretold of that, and its course in each world."""

    leads: list[PastLead] = field(default_factory=list)
    foretold: list[Foretold] = field(default_factory=list)
    kms: list[float | None] = field(default_factory=list)
    courses: list[list[Course]] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    stock: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=lambda: {"real": 0, "drawn": 0})


@dataclass(slots=True)
class _Journey:
    """A lead under way in one world."""

    world: int
    place: int
    lead: PastLead
    look: Look
    asked: list[TenantId] = field(default_factory=list)
    rounds: int = 0
    unsure: list[tuple[TenantId, float]] = field(default_factory=list)
    turn: _Turn | None = None


class _Turn(NamedTuple):
    """Who is asked at the moment, on what demand; who will take it (None: nobody), and what to expect of him."""

    dealers: tuple[TenantId, ...]
    demand: Demand
    winner_id: TenantId | None
    won: Estimate | None


def replay(history: History, profiles: Sequence[Profile], *, seed: int = 1, progress: Progress | None = None) -> Replay:
    """Go through the period; `progress` is told how many leads are behind and may raise to stop."""
    return _Rehearsal(history, profiles, seed).run(progress or (lambda done: None))


class _Rehearsal:
    """The worlds, what is known, and answers that are still to come."""

    def __init__(self, history: History, profiles: Sequence[Profile], seed: int) -> None:
        self.history, self.seed = history, seed
        self.knowledge = Knowledge(history, seed)
        self.worlds = [World(profile, history.dealers, self.knowledge) for profile in profiles]
        self.result = Replay(courses=[[] for _world in profiles])
        self._coming: list[tuple[datetime, int, _Journey]] = []
        self._order = count()
        self._drawn: list[float] = []

    def run(self, progress: Progress) -> Replay:
        """All leads, and after them the answers that are still open."""
        self.knowledge.advance(self.history.since)
        for taken in self.history.taken:
            for world in self.worlds:
                world.begin(taken, self.history.since)
        for place, lead in enumerate(self.history.leads):
            self._until(lead.demand.at)
            self.knowledge.advance(lead.demand.at)
            self.knowledge.remember_stock(lead)
            self._arrive(place, lead)
            progress(place + 1)
        self._until(None)
        return self.result

    def _arrive(self, place: int, lead: PastLead) -> None:
        """A new lead: what happened is noted, and every world decides before any of them acts."""
        result, look = self.result, Look()
        result.leads.append(replace(lead, told=None))
        result.foretold.append(self._foretell(lead))
        result.kms.append(self._km(lead, lead.holder))
        journeys = [_Journey(number, place, lead, look) for number in range(len(self.worlds))]
        choices = [self._choose(each, lead.demand) for each in journeys]
        firsts = tuple(choice.dealers[0] if choice else None for choice in choices)
        if len(set(firsts)) > 1:
            self._keep_example(lead, firsts, look)
        for journey, choice in zip(journeys, choices, strict=True):
            result.courses[journey.world].append(_UNDER_WAY)
            self._ask(journey, choice, lead.demand)
        for seen in look.values():
            result.stock[seen.how] = result.stock.get(seen.how, 0) + 1

    def _until(self, at: datetime | None) -> None:
        """Hear the answers that come before `at`; all of them when it is None."""
        while self._coming and (at is None or self._coming[0][0] <= at):
            answered_at, _order, journey = heappop(self._coming)
            self.knowledge.advance(answered_at)
            self._hear(journey, answered_at)

    def _choose(self, journey: _Journey, demand: Demand) -> Choice | None:
        world = self.worlds[journey.world]
        if journey.rounds >= world.profile.max_rounds:
            return None
        return world.choose(journey.lead, demand, journey.look)

    def _ask(self, journey: _Journey, choice: Choice | None, demand: Demand) -> None:
        """Offer the lead; how and when it is answered is settled now and heard when the time has come."""
        if choice is None:
            self._end(journey, None, demand.at)
            return
        world, answers = self.worlds[journey.world], []
        for dealer_id in choice.dealers:
            world.offer(dealer_id, demand, journey.look)
            journey.asked.append(dealer_id)
            is_accepted, at = self._answer(journey, dealer_id, demand.at)
            answers.append((at, is_accepted or choice.way == ASSIGN, dealer_id))
        journey.rounds += 1
        yes = min((one for one in answers if one[1]), default=None)
        winner = yes[2] if yes else None
        won = self.knowledge.records.won(winner, demand.at, journey.lead.is_order) if winner else None
        journey.turn = _Turn(choice.dealers, demand, winner, won)
        heappush(self._coming, (yes[0] if yes else max(answers)[0], next(self._order), journey))

    def _answer(self, journey: _Journey, dealer_id: TenantId, at: datetime) -> tuple[bool, datetime]:
        """Whether he takes it, and when he says so."""
        hours = self.history.dealers[dealer_id].hours
        real = journey.lead.answers.get(dealer_id)
        if real is not None and at >= real.offered_at - TOLERANCE:
            self.result.answers["real"] += 1
            said = real.answered_at if at <= real.offered_at else deadline(at, real.minutes, hours)
            return real.is_accepted, max(said or real.answered_at, real.answered_at)
        self.result.answers["drawn"] += 1
        records, lead_id = self.knowledge.records, journey.lead.demand.lead_id
        window = self.worlds[journey.world].profile.window_minutes
        expected = records.minutes(dealer_id, at)
        journey.unsure.append((dealer_id, expected.spread))
        chance = unit(self.seed, lead_id, dealer_id, "minutes")
        minutes = min(-log(1 - chance) * expected.mean, window)
        is_accepted = unit(self.seed, lead_id, dealer_id, "answer") < records.acceptance(dealer_id, at).mean
        return is_accepted, deadline(at, minutes, hours) or at + timedelta(minutes=minutes)

    def _hear(self, journey: _Journey, at: datetime) -> None:
        """Somebody took it, or the next ones are asked."""
        turn = journey.turn
        assert turn is not None
        for dealer_id in turn.dealers:
            self.worlds[journey.world].answer(dealer_id, turn.demand, journey.look, dealer_id == turn.winner_id)
        if turn.winner_id:
            self._end(journey, turn, at)
            return
        again = replace(journey.lead.demand, at=at, asked=frozenset(journey.asked))
        self._ask(journey, self._choose(journey, again), again)

    def _end(self, journey: _Journey, turn: _Turn | None, at: datetime) -> None:
        profile, dealer_id, why = self.worlds[journey.world].profile, turn.winner_id if turn else None, ""
        if dealer_id is None:
            why = ROUNDS if journey.asked else NOBODY if profile.course(journey.lead.demand) else NO_STRATEGY
        self.result.courses[journey.world][journey.place] = Course(
            dealer_id, journey.asked[0] if journey.asked else None, (at - journey.lead.demand.at) / MINUTE,
            self._km(journey.lead, dealer_id), turn.won if turn else None, journey.rounds, why,
            tuple(journey.unsure),
        )

    def _foretell(self, lead: PastLead) -> Foretold:
        """What was to be expected of the dealer who really got it, by what was known when it came."""
        records, at = self.knowledge.records, lead.demand.at
        first = min(lead.answers.items(), key=lambda one: one[1].offered_at, default=None)
        return Foretold(
            records.won(lead.holder, at, lead.is_order) if lead.holder in self.history.dealers else None, lead.is_won,
            records.minutes(first[0], at) if first else None, first[1].minutes if first else None,
        )

    def _km(self, lead: PastLead, dealer_id: TenantId | None) -> float | None:
        """Kilometres as the engine counts them."""
        if dealer_id is None or dealer_id not in self.history.dealers:
            return None
        values = AWAY.judge(lead.demand, self.history.dealers[dealer_id].candidate).values
        return values[0] if values else None

    def _keep_example(self, lead: PastLead, firsts: tuple[TenantId | None, ...], look: Look) -> None:
        """Keep a few of the leads that move, drawn alike from all of the period."""
        chance = unit(self.seed, lead.demand.lead_id, "", "example")
        kept = self.result.examples
        if len(kept) >= EXAMPLES and chance >= max(self._drawn):
            return
        known = dict(look)  # those who are looked at for the example alone do not count as looked at
        explanations = tuple(
            _reduced(explain(decide(lead.demand, world.everybody(lead, lead.demand, known), world.profile)), firsts)
            for world in self.worlds
        )
        self._drawn.append(chance)
        kept.append(Example(replace(lead, told=None), firsts, explanations))
        if len(kept) > EXAMPLES:
            worst = self._drawn.index(max(self._drawn))
            del self._drawn[worst], kept[worst]


def _reduced(explanation: dict[str, Any], firsts: Sequence[TenantId | None]) -> dict[str, Any]:
    """Only the lines of those the decisions differ in."""
    return {**explanation, "lines": {one: line for one, line in explanation["lines"].items() if one in firsts}}


_UNDER_WAY = Course(None, None, 0.0, None, None, 0)
