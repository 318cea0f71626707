"""Verbs of routing: place a lead, move it on, end windows, rate dealers. They run as the network's worker.

Every verb locks the lead first, so a lead is placed once however often it is asked for: an event that comes
twice finds the state it wanted and does nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import HQ, new_id
from blueprints.catalog import stock
from blueprints.leads.events import LeadOfferExpired, LeadOfferReminder, LeadOfferWithdrawn
from blueprints.leads.models import Lead, LeadOffer
from blueprints.leads.rules import FASTER
from blueprints.leads.service import lines_of, record
from blueprints.routing import offering, queries, ratings, rules
from blueprints.routing.models import RoutingRun, SourcingProfile
from blueprints.routing.queries import ActiveProfile

BATCH = 100


def ensure_profile(*, at: datetime) -> ActiveProfile:
    """The profile in force; the first one is made from the house's default. As HQ or as the network's worker."""
    active = queries.find_active_profile()
    if active is None:
        default = rules.DEFAULT_PROFILE
        db.session.execute(
            insert(SourcingProfile).values(
                owner_id=HQ, id=new_id(), version=default.version, name=default.name, definition=default.to_dict(),
                state="active", created_at=at, activated_at=at,
            ).on_conflict_do_nothing()
        )
        active = queries.find_active_profile()
        assert active is not None
    return active


def route(*, owner_id: str, lead_id: uuid.UUID, at: datetime, is_new: bool = False) -> str | None:
    """Offer a waiting lead of HQ to the best dealer whose stock can be reserved; answers who, None if nobody.

    One that `is_new` may have to wait for others (`Profile.batch_minutes`), but not one whose customer picked a dealer.
    """
    lead = queries.lock_lead(owner_id, lead_id)
    if lead is None or lead.owner_id != HQ or lead.state != "new" or lead.escalated_at:
        return None
    active = ensure_profile(at=at)
    if is_new and active.profile.batch_minutes and not lead.preferred_id:
        return None
    demand = queries.demand_of(lead, at)
    candidates = queries.candidates_for(demand, active.profile)
    return settle(lead, active, demand, candidates, rules.decide(demand, candidates, active.profile), at)


def settle(
    lead: Lead, active: ActiveProfile, demand: rules.Demand, candidates: list[rules.Candidate],
    decision: rules.Decision, at: datetime, **noted: Any,
) -> str | None:
    """Carry a decision out: stock, the kept reasons with what is `noted` beside them, the offers or HQ's turn."""
    strategy, known = active.profile.strategy(decision.strategy), {each.dealer_id: each for each in candidates}
    asked: list[str] = []
    if lead.rounds - lead.recycled_after < active.profile.max_rounds:
        is_race = strategy.way == "broadcast" and len(decision.ranking) > 1 and decision.chosen != demand.picked_id
        if is_race:
            asked = [ranked.dealer_id for ranked in decision.ranking[: strategy.broadcast_to]]
        else:
            chosen, noted["missed"] = _take_first(lead, demand, decision, known)
            asked = [chosen] if chosen else []
    _note_run(lead, active, decision, asked, noted, at)
    _carry_out(lead, asked, strategy, active.profile, at, [one for one in asked if _has_all(known[one], demand)])
    return asked[0] if asked else None


def move_on(*, owner_id: str, lead_id: uuid.UUID, at: datetime) -> str | None:
    """Place a lead anew that was declined or met silence, unless others may still take it."""
    lead = queries.lock_lead(owner_id, lead_id)
    return route(owner_id=owner_id, lead_id=lead_id, at=at) if lead and offering.look_again(lead) else None


def assign(*, owner_id: str, lead_id: uuid.UUID, dealer_id: str, at: datetime) -> None:
    """Offer a lead to the dealer HQ named, with stock reserved if he has it; nothing once somebody took the lead."""
    lead = queries.lock_lead(owner_id, lead_id)
    if lead is None or lead.state not in ("new", "offered") or (lead.state, lead.assignee_id) == ("offered", dealer_id):
        return
    offering.withdraw(lead, at, "by_hand")
    is_short = not stock.reserve(owner_id=dealer_id, lead_id=lead.id, lines=lines_of(lead))
    offering.ask(lead, (dealer_id,), way="by_hand", profile=ensure_profile(at=at).profile, at=at, is_short=is_short)


