"""Figures over the leads that came in a period, aggregated by the database. As HQ, who sees `network` alone.

Every figure of the overview speaks of the same leads: those that came in the period. So figures add up,
and each leads to the list of just these leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.analytics.models import Visits
from blueprints.analytics.rules import Filters, share
from blueprints.leads.models import Lead, LeadContact, LeadOffer
from tenants.models import Region, Tenant

Condition = sa.ColumnElement[bool]

REACHED: dict[str, Condition] = {
    "offered": sa.or_(Lead.rounds > 0, Lead.accepted_at.is_not(None)),
    "accepted": Lead.accepted_at.is_not(None),
    "delivered": Lead.state == "won",
    "satisfied": Lead.satisfaction >= 4,
}
"""How far a lead came, in the words of HQ's list. A lead of a dealer's own site is taken from its first moment."""

RESPONSE = sa.func.extract("epoch", Lead.accepted_at - Lead.offered_at)
"""Seconds from the offer that was taken to its acceptance; nothing for leads that were never offered."""

ENDED = ("accepted", "declined", "expired")
"""States of an offer that came to its end by the dealer's answer or silence."""

_NUMBER, _WON = sa.func.count(), REACHED["delivered"]


@dataclass(frozen=True, slots=True)
class Comment:
    """What a customer of HQ wrote with his stars."""

    owner_id: str
    lead_id: Any
    number: str
    stars: int | None
    text: str
    at: datetime
    dealer: str | None


@dataclass(frozen=True, slots=True)
class OfferTotals:
    """How offers ended: counts by state, refusals by reason with the most frequent first, counts of each dealer."""

    states: dict[str, int]
    reasons: list[tuple[str | None, int]]
    by_dealer: dict[str, dict[str, int]]

    @property
    def ended(self) -> int:
        """Offers that came to an end by the dealer's answer or silence."""
        return sum(self.states.get(state, 0) for state in ENDED)

    def part(self, *states: str) -> float | None:
        """Share of the ended offers that ended so."""
        return share(sum(self.states.get(state, 0) for state in states), self.ended)


@dataclass(frozen=True, slots=True)
class Groups:
    """Figures by region and by source, the largest first, and what was lost by reason: `(reason, leads, minor)`."""

    regions: list[Any]
    sources: list[Any]
    losses: list[tuple[str | None, int, int]]


def matching(filters: Filters, since: datetime | None = None, until: datetime | None = None) -> list[Condition]:
    """What makes a lead one of those the filters mean, in their period unless another is named."""
    period = filters.period
    conditions = [Lead.created_at >= (since or period.since), Lead.created_at < (until or period.until)]
    chosen = ((Lead.source, filters.source), (Lead.region_code, filters.region), (Lead.assignee_id, filters.dealer))
    return conditions + [column == value for column, value in chosen if value]


def totals(filters: Filters, at: datetime) -> tuple[Any, Any]:
    """All figures of the period and of the one before, from one statement."""
    since, until = filters.period.before(at)
    spans = {"now": (filters.period.since, filters.period.until), "before": (since, until)}
    parts = [
        sa.select(sa.literal(name).label("span"), *_total_columns()).where(*matching(filters, *span))
        for name, span in spans.items()
    ]
    rows = {row.span: row for row in db.session.execute(sa.union_all(*parts))}
    return rows["now"], rows["before"]


def visits(filters: Filters) -> tuple[dict[str, int], int]:
    """Visits of the period by source, and the number of the period before. They are kept by day and know no region."""
    period = filters.period
    is_now = (Visits.day >= period.first).label("is_now")
    chosen = ((Visits.source, filters.source), (Visits.owner_id, filters.dealer))
    rows = db.session.execute(
        sa.select(is_now, Visits.source, sa.func.sum(Visits.visits))
        .where(Visits.day.between(period.first - timedelta(days=period.days), period.last))
        .where(*(column == value for column, value in chosen if value)).group_by(is_now, Visits.source)
    ).all()
    before = sum(int(number) for is_now, _source, number in rows if not is_now)
    return {source: int(number) for is_now, source, number in rows if is_now}, before


def groups(filters: Filters) -> Groups:
    """The same leads by region, by source and by reason of loss, in one pass."""
    kind = sa.func.grouping(Lead.region_code, Lead.source, Lead.lost_reason).label("kind")
    rows = db.session.execute(
        sa.select(
            kind, Lead.region_code, Lead.source, Lead.lost_reason, *_group_columns(),
            _NUMBER.filter(Lead.state == "lost").label("lost"), _sum(Lead.state == "lost", "lost_minor"),
        )
        .where(*matching(filters))
        .group_by(sa.func.grouping_sets(*(sa.tuple_(column) for column in (
            Lead.region_code, Lead.source, Lead.lost_reason))))
    ).all()
    regions, sources, reasons = ([row for row in rows if row.kind == bits] for bits in (0b011, 0b101, 0b110))
    losses = [(row.lost_reason, row.lost, int(row.lost_minor)) for row in reasons if row.lost]
    return Groups(_largest(regions), _largest(sources), sorted(losses, key=lambda loss: -loss[2]))


