"""Orders that wait together are placed together: the assignment that is best for all of them, not for each in turn.

One after another, the first order takes the last free hour of the dealer whom the second needed more. Here every pair
of a waiting demand and a dealer the rules allow has a cost, and the sum of costs is made as small as can be, with each
dealer given no more than he has room for.

**The cost of a pair.** The scores of the ordered criteria are folded into one number from 0 (best) to 1: each criterion
weighs a quarter of the one before it, so that order matters as in the ranking, while many small gains of a later
criterion may outweigh a small loss of an earlier one; that is the bargain a batch is for. Leaving one to HQ costs
`UNPLACED`, more than any pair, so nobody is left over whom a dealer has room for. A lead that is drawn for a new dealer
(`exploring`) costs less than nothing with him.

The problem is one of assignment with capacities; `scipy.optimize.linear_sum_assignment` solves it exactly, a dealer
standing in as many columns as he has room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.kernel.ids import TenantId
from blueprints.routing.rules.decide import Decision, decide
from blueprints.routing.rules.facts import Candidate, Demand
from blueprints.routing.rules.profile import Profile

FADE = 0.25
UNPLACED = 1_000.0
EXPLORED = -1.0
NEVER = 1e9


@dataclass(frozen=True, slots=True)
class Placement:
    """Who gets which demand, in the order of the demands (None: HQ decides), and what it costs."""

    dealers: tuple[TenantId | None, ...]
    cost: float


def place_together(
    demands: Sequence[Demand], candidates: Sequence[Sequence[Candidate]], profile: Profile,
    room: Mapping[TenantId, int],
) -> Placement:
    """The best placement of all demands; `candidates` of each, `room` of dealers who cannot take any number."""
    dealers = sorted({each.dealer_id for asked in candidates for each in asked})
    # Only the numbers are kept: the reasons of a thousand decisions among hundreds are millions of objects.
    decisions = (decide(demand, list(asked), profile) for demand, asked in zip(demands, candidates, strict=True))
    matrix = cost_matrix(decisions, len(demands), dealers)
    chosen, cost = assign(matrix, [min(room.get(dealer, len(demands)), len(demands)) for dealer in dealers])
    return Placement(tuple(None if one is None else dealers[one] for one in chosen), cost)


def cost_matrix(decisions: Iterable[Decision], rows: int, dealers: Sequence[TenantId]) -> np.ndarray:
    """Cost of each pair, a row for each decision, a column for each dealer; `NEVER` for those who are excluded."""
    column = {dealer: number for number, dealer in enumerate(dealers)}
    matrix = np.full((rows, len(dealers)), NEVER)
    for row, decision in enumerate(decisions):
        if decision.ranking and not decision.parts:  # what is split is nobody's alone
            where = [column[ranked.dealer_id] for ranked in decision.ranking]
            asked = min(len(each.verdicts) for each in decision.ranking)
            scores = [[score for score, *_why in each.verdicts[:asked]] for each in decision.ranking]
            matrix[row, where] = costs_of(scores)
            if decision.is_explored:
                matrix[row, where[0]] = EXPLORED
    return matrix


def costs_of(scores: Sequence[Sequence[float | None]]) -> np.ndarray:
    """Cost of each dealer by his scores: 0 where every criterion gives its best, 1 where each gives nothing."""
    table = np.array(scores, dtype=float)
    weights = FADE ** np.arange(table.shape[1])
    return (1 - table) @ weights / weights.sum()


def assign(matrix: np.ndarray, room: Sequence[int]) -> tuple[list[int | None], float]:
    """Column of each row so that the sum is least and no column is taken more often than it has room."""
    rows, columns = matrix.shape[0], np.repeat(np.arange(matrix.shape[1]), room)
    # No fewer than these go to HQ. If nobody needs an excluded pair then, they are enough, and the rest is saved.
    for ways_to_hq in (max(0, rows - len(columns)), rows):
        wide = np.hstack([matrix[:, columns], np.full((rows, ways_to_hq), UNPLACED)])
        taken_rows, taken = linear_sum_assignment(wide)
        costs = wide[taken_rows, taken]
        if not (costs >= NEVER).any():
            break
    return [int(columns[one]) if one < len(columns) else None for one in taken], float(costs.sum())
