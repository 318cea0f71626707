"""A share of leads for new dealers, so that those nobody knows yet can show themselves.

Which leads, a hash of the lead says: the same each time it is decided, in a rehearsal too. Only experience is set aside
(ratings, speed, freshness): a new dealer takes no lead from who is better placed by territory, stock, certificates,
delivery or as the customer's own, and he is not much farther away.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from blueprints.routing.rules.facts import Candidate, Ranked, Verdict

HELD_FAST = frozenset({"own_dealer", "territory", "exclusivity", "stock_now", "certificate", "delivery"})
"""Criteria in which a new dealer must be as good as the first."""
DETOUR_KM = 100
"""So much farther away than the first he may be."""


def is_drawn(lead_id: str, percent: int) -> bool:
    """Whether the lead is among so many of a hundred."""
    return int.from_bytes(blake2b(f"explore {lead_id}".encode(), digest_size=8).digest()) % 100 < percent


def explore(
    ranking: tuple[Ranked, ...], candidates: Iterable[Candidate], *, percent: int, below: int
) -> tuple[Ranked, ...]:
    """The ranking with the best fit new dealer, of fewer than `below` outcomes, in front; the same object if none."""
    new = {each.dealer_id for each in candidates if each.rating_count < below}
    if not ranking or ranking[0].dealer_id in new:
        return ranking
    first = ranking[0]
    chosen = next((each for each in ranking if each.dealer_id in new and _is_fit(each, first)), None)
    if chosen is None:
        return ranking
    why, passed = Verdict(1.0, "explore.chosen", (percent, below)), Verdict(0.0, "explore.passed", (percent,))
    ahead = [_with(each, each.rank + 1, passed) for each in ranking[: chosen.rank - 1]]
    return (_with(chosen, 1, why), *ahead, *ranking[chosen.rank :])


def _with(ranked: Ranked, rank: int, verdict: Verdict) -> Ranked:
    return ranked._replace(rank=rank, verdicts=(*ranked.verdicts, verdict))


def _is_fit(new: Ranked, first: Ranked) -> bool:
    for his, best in zip(new.verdicts, first.verdicts, strict=True):
        code = his.reason.partition(".")[0]
        if code in HELD_FAST and (his.score or 0) < (best.score or 0):
            return False
        if his.reason == best.reason == "distance.km" and his.values[0] > best.values[0] + DETOUR_KM:
            return False
    return True
