"""What became of the leads of a dealer's territory, as he may know it: his share, and why others did not reach him.

Nothing here knows who got a lead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from blueprints.routing.rules.explain import Told
from blueprints.routing.rules.facts import Verdict

Fate = Literal["mine", "others", "open", "nobody"]
BETTER = 0.9
"""A verdict below this may be why others stood before him."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A lead of his territory: whether he was offered it, whether he, others or nobody took it, and what was said."""

    at: datetime
    city_id: int | None
    value_minor: int
    was_offered: bool
    fate: Fate
    told: Told | None


class Share(NamedTuple):
    """How many leads of the territory there were, and how many of them he was offered, took, and others took."""

    leads: int
    offered: int
    taken: int
    others: int


class Why(NamedTuple):
    """A group of leads that were not offered to him for the same reason, with the newest verdict that says so."""

    group: str
    count: int
    is_excluded: bool
    newest: Verdict


def share_of(seen: Iterable[Seen]) -> Share:
    """The share of a dealer in the leads of his territory."""
    rows = list(seen)
    fates = Counter(one.fate for one in rows)
    return Share(len(rows), sum(one.was_offered for one in rows), fates["mine"], fates["others"])


def reasons_of(seen: Sequence[Seen]) -> list[Why]:
    """Why leads were not offered to him, the most frequent first; `seen` comes the newest first."""
    groups: dict[tuple[str, bool], list[Verdict]] = defaultdict(list)
    for one in seen:
        if not one.was_offered and one.told is not None and (verdict := reason_of(one.told)):
            groups[group_of(verdict), verdict.score is None].append(verdict)
    found = [Why(group, len(verdicts), is_out, verdicts[0]) for (group, is_out), verdicts in groups.items()]
    return sorted(found, key=lambda why: (-why.count, why.group))


def reason_of(told: Told) -> Verdict | None:
    """What kept a lead from him: the first verdict that excludes him, or where he stood worst; `None` if nowhere."""
    out = next((verdict for verdict in told.verdicts if verdict.score is None), None)
    if out is not None or not told.verdicts:
        return out
    worst = min(told.verdicts, key=lambda verdict: verdict.score or 0.0)
    return worst if (worst.score or 0.0) < BETTER else Verdict(1.0, "turn.others")


def group_of(verdict: Verdict) -> str:
    """The criterion of a verdict; what is mended in different ways is told apart."""
    code, _dot, detail = verdict.reason.partition(":")[0].partition(".")
    return f"{code}.{detail}" if code in ("dealer", "capacity") else code
