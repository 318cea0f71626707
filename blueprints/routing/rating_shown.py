"""A kept rating as pages show it: part by part in words, how it went, and how it stands beside the network's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, format_percent, ngettext
from flask_babel.speaklater import LazyString

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.words import _, _l
from blueprints.leads.models import DealerRating
from blueprints.routing import rules
from blueprints.routing.models import RatingWeek
from blueprints.routing.ratings import week_of
from blueprints.routing.rules.rating import PARTS

WEEKS = 12
FEWEST_PEERS = 5
"""Of fewer dealers no median is told: it would be somebody's."""

PART_WORDS: dict[str, LazyString] = {
    "response": _l("Speed of answer"), "acceptance": _l("Leads accepted"), "satisfaction": _l("Customers' marks"),
    "conversion": _l("Sales from leads"), "cancellation": _l("Leads kept"), "freshness": _l("Fresh stock data"),
}

SHORT_WORDS: dict[str, LazyString] = {
    "response": _l("Answers"), "acceptance": _l("Accepted"), "satisfaction": _l("Marks"), "conversion": _l("Sales"),
    "cancellation": _l("Kept"), "freshness": _l("Stock data"),
}
"""The parts as headings of a table."""


@dataclass(frozen=True, slots=True)
class PartShown:
    """One side of a rating: its points of 100, its weight in per cent, what was measured and from how much."""

    code: str
    points: int
    weight: int
    measured: str
    basis: str
    median: int | None

    @property
    def label(self) -> str:
        """What the part is called."""
        return str(PART_WORDS[self.code])


@dataclass(frozen=True, slots=True)
class HintShown:
    """What would raise the rating, and by how many points of 100."""

    sentence: str
    points: int


def parts_of(rating: DealerRating | None, medians: Mapping[str, int]) -> list[PartShown]:
    """The parts in their order; weights of ratings kept without them are left out."""
    kept: dict[str, Any] = rating.parts if rating else {}
    weights = kept.get("weights", {})
    return [
        PartShown(
            part["code"], points(part["score"]), round(100 * weights.get(part["code"], 0)),
            measured(part["code"], part["value"]), _basis(part), medians.get(part["code"]),
        )
        for part in kept.get("parts", ()) if part["code"] in PART_WORDS
    ]


def hints_of(rating: DealerRating | None) -> list[HintShown]:
    """What would raise the rating, the most rewarding first."""
    hints: list[dict[str, Any]] = rating.parts.get("hints", []) if rating else []
    return [
        HintShown(rules.sentence(hint["reason"], hint["values"], "dealer"), max(1, round(hint["gain"])))
        for hint in hints
    ]


def since_of(rating: DealerRating | None) -> datetime | None:
    """When the oldest outcome was that still counts."""
    told = rating.parts.get("since") if rating else None
    return datetime.fromisoformat(told) if told else None


def weeks_of(dealer_id: str, at: datetime) -> tuple[list[str], list[int | None]]:
    """The last twelve weeks with the points of each, None where nothing was rated."""
    monday = week_of(at)
    weeks = [monday - timedelta(weeks=ago) for ago in range(WEEKS - 1, -1, -1)]
    rows: Sequence[Any] = db.session.execute(
        sa.select(RatingWeek.week, RatingWeek.score)
        .where(RatingWeek.tenant_id == dealer_id, RatingWeek.week.between(weeks[0], weeks[-1]))
    ).all()
    known: dict[date, float] = {row.week: row.score for row in rows}
    return [week.isoformat() for week in weeks], [points(known[week]) if week in known else None for week in weeks]


def medians_of_others() -> dict[str, int]:
    """Median points of the other dealers by part, and of all under `whole`; nothing of fewer than five of them."""
    part = sa.func.jsonb_array_elements(DealerRating.parts["parts"]).table_valued("value", joins_implicitly=True)
    code, score = part.c.value.op("->>")("code"), sa.cast(part.c.value.op("->>")("score"), sa.Double)
    is_other = sa.and_(
        DealerRating.tenant_id != current_tenant(), sa.cast(DealerRating.parts["count"].astext, sa.Double) > 0
    )
    by_part = (
        sa.select(code.label("code"), sa.func.percentile_cont(0.5).within_group(score).label("median"))
        .select_from(DealerRating).where(is_other, sa.cast(part.c.value.op("->>")("count"), sa.Double) > 0)
        .group_by(code).having(sa.func.count() >= FEWEST_PEERS)
    )
    whole = (
        sa.select(sa.literal("whole"), sa.func.percentile_cont(0.5).within_group(DealerRating.score))
        .where(is_other).having(sa.func.count() >= FEWEST_PEERS)
    )
    return {row[0]: points(row[1]) for row in db.session.execute(by_part.union_all(whole))}


def measured(code: str, value: float | None) -> str:
    """What was measured, in words; a dash where nothing was."""
    if value is None:
        return _("nothing yet")
    if code == "response":
        return _("half of the answers within %(minutes)s min of working time", minutes=format_decimal(round(value)))
    if code == "freshness":
        return _("half of the stock data is older than %(days)s days", days=format_decimal(round(value, 1)))
    if code == "satisfaction":
        return _("mean mark %(mark)s of 5", mark=format_decimal(round(value, 1)))
    sentences = {
        "acceptance": _("%(share)s of the leads offered were accepted", share=_share(value)),
        "conversion": _("%(share)s of the leads ended in a sale", share=_share(value)),
        "cancellation": _("%(share)s of the leads taken were given back, or the goods could not be got",
                          share=_share(value)),
    }
    return sentences[code]


def points(score: float) -> int:
    """A score as points of 100."""
    return round(100 * score)


def _basis(part: Mapping[str, Any]) -> str:
    """From how much a part was measured."""
    number = int(part.get("outcomes") or round(part.get("count") or 0))
    if not number:
        return _("the usual opinion of a dealer nobody knows yet counts")
    if part["code"] == "freshness":
        return ngettext("by %(num)s product", "by %(num)s products", number)
    return ngettext("by %(num)s outcome", "by %(num)s outcomes", number)


def _share(value: float) -> str:
    return str(format_percent(value, "#,##0 %"))


__all__ = [
    "FEWEST_PEERS", "PARTS", "PART_WORDS", "SHORT_WORDS", "HintShown", "PartShown", "hints_of", "measured",
    "medians_of_others", "parts_of", "points", "weeks_of",
]
