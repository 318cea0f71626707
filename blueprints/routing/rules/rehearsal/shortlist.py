"""The head of a ranking, without judging the whole of it: who comes first, then who after him, as far as one reads.

The engine's criteria stay the only judges. Since they rank one after another, those whom the first of them puts first
come before all others, whatever the next ones say: so the next ones are asked about these only, and about the others
when these are used up. Criteria that ask of a dealer nothing but where and what he is judge each place once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby, takewhile
from operator import itemgetter

from blueprints.routing.rules.criteria import Distance
from blueprints.routing.rules.criterion import Criterion, Judge
from blueprints.routing.rules.decide import turn
from blueprints.routing.rules.facts import Candidate, Demand
from blueprints.routing.rules.profile import Strategy

UNCHANGING = frozenset({"own_dealer", "territory", "distance", "tier"})
"""Criteria whose verdict follows from the place and from what does not change in a rehearsal."""

Group = tuple[Candidate, ...]


class Shortlist:
    """Dealers by strategy and place in groups, so that all of a group come before the next; worked out when asked."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._groups: dict[object, tuple[Group, ...]] = {}

    def groups(self, strategy: Strategy, demand: Demand) -> tuple[Group, ...]:
        """Dealers none of the unchanging criteria excludes, the best group first."""
        place = (
            strategy.name, demand.city_id, demand.region_code, demand.lat, demand.lon, demand.categories,
            demand.own_dealer_id,
        )
        found = self._groups.get(place)
        if found is None:
            found = self._groups[place] = tuple(self._work_out(strategy, demand))
        return found

    def _work_out(self, strategy: Strategy, demand: Demand) -> Iterator[Group]:
        leading = leading_of(strategy)
        later = [each for each in strategy.criteria[len(leading):] if _is_unchanging(each) and _excludes(each)]
        judges = [each.judging(demand) for each in (*leading, *later)]
        places = []
        for candidate in self._candidates:
            scores = [judge(candidate).score for judge in judges]
            if None not in scores:
                places.append((tuple([-(score or 0) for score in scores[: len(leading)]]), candidate))
        places.sort(key=itemgetter(0))
        for _score, group in groupby(places, key=itemgetter(0)):
            yield tuple(candidate for _place, candidate in group)


def leading_of(strategy: Strategy) -> list[Criterion]:
    """The criteria a strategy begins with that are unchanging: within a group all are equal by them."""
    return list(takewhile(_is_unchanging, strategy.criteria))


def in_order(lead_id: str, pool: Sequence[Candidate], judges: Sequence[Judge]) -> Iterator[Candidate]:
    """The pool as the engine ranks it, without those any judge excludes; worked out as far as it is read."""
    if not judges:
        yield from sorted(pool, key=partial(_turn, lead_id)) if len(pool) > 1 else pool
        return
    by_score: dict[float, list[Candidate]] = {}
    judge = judges[0]
    for candidate in pool:
        score = judge(candidate)[0]
        if score is not None:
            by_score.setdefault(score, []).append(candidate)
    for score in sorted(by_score, reverse=True):
        yield from in_order(lead_id, by_score[score], judges[1:])


def judges_of(criteria: Iterable[Criterion], demand: Demand) -> list[Judge]:
    """Each made ready for this demand."""
    return [each.judging(demand) for each in criteria]


def _turn(lead_id: str, candidate: Candidate) -> bytes:
    return turn(lead_id, candidate.dealer_id)


def _is_unchanging(criterion: Criterion) -> bool:
    return criterion.code in UNCHANGING


def _excludes(criterion: Criterion) -> bool:
    """Whether it may, as far as can be told without asking it of everybody."""
    return not isinstance(criterion, Distance) or criterion.limit_km is not None
