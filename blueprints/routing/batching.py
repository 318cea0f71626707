"""Leads that waited for each other are placed together, as the network's worker (`rules.batch` says how)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.leads.models import Lead
from blueprints.routing import queries, rules, service
from blueprints.routing.candidates import Moment

AT_ONCE = 500


def place_waiting(*, at: datetime) -> int:
    """Place all new leads together once the oldest has waited for long enough; answers how many.

    Leads are locked, and those somebody else places just now are left to him, so that no lead is offered twice.
    """
    active = queries.find_active_profile()
    if active is None:
        return 0
    wait = timedelta(minutes=active.profile.batch_minutes or 0)
    queries.take_turn()
    leads = _waiting()
    if not leads or leads[0].created_at > at - wait:
        return 0
    from blueprints.routing.rules.batch import place_together  # brings scipy along, which most processes never need

    demands = [queries.demand_of(lead, at, profile=active.profile) for lead in leads]
    moment = Moment((line.product_id for demand in demands for line in demand.lines), at)
    candidates = [moment.candidates(demand, active.profile) for demand in demands]
    rooms = {each.dealer_id: active.profile.room(each) for each in candidates[0]}
    room = {dealer: free for dealer, free in rooms.items() if free is not None}
    together = place_together(demands, candidates, active.profile, room)
    for lead, demand, asked, dealer in zip(leads, demands, candidates, together.dealers, strict=True):
        decision = _first(rules.decide(demand, asked, active.profile), dealer)
        service.settle(lead, active, demand, asked, decision, at, together=len(leads))
    return len(leads)


def _waiting() -> Sequence[Lead]:
    """New leads of HQ that nobody was asked about yet, the oldest first, locked."""
    return db.session.scalars(
        sa.select(Lead)
        .where(Lead.owner_id == HQ, Lead.state == "new", Lead.rounds == 0, Lead.escalated_at.is_(None),
               Lead.preferred_id.is_(None))
        .order_by(Lead.created_at, Lead.id).limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True).execution_options(populate_existing=True)
    ).all()


def _first(decision: rules.Decision, dealer: str | None) -> rules.Decision:
    """The decision with this dealer at the head of its ranking; with nobody there when nobody has room.

    An order that is split is placed as the rules split it.
    """
    if decision.parts:
        return decision
    if dealer is None:
        return replace(decision, ranking=())
    chosen = next(one for one in decision.ranking if one.dealer_id == dealer)
    others = (one for one in decision.ranking if one.dealer_id != dealer)
    return replace(decision, ranking=tuple(one._replace(rank=rank) for rank, one in enumerate((chosen, *others), 1)))
