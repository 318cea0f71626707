"""What ratings are made from: how leads of dealers went, and how old their stock data is. As the network's worker.

A fixed number of queries, however many dealers are asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.catalog.models import Stock
from blueprints.leads.models import Lead, LeadEvent, LeadOffer
from blueprints.routing import rules
from blueprints.routing.hours import hours_of_dealers

SINCE = timedelta(days=400)
LIMIT = 1000
"""Outcomes of one dealer: older and more of them say nothing new."""
ANSWERED = ("accepted", "declined", "expired")
HIS_REASONS = frozenset({"out_of_stock"})
"""A sale lost for one of these is lost by the dealer."""


def outcomes_of(dealer_ids: Sequence[str], at: datetime) -> dict[str, list[rules.Outcome]]:
    """By dealer, how the leads went that were offered to him, and those of his own site; three queries."""
    found: dict[str, list[rules.Outcome]] = defaultdict(list)
    hours = hours_of_dealers(dealer_ids)
    for row in db.session.execute(_offered(dealer_ids, at)):
        found[row.dealer_id].append(_offered_outcome(row, hours[row.dealer_id]))
    for row in db.session.execute(_own(dealer_ids, at)):
        found[row.owner_id].append(_end(row, row.created_at))
    return found


def stock_ages(dealer_ids: Sequence[str], at: datetime) -> dict[str, rules.StockAge]:
    """By dealer, how old half of his stock data is; who reported none is not there."""
    age = sa.func.extract("epoch", at - Stock.reported_at)
    rows = db.session.execute(
        sa.select(Stock.owner_id, sa.func.percentile_cont(0.5).within_group(age), sa.func.count())
        .where(Stock.owner_id.in_(dealer_ids)).group_by(Stock.owner_id)
    )
    return {owner_id: rules.StockAge(max(0.0, seconds / 86_400), lines) for owner_id, seconds, lines in rows}


def _offered(dealer_ids: Sequence[str], at: datetime) -> sa.Select[Any]:
    """The last offers of each dealer with what became of their leads."""
    asked = _asked(dealer_ids)
    offers = (
        sa.select(LeadOffer)
        .where(
            LeadOffer.dealer_id == asked.c.dealer_id, LeadOffer.state.in_(ANSWERED), LeadOffer.offered_at >= at - SINCE
        )
        .order_by(LeadOffer.offered_at.desc()).limit(LIMIT).lateral("offers")
    )
    was_returned = sa.exists().where(
        LeadEvent.owner_id == Lead.owner_id, LeadEvent.lead_id == Lead.id, LeadEvent.kind == "returned",
        asked.c.dealer_id == sa.any_(LeadEvent.visible_to),
    )
    return (
        sa.select(
            asked.c.dealer_id, offers.c.state.label("answer"), offers.c.way, offers.c.offered_at,
            sa.func.coalesce(offers.c.responded_at, offers.c.deadline_at).label("answered_at"),
            was_returned.label("was_returned"), Lead.state, Lead.lost_reason, Lead.satisfaction,
        )
        .select_from(asked).join(offers, sa.true())
        .join(Lead, sa.and_(Lead.owner_id == offers.c.owner_id, Lead.id == offers.c.lead_id))
    )


def _own(dealer_ids: Sequence[str], at: datetime) -> sa.Select[Any]:
    asked = _asked(dealer_ids)
    leads = (
        sa.select(Lead)
        .where(Lead.owner_id == asked.c.dealer_id, Lead.created_at >= at - SINCE, Lead.state != "invalid")
        .order_by(Lead.created_at.desc()).limit(LIMIT).lateral("leads")
    )
    return (
        sa.select(leads.c.owner_id, leads.c.created_at, leads.c.state, leads.c.lost_reason, leads.c.satisfaction)
        .select_from(asked).join(leads, sa.true())
    )


def _asked(dealer_ids: Sequence[str]) -> sa.TableValuedAlias:
    ids = sa.cast(list(dealer_ids), sa.ARRAY(sa.Text))
    return sa.func.unnest(ids).table_valued("dealer_id").render_derived("asked")


def _offered_outcome(row: Any, hours: rules.WorkingHours) -> rules.Outcome:
    """The offer as an outcome; of a lead that proved to be none only what speaks for the dealer."""
    has_taken = row.answer == "accepted" or row.was_returned
    said: dict[str, Any] = {}
    if row.way != "assign" and (has_taken or row.state != "invalid"):  # given unasked, a yes says nothing
        minutes = rules.working_minutes(row.offered_at, row.answered_at, hours)
        said = {"is_accepted": has_taken, "response_minutes": minutes}
    if row.state == "invalid" or not has_taken:
        return rules.Outcome(row.answered_at, **said)
    if row.was_returned:
        return rules.Outcome(row.answered_at, is_returned=True, **said)
    return _end(row, row.answered_at, **said)


def _end(row: Any, at: datetime, **more: Any) -> rules.Outcome:
    """How a lead ended that the dealer had in hand."""
    is_won = {"won": True, "lost": False}.get(row.state)
    is_returned = None if is_won is None else not is_won and row.lost_reason in HIS_REASONS
    return rules.Outcome(at, satisfaction=row.satisfaction, is_won=is_won, is_returned=is_returned, **more)