def tell_slower(*, owner_id: str, lead_id: uuid.UUID, winner_id: str, at: datetime) -> None:
    """Tell those who were asked together with the one who took the lead that he was faster."""
    for lead, dealer in queries.slower_dealers(owner_id, lead_id, winner_id):
        record(lead, FASTER, at=at, actor="network", reader=dealer)
        publish(LeadOfferWithdrawn(tenant_id=owner_id, dealer_id=dealer, lead_id=lead.id, reason=FASTER))


def expire_offers(*, at: datetime) -> int:
    """End every window that is over and let the leads move on; answers how many."""
    due = _locked_offers(LeadOffer.deadline_at <= at, LeadOffer.deadline_at)
    for lead, offer in due:
        offering.expire(lead, offer, at)
        publish(LeadOfferExpired(tenant_id=lead.owner_id, dealer_id=offer.dealer_id, lead_id=lead.id))
    return len(due)


def send_reminders(*, at: datetime) -> int:
    """Remind of every offer whose time has come, once; answers how many."""
    due = _locked_offers(
        sa.and_(LeadOffer.reminder_at <= at, LeadOffer.reminded_at.is_(None), LeadOffer.deadline_at > at),
        LeadOffer.reminder_at,
    )
    for lead, offer in due:
        offer.reminded_at = at
        record(lead, "reminded", at=at, actor="network", reader=offer.dealer_id)
        publish(LeadOfferReminder(tenant_id=lead.owner_id, dealer_id=offer.dealer_id, lead_id=lead.id))
    return len(due)


def rate_dealer(*, dealer_id: str, at: datetime) -> rules.Rating:
    """Compute a dealer's rating anew from the facts and keep it with its parts and hints."""
    return ratings.rate_all([dealer_id], at)[dealer_id]


def _carry_out(
    lead: Lead, asked: list[str], strategy: rules.Strategy, profile: rules.Profile, at: datetime, full: list[str]
) -> None:
    if not asked:
        offering.escalate(lead, at)
    elif len(asked) > 1:
        offering.ask(lead, asked, way="broadcast", profile=profile, at=at, reserving=full if lead.lines else ())
    elif strategy.way == "assign":
        offering.give(lead, asked[0], profile=profile, at=at)
    else:
        offering.ask(lead, asked, way="one_after_another", profile=profile, at=at)


def _take_first(
    lead: Lead, demand: rules.Demand, decision: rules.Decision, candidates: dict[str, rules.Candidate]
) -> tuple[str | None, list[str]]:
    """The first of the ranking whose stock can be had, and those whose last piece was just sold.

    Who has not all the goods is in the ranking only where the profile wants it so: nothing is reserved there.
    """
    missed: list[str] = []
    for ranked in decision.ranking:
        if not _has_all(candidates[ranked.dealer_id], demand):
            return ranked.dealer_id, missed
        if stock.reserve(owner_id=ranked.dealer_id, lead_id=lead.id, lines=list(demand.lines)):
            return ranked.dealer_id, missed
        missed.append(ranked.dealer_id)
    return None, missed


def _has_all(candidate: rules.Candidate, demand: rules.Demand) -> bool:
    return all(
        line.product_id in candidate.stock and candidate.stock[line.product_id].available >= line.quantity
        for line in demand.lines
    )


def _note_run(
    lead: Lead, active: ActiveProfile, decision: rules.Decision, asked: list[str], noted: dict[str, Any], at: datetime
) -> None:
    db.session.add(RoutingRun(
        owner_id=lead.owner_id, lead_id=lead.id, id=new_id(), profile_id=active.row_id,
        profile_version=active.profile.version, chosen_id=asked[0] if asked else None,
        asked=asked if len(asked) > 1 else [], at=at,
        explanation=rules.explain(decision) | noted,
    ))


def _locked_offers(condition: sa.ColumnElement[bool], order: sa.orm.InstrumentedAttribute[Any]) -> list[Any]:
    """Open offers with their leads, both locked; those somebody works on just now come next time."""
    return list(db.session.execute(
        sa.select(Lead, LeadOffer)
        .join(LeadOffer, sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id))
        .where(LeadOffer.state == "offered", Lead.state == "offered", condition)
        .order_by(order).limit(BATCH)
        .with_for_update(of=[Lead, LeadOffer], key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all())
