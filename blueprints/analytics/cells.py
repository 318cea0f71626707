"""The cells of `network.daily_figures` as the leads and their offers say them, for days or for whole spans of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from blueprints.analytics.rules import Filters
from blueprints.leads.models import Lead, LeadOffer

Condition = sa.ColumnElement[bool]
Spans = Sequence[tuple[datetime, datetime]]

REACHED: dict[str, Condition] = {
    "offered": sa.or_(Lead.rounds > 0, Lead.accepted_at.is_not(None)),
    "accepted": Lead.accepted_at.is_not(None),
    "delivered": Lead.state == "won",
    "satisfied": Lead.satisfaction >= 4,
}
"""How far a lead came, in the words of HQ's list. A lead of a dealer's own site is taken from its first moment."""

ENDED = ("accepted", "declined", "expired")
"""States of an offer that came to its end by the dealer's answer or silence."""

_NUMBER = sa.func.count()


def _sum(condition: Condition) -> Any:
    return _money(sa.func.sum(Lead.value_minor).filter(condition))


def _money(minor: Any) -> Any:
    return sa.cast(sa.func.coalesce(minor, 0), sa.BigInteger)


_IS_ORDER, _IS_LOST, _IS_WON = Lead.kind == "order", Lead.state == "lost", REACHED["delivered"]
_IS_WHOLE_ORDER = sa.and_(_IS_ORDER, Lead.part == 1)
"""Parts of an order are one order, and their sums the order's."""

LEAD_MEASURES: dict[str, Any] = {
    "leads": _NUMBER, "minor": _money(sa.func.sum(Lead.value_minor)),
    "offered": _NUMBER.filter(REACHED["offered"]),
    "accepted": _NUMBER.filter(REACHED["accepted"]), "accepted_minor": _sum(REACHED["accepted"]),
    "delivered": _NUMBER.filter(_IS_WON), "delivered_minor": _sum(_IS_WON),
    "satisfied": _NUMBER.filter(REACHED["satisfied"]),
    "orders": _NUMBER.filter(_IS_WHOLE_ORDER), "order_minor": _sum(_IS_ORDER),
    "lost": _NUMBER.filter(_IS_LOST), "lost_minor": _sum(_IS_LOST),
    "escalated": _NUMBER.filter(Lead.state == "new", Lead.escalated_at.is_not(None)),
    "star_sum": sa.func.coalesce(sa.func.sum(Lead.satisfaction), 0), "answers": sa.func.count(Lead.satisfaction),
    **{f"stars_{stars}": _NUMBER.filter(Lead.satisfaction == stars) for stars in range(1, 6)},
}
OFFER_MEASURES: dict[str, Any] = {
    "offers": _NUMBER, **{f"offers_{state}": _NUMBER.filter(LeadOffer.state == state) for state in ENDED},
}

PARTS: dict[str, Any] = {
    "source": Lead.source, "region": Lead.region_code, "loss": Lead.lost_reason, "dealer": Lead.assignee_id,
}


def lead_cells(
    zone: str, filters: Filters | None, spans: Spans, *, in_parts: bool = True, is_daily: bool = False
) -> sa.Select[Any]:
    """`(day, kind, key, *LEAD_MEASURES)` of the leads that came in the spans.

    `all` is told by day; the parts by day where `is_daily`, else for all spans together, with no day.
    """
    day, parts = _day(zone), list(PARTS.values()) if in_parts else []
    kind: Any = sa.literal("all", sa.Text)
    if parts:
        bits = sa.func.grouping(*parts)
        kind = sa.case(
            *((bits == 0b1111 ^ (0b1000 >> place), sa.literal(name, sa.Text)) for place, name in enumerate(PARTS)),
            else_=kind,
        )
    sets = [sa.tuple_(day), *(sa.tuple_(day, part) if is_daily else sa.tuple_(part) for part in parts)]
    return (
        sa.select(day.label("day"), kind.label("kind"), sa.func.coalesce(*parts, "").label("key"))
        .add_columns(*(measure.label(name) for name, measure in LEAD_MEASURES.items()))
        .where(in_spans(spans), *chosen(filters)).group_by(sa.func.grouping_sets(*sets))
    )


def offer_cells(zone: str, filters: Filters | None, spans: Spans, *, is_daily: bool = False) -> sa.Select[Any]:
    """`(day, kind, key, *OFFER_MEASURES)` of the offers of these leads: `asked` by dealer, `offer` by state and reason.

    With a dealer chosen, they are his offers, whoever has the lead now.
    """
    day, dealer, state, reason = _day(zone), LeadOffer.dealer_id, LeadOffer.state, LeadOffer.reason
    days = [day] if is_daily else []
    kind = sa.case((sa.func.grouping(dealer) == 0, sa.literal("asked", sa.Text)), else_=sa.literal("offer", sa.Text))
    ending = state.concat(":").concat(sa.func.coalesce(reason, ""))
    mine = [dealer == filters.dealer] if filters and filters.dealer else []
    return (
        sa.select((day if is_daily else sa.null()).label("day"), kind.label("kind"))
        .add_columns(sa.func.coalesce(dealer, ending).label("key"))
        .add_columns(*(measure.label(name) for name, measure in OFFER_MEASURES.items()))
        .select_from(LeadOffer).join(Lead, on_lead())
        .where(in_spans(spans), *chosen(filters, dealer=False), *mine)
        .group_by(sa.func.grouping_sets(sa.tuple_(*days, dealer), sa.tuple_(*days, state, reason)))
    )


def on_lead() -> Condition:
    """How an offer and its lead belong together."""
    return sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id)


def chosen(filters: Filters | None, *, dealer: bool = True) -> list[Condition]:
    """What makes a lead one of those the filters mean, whenever it came."""
    if filters is None:
        return []
    pairs = [(Lead.source, filters.source), (Lead.region_code, filters.region)]
    pairs += [(Lead.assignee_id, filters.dealer)] if dealer else []
    return [column == value for column, value in pairs if value]


def in_spans(spans: Spans) -> Condition:
    """Leads that came in any of these."""
    return sa.or_(*(sa.and_(Lead.created_at >= begin, Lead.created_at < end) for begin, end in spans))


def _day(zone: str) -> Any:
    """The day a lead came, as part of the statement's text: grouped by, it has to be the same expression twice."""
    return sa.cast(sa.func.timezone(sa.bindparam(None, zone, sa.Text, literal_execute=True), Lead.created_at), sa.Date)
