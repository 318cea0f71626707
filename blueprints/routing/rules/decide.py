"""The decision: every candidate judged by every criterion, the excluded set aside, the rest in order.

Criteria rank lexicographically: the next one only breaks the ties of those before it. Dealers equal by all of them
take turns by a hash of lead and dealer: fair over many leads, the same every time for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import count
from operator import itemgetter

from app.kernel.ids import HQ, TenantId
from blueprints.routing.rules.ability import as_number
from blueprints.routing.rules.criteria import Distance, StockNow
from blueprints.routing.rules.criterion import Judge
from blueprints.routing.rules.exploring import explore, is_drawn
from blueprints.routing.rules.facts import Candidate, Demand, Excluded, Line, Ranked, Verdict
from blueprints.routing.rules.profile import Profile, Strategy
from blueprints.routing.rules.split import OrderPart, Split, has_all, is_wanted, split

Scores = tuple[float | None, ...]
"""By the criteria in order; None excludes."""

OWN_SITE = Verdict(1.0, "owner.own_site")
ELSEWHERE = Verdict(None, "picked.elsewhere")
PICKED = Verdict(1.0, "picked.by_customer")
SUSPENDED = Verdict(None, "dealer.suspended")
ASKED = Verdict(None, "dealer.asked")
FETCHING = Distance(limit_km=50, beyond="exclude")
"""How far from his city a customer who picks up may be sent."""


@dataclass(frozen=True)
class Decision:
    """Who gets the lead in what order, who not, and by which strategy; `tried` came up empty before it.

    `is_explored`: a new dealer stands first although others are placed better (`exploring`).
    With `parts` nobody has all of it: these dealers get a part each, and `left` goes to nobody.
    """

    lead_id: str
    profile_id: str
    profile_version: int
    reason: str
    ranking: tuple[Ranked, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    strategy: str | None = None
    tried: tuple[str, ...] = ()
    is_explored: bool = False
    parts: tuple[OrderPart, ...] = ()
    left: tuple[Line, ...] = ()

    @property
    def chosen(self) -> TenantId | None:
        """The first of the parts or of the ranking; `None` leaves the lead to HQ."""
        if self.parts:
            return self.parts[0].dealer_id
        return self.ranking[0].dealer_id if self.ranking else None


def stays_with_owner(demand: Demand) -> bool:
    """A lead of a dealer's own site is his, whatever happens; only the brand's leads are routed."""
    return demand.owner_id != HQ


def decide(demand: Demand, candidates: Sequence[Candidate], profile: Profile) -> Decision:
    """Rank the candidates by the profile. The order in which they are given does not matter."""
    if stays_with_owner(demand):
        owner = Ranked(demand.owner_id, 1, (OWN_SITE,))
        return Decision(demand.lead_id, profile.id, profile.version, "decision.owner", (owner,))
    course = profile.course(demand)
    pool, barred = bar(demand, candidates)
    ranking: tuple[Ranked, ...] = ()
    refused: list[Excluded] = []
    taken: list[str] = []
    divided = Split()
    for strategy in course:
        taken.append(strategy.name)
        ranking, refused = rank(demand, pool, strategy)
        if is_wanted(demand, strategy.split):
            ranking, refused, divided = _divide(demand, pool, strategy, ranking, refused)
        if ranking:
            break
    ranking, refused = _picked_first(demand, pool, ranking, refused)
    explored = ranking
    is_free = not demand.picked_id and not divided.parts
    if profile.explore_percent and is_free and is_drawn(demand.lead_id, profile.explore_percent):
        explored = explore(ranking, pool, percent=profile.explore_percent, below=profile.explore_below)
    return Decision(
        lead_id=demand.lead_id,
        profile_id=profile.id,
        profile_version=profile.version,
        reason=_reason(divided, ranking, course),
        ranking=explored,
        excluded=tuple(sorted([*barred, *refused], key=itemgetter(0))),
        strategy=taken[-1] if taken else None,
        tried=tuple(taken[:-1]),
        is_explored=explored is not ranking,
        parts=divided.parts,
        left=divided.left,
    )


def rank(
    demand: Demand, candidates: Sequence[Candidate], strategy: Strategy
) -> tuple[tuple[Ranked, ...], list[Excluded]]:
    """Judge all by one strategy: the ranking, and those it excludes."""
    judges = [each.judging(demand) for each in strategy.criteria]
    columns = [[judge(each) for each in candidates] for judge in judges]
    by_criterion = [list(map(itemgetter(0), column)) for column in columns]
    scores = list(zip(*by_criterion, strict=True))
    verdicts = list(zip(*columns, strict=True))
    names = [each.dealer_id for each in candidates]
    out = {
        place for column in by_criterion if None in column for place, score in enumerate(column) if score is None
    }
    order = [place for place in range(len(names)) if place not in out]
    order.sort(key=scores.__getitem__, reverse=True)
    _take_turns(demand.lead_id, order, scores, names)
    # Not `Ranked(...)`: for a thousand dealers that alone takes a tenth of the whole decision.
    places = zip(map(names.__getitem__, order), count(1), map(verdicts.__getitem__, order), strict=False)
    ranking = tuple(map(partial(tuple.__new__, Ranked), places))
    return ranking, [Excluded(names[place], verdicts[place]) for place in sorted(out)]


def _picked_first(
    demand: Demand, pool: Sequence[Candidate], ranking: tuple[Ranked, ...], refused: list[Excluded]
) -> tuple[tuple[Ranked, ...], list[Excluded]]:
    """The dealer the customer asked for is first, whatever the criteria say of him, unless he is barred."""
    picked = demand.picked_id
    if picked is None or all(each.dealer_id != picked for each in pool):
        return ranking, refused
    verdicts = next((each.verdicts for each in ranking if each.dealer_id == picked), ())
    others = [each for each in ranking if each.dealer_id != picked]
    following = (Ranked(each.dealer_id, rank, each.verdicts) for rank, each in enumerate(others, 2))
    return (Ranked(picked, 1, (PICKED, *verdicts)), *following), [each for each in refused if each.dealer_id != picked]


def _divide(
    demand: Demand, pool: Sequence[Candidate], strategy: Strategy, ranking: tuple[Ranked, ...], refused: list[Excluded]
) -> tuple[tuple[Ranked, ...], list[Excluded], Split]:
    """The ranking as it is when somebody in it has everything; else among whom the order is split, if it can be.

    Who has a part of the goods only is then a candidate, even where the strategy leaves him out.
    """
    known = {each.dealer_id: each for each in pool}
    if any(has_all(demand, known[each.dealer_id]) for each in ranking):
        return ranking, refused, Split()
    lenient, others = rank(demand, pool, _with_partial(strategy))
    divided = split(demand, [known[each.dealer_id] for each in lenient], strategy.split)
    return (lenient, others, divided) if divided.parts else (ranking, refused, divided)


def _with_partial(strategy: Strategy) -> Strategy:
    criteria = (replace(each, partial="rank") if isinstance(each, StockNow) else each for each in strategy.criteria)
    return replace(strategy, criteria=tuple(criteria))


def _reason(divided: Split, ranking: Sequence[Ranked], course: Sequence[Strategy]) -> str:
    if divided.parts:
        return "decision.split"
    return "decision.chosen" if ranking else "decision.nobody" if course else "decision.no_strategy"


def bar(demand: Demand, candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Excluded]]:
    """Set aside those no strategy may choose.

    Suspended, on a pause of their own, asked before, with a day that is full by their own word, or too far for who
    fetches the goods himself.
    """
    pool, barred, away = [], [], FETCHING.judging(demand)
    for each in candidates:
        if each.is_suspended:
            barred.append(Excluded(each.dealer_id, (SUSPENDED,)))
        elif each.paused_until is not None and demand.at < each.paused_until:
            barred.append(Excluded(each.dealer_id, (Verdict(None, "dealer.paused", (as_number(each.paused_until),)),)))
        elif each.dealer_id in demand.asked:
            barred.append(Excluded(each.dealer_id, (ASKED,)))
        elif each.capacity is not None and each.today_count >= each.capacity:
            barred.append(Excluded(each.dealer_id, (Verdict(None, "capacity.full", (each.capacity,)),)))
        elif demand.is_fetched and (verdict := _far(demand, each, away)) is not None:
            barred.append(Excluded(each.dealer_id, (verdict,)))
        else:
            pool.append(each)
    return pool, barred


def _far(demand: Demand, candidate: Candidate, away: Judge) -> Verdict | None:
    """Why the customer does not fetch his goods here: he chose another dealer's point, or it is too far from him."""
    if demand.picked_id is not None:
        return None if candidate.dealer_id == demand.picked_id else ELSEWHERE
    verdict = away(candidate)
    return verdict if verdict.score is None else None


def _take_turns(lead_id: str, order: list[int], scores: list[Scores], names: list[TenantId]) -> None:
    """Shuffle each run of equal scores, in place."""
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or scores[order[end]] != scores[order[start]]:
            if end - start > 1:
                order[start:end] = sorted(order[start:end], key=lambda place: turn(lead_id, names[place]))
            start = end


def turn(lead_id: str, dealer_id: TenantId) -> bytes:
    """Where a dealer stands among equals for this lead."""
    # A checksum would not do: it is linear, so that one of three equal dealers would get half of all leads.
    return blake2b(f"{lead_id} {dealer_id}".encode(), digest_size=8).digest()