def line(filters: Filters) -> list[tuple[date, int, int, int]]:
    """Leads with an order, delivered ones and kopecks of these, by step of the period; empty steps are zero."""
    period = filters.period
    local = sa.func.timezone(period.zone, Lead.created_at)
    step = sa.cast(sa.func.date_trunc(period.step, local), sa.Date).label("step")
    rows = db.session.execute(
        sa.select(step, _NUMBER.filter(Lead.kind == "order"), _NUMBER.filter(_WON), _sum(_WON, "minor"))
        .where(*matching(filters)).group_by(step)
    )
    found = {day: (orders, won, int(minor)) for day, orders, won, minor in rows}
    return [(day, *found.get(day, (0, 0, 0))) for day in period.steps()]


def offers(filters: Filters) -> OfferTotals:
    """How the offers of these leads ended; with a dealer chosen, his offers whoever has the lead now."""
    state, reason, dealer = LeadOffer.state, LeadOffer.reason, LeadOffer.dealer_id
    rows = db.session.execute(
        sa.select(dealer, state, reason, _NUMBER, *(_NUMBER.filter(state == name) for name in ENDED))
        .select_from(LeadOffer).join(Lead, _on_lead()).where(*_offers_matching(filters))
        .group_by(sa.func.grouping_sets(sa.tuple_(dealer), sa.tuple_(state, reason)))
    ).all()
    by_dealer = {row[0]: dict(zip(("offers", *ENDED), row[3:], strict=True)) for row in rows if row[0]}
    states: dict[str, int] = {}
    for _dealer, name, _reason, number, *_ended in (row for row in rows if not row[0]):
        states[name] = states.get(name, 0) + number
    reasons = [(row[2], row[3]) for row in rows if row[1] == "declined"]
    return OfferTotals(states, sorted(reasons, key=lambda each: -each[1]), by_dealer)


def comments(filters: Filters, limit: int = 5) -> list[Comment]:
    """The latest comments of HQ's own customers; those of dealers' customers stay with the dealers."""
    rows = db.session.execute(
        sa.select(
            Lead.owner_id, Lead.id, Lead.number, Lead.satisfaction, LeadContact.feedback, Lead.feedback_at, Tenant.name
        )
        .join(LeadContact, sa.and_(LeadContact.owner_id == Lead.owner_id, LeadContact.lead_id == Lead.id))
        .outerjoin(Tenant, Tenant.id == Lead.assignee_id)
        .where(*matching(filters), Lead.owner_id == HQ, Lead.feedback_at.is_not(None), LeadContact.feedback != "")
        .order_by(Lead.feedback_at.desc()).limit(limit)
    )
    return [Comment(*row) for row in rows]


def region_names() -> Sequence[Region]:
    """All regions, by code."""
    return db.session.scalars(sa.select(Region).order_by(Region.code)).all()


def _offers_matching(filters: Filters) -> list[Condition]:
    """What makes an offer one of these leads'; its dealer is who was asked, not who has the lead now."""
    mine = [LeadOffer.dealer_id == filters.dealer] if filters.dealer else []
    return [*matching(Filters(filters.period, filters.source, filters.region)), *mine]


def _on_lead() -> Condition:
    """How an offer and its lead belong together."""
    return sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id)


def _total_columns() -> list[Any]:
    is_order, is_lost = Lead.kind == "order", Lead.state == "lost"
    return [
        *_group_columns(),
        _NUMBER.filter(REACHED["satisfied"]).label("satisfied"),
        _NUMBER.filter(is_order).label("orders"), _sum(is_order, "order_minor"),
        _sum(REACHED["accepted"], "accepted_minor"),
        _NUMBER.filter(is_lost).label("lost"), _sum(is_lost, "lost_minor"),
        _NUMBER.filter(Lead.state == "new", Lead.escalated_at.is_not(None)).label("escalated"),
        sa.func.percentile_cont(0.5).within_group(RESPONSE).label("median"),
        sa.func.percentile_cont(0.9).within_group(RESPONSE).label("p90"),
        *(_NUMBER.filter(Lead.satisfaction == stars).label(f"stars_{stars}") for stars in range(1, 6)),
    ]


def _group_columns() -> list[Any]:
    return [
        _NUMBER.label("leads"),
        sa.func.coalesce(sa.func.sum(Lead.value_minor), 0).label("minor"),
        *(_NUMBER.filter(REACHED[name]).label(name) for name in ("offered", "accepted", "delivered")),
        _sum(_WON, "delivered_minor"),
        sa.func.avg(Lead.satisfaction).label("stars"), sa.func.count(Lead.satisfaction).label("answers"),
    ]


def _sum(condition: Condition, name: str) -> sa.Label[Any]:
    return sa.func.coalesce(sa.func.sum(Lead.value_minor).filter(condition), 0).label(name)


def _largest(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (-row.leads, str(row)))
