"""Histories for rehearsals: made up dealers and leads, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from app.kernel.ids import HQ, TenantId
from blueprints.routing.rules import DEFAULT_PROFILE, Candidate, Demand, Ground, Line, Outcome
from blueprints.routing.rules.rehearsal import Answer, Fact, History, PastDealer, PastLead, replay, summary_of
from blueprints.routing.rules.rehearsal.past import Report
from tests.factories.routing import AT, BOILER, PIPE, PUMP, network, office_hours, profile_of

GOODS = (PUMP, BOILER, PIPE)
REGIONS = tuple(f"RU-{number}" for number in range(80))


def made_history(leads: int, dealers: int, *, days: int = 90, seed: int = 1, cities: int = 400) -> History:
    """So many leads before `AT`; each was really offered to one or two dealers of its region."""
    chance = Random(seed)
    candidates = [_placed(each, chance) for each in network(dealers, seed)]
    areas = {each.dealer_id: _areas(chance) for each in candidates}
    by_region: dict[str, list[Candidate]] = {}
    for each in candidates:
        for region in areas[each.dealer_id]:
            by_region.setdefault(region, []).append(each)
    towns = [(chance.choice(REGIONS), chance.uniform(43, 68), chance.uniform(20, 135)) for _town in range(cities)]
    since = AT - timedelta(days=days)
    made = sorted(
        (_lead(number, since, days, chance.choice(towns), by_region, chance) for number in range(leads)),
        key=lambda lead: lead.demand.at,
    )
    return History(
        since=since, until=AT, dealers={each.dealer_id: _dealer(each) for each in candidates}, leads=made,
        count=leads, grounds=partial(_grounds, areas), facts=sorted(facts_of(made), key=lambda fact: fact.at),
        reports=sorted(_reports(candidates, since, days, chance), key=lambda report: report.at),
    )


def made_summary(leads: int, dealers: int) -> dict[str, Any]:
    """What comes of rehearsing fair shares against the house's own rules."""
    profiles = (DEFAULT_PROFILE, profile_of("fair_share", "distance"))
    told = made_history(leads, dealers)
    return summary_of(replay(told, profiles), told, profiles, seed=1)


def facts_of(leads: Sequence[PastLead]) -> Iterator[Fact]:
    """What became known of them, and when."""
    for lead in leads:
        for dealer_id, answer in lead.answers.items():
            key = f"{lead.demand.lead_id} {dealer_id}"
            outcome = Outcome(answer.answered_at, answer.is_accepted, answer.minutes)
            yield Fact(answer.answered_at, dealer_id, key, outcome, lead.is_order)
            if dealer_id == lead.holder and lead.closed_at and lead.is_won is not None:
                yield Fact(lead.closed_at, dealer_id, key, replace(outcome, is_won=lead.is_won), lead.is_order)


def _placed(candidate: Candidate, chance: Random) -> Candidate:
    return replace(
        candidate, territory=None, stock={}, rating=None, rating_count=0, open_offers=0, today_count=0,
        capacity=chance.choice((None, 5, 10, 20)),
    )


def _areas(chance: Random) -> dict[str, Ground]:
    home, around = chance.sample(REGIONS, 2)
    return {home: Ground(chance.choice(("exclusive", "primary")), 1), around: Ground("shared", 2)}


def _grounds(areas: Mapping[TenantId, Mapping[str, Ground]], demand: Demand) -> dict[TenantId, Ground]:
    return {
        dealer_id: of[demand.region_code] for dealer_id, of in areas.items()
        if demand.region_code is not None and demand.region_code in of
    }


def _dealer(candidate: Candidate) -> PastDealer:
    return PastDealer(candidate, None, candidate.hours or office_hours())


def _lead(
    number: int, since: datetime, days: int, town: tuple[str, float, float], by_region: dict[str, list[Candidate]],
    chance: Random,
) -> PastLead:
    region, lat, lon = town
    at = since + timedelta(days=chance.uniform(0, days))
    demand = Demand(
        lead_id=f"lead-{number}", owner_id=HQ, at=at, lat=lat, lon=lon, region_code=region,
        lines=tuple(Line(product, chance.randint(1, 3)) for product in chance.sample(GOODS, chance.randint(1, 2))),
        value_minor=chance.randrange(1_000_00, 300_000_00),
    )
    return _offered(demand, by_region.get(region, []), chance)


def _offered(demand: Demand, near: list[Candidate], chance: Random) -> PastLead:
    answers: dict[TenantId, Answer] = {}
    at = demand.at
    for dealer in chance.sample(near, min(len(near), 3)):
        minutes = chance.expovariate(1 / 50)
        answers[dealer.dealer_id] = Answer(at, at + timedelta(minutes=minutes), chance.random() < 0.8, minutes)
        if answers[dealer.dealer_id].is_accepted:
            closed = answers[dealer.dealer_id].answered_at + timedelta(days=chance.uniform(1, 9))
            return PastLead(
                demand, answers, dealer.dealer_id, answers[dealer.dealer_id].answered_at, closed, chance.random() < 0.75
            )
        at = answers[dealer.dealer_id].answered_at
    return PastLead(demand, answers)


def _reports(candidates: Sequence[Candidate], since: datetime, days: int, chance: Random) -> Iterator[Report]:
    """Every dealer reports once every three days."""
    for each in candidates:
        for day in range(0, days, 3):
            at = since + timedelta(days=day, hours=chance.uniform(0, 24))
            yield Report(at, each.dealer_id, {product: chance.randrange(0, 12) for product in GOODS})
