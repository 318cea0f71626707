"""Figures over the leads that came in a period, aggregated by the database. As HQ, who sees `network` alone.

Every figure of the overview speaks of the same leads: those that came in the period. So figures add up,
and each leads to the list of just these leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.analytics import figures
from blueprints.analytics.cells import ENDED, Condition, chosen, in_spans
from blueprints.analytics.figures import Figure, Figures
from blueprints.analytics.rules import Filters, share
from blueprints.leads.models import Lead, LeadContact
from tenants.models import Region, Tenant

RESPONSE = sa.func.date_part("epoch", Lead.accepted_at - Lead.offered_at)
"""Seconds from the offer that was taken to its acceptance; nothing for leads that were never offered."""

WAS_ASKED = sa.and_(Lead.offered_at.is_not(None), Lead.accepted_at.is_not(None))
"""Leads that have such a time, as their index says it."""


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
    """How offers ended: counts by state, refusals by reason with the most frequent first."""

    states: dict[str, int]
    reasons: list[tuple[str | None, int]]

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

    regions: list[Figure]
    sources: list[Figure]
    losses: list[tuple[str | None, int, int]]


def matching(filters: Filters) -> list[Condition]:
    """What makes a lead one of those the filters mean, in their period."""
    return [in_spans([(filters.period.since, filters.period.until)]), *chosen(filters)]


def find_figures(filters: Filters, at: datetime) -> Figures:
    """The figures of the period and of the one before, with half of the answers' times and nine tenths of them."""
    found, is_now = figures.read(filters, at), (Lead.created_at >= filters.period.since).label("is_now")
    spans = [filters.period.before(at), (filters.period.since, filters.period.until)]
    times = sa.func.percentile_cont(sa.literal([0.5, 0.9], ARRAY(sa.Double))).within_group(RESPONSE)
    rows = db.session.execute(
        sa.select(is_now, times).where(in_spans(spans), WAS_ASKED, *chosen(filters)).group_by(is_now)
    )
    for is_of_now, (median, p90) in rows:
        figure = found.now if is_of_now else found.before
        figure.median, figure.p90 = median, p90
    return found


def visits(found: Figures) -> tuple[dict[str, int], int]:
    """Visits of the period by source, and the number of the period before. They are kept by day and know no region."""
    return {source: figure.visits for source, figure in found.parts["visit"].items()}, found.before.visits


def groups(found: Figures) -> Groups:
    """The same leads by region, by source and by reason of loss."""
    lost = (figure for figure in found.parts["loss"].values() if figure.lost)
    losses = [(figure.key or None, figure.lost, figure.lost_minor) for figure in lost]
    regions, sources = (_largest(found.parts[kind].values()) for kind in ("region", "source"))
    return Groups(regions, sources, sorted(losses, key=lambda loss: -loss[2]))


def line(filters: Filters, found: Figures) -> list[tuple[date, int, int, int]]:
    """Leads with an order, delivered ones and kopecks of these, by step of the period; empty steps are zero."""
    period, steps = filters.period, {}
    for day, figure in found.days.items():
        step = day if period.step == "day" else day - timedelta(days=day.weekday())
        orders, delivered, minor = steps.get(step, (0, 0, 0))
        steps[step] = (orders + figure.orders, delivered + figure.delivered, minor + figure.delivered_minor)
    return [(step, *steps.get(step, (0, 0, 0))) for step in period.steps()]


def offers(found: Figures) -> OfferTotals:
    """How the offers of these leads ended; with a dealer chosen, his offers whoever has the lead now."""
    states: Counter[str] = Counter()
    reasons: list[tuple[str | None, int]] = []
    for key, figure in found.parts["offer"].items():
        state, _colon, reason = key.partition(":")
        states[state] += figure.offers
        if state == "declined":
            reasons.append((reason or None, figure.offers))
    return OfferTotals(dict(states), sorted(reasons, key=lambda each: -each[1]))


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


def _largest(rows: Iterable[Figure]) -> list[Figure]:
    return sorted(rows, key=lambda figure: (-figure.leads, figure.key))
