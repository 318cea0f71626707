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
from blueprints.leads.events import LeadEscalated, LeadOffered, LeadOfferExpired, LeadOfferReminder
from blueprints.leads.models import DealerRating, Lead, LeadContact, LeadEvent, LeadMessage, LeadOffer
from blueprints.leads.service import lines_of, record
from blueprints.routing import queries, rules
from blueprints.routing.models import RoutingRun, SourcingProfile
from blueprints.routing.queries import ActiveProfile

BATCH = 100
SHARED_EVENTS = ("opened", "confirmed", "missing")
"""Lines of history that whoever holds the lead may read; what others answered stays with them."""


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

    One that `is_new` may have to wait for others (`Profile.batch_minutes`).
    """
    lead = queries.lock_lead(owner_id, lead_id)
    if lead is None or lead.owner_id != HQ or lead.state != "new" or lead.escalated_at:
        return None
    active = ensure_profile(at=at)
    if is_new and active.profile.batch_minutes:
        return None
    demand = queries.demand_of(lead, at)
    candidates = queries.candidates_for(demand, active.profile)
    return settle(lead, active, demand, candidates, rules.decide(demand, candidates, active.profile), at)


def settle(
    lead: Lead, active: ActiveProfile, demand: rules.Demand, candidates: list[rules.Candidate],
    decision: rules.Decision, at: datetime, **noted: Any,
) -> str | None:
    """Carry a decision out: stock, the kept reasons with what is `noted` beside them, the offer or HQ's turn."""
    chosen, missed = None, []
    if lead.rounds < active.profile.max_rounds:
        chosen, missed = _take_first(lead, demand, decision, {each.dealer_id: each for each in candidates})
    _note_run(lead, active, decision, chosen, {"missed": missed, **noted}, at)
    if chosen is None:
        _escalate(lead, at)
    else:
        _offer(lead, chosen, active.profile, at)
    return chosen


def assign(*, owner_id: str, lead_id: uuid.UUID, dealer_id: str, at: datetime) -> None:
    """Offer a lead to the dealer HQ named, with stock reserved if he has it; nothing once somebody took the lead."""
    lead = queries.lock_lead(owner_id, lead_id)
    if lead is None or lead.state not in ("new", "offered") or (lead.state, lead.assignee_id) == ("offered", dealer_id):
        return
    if lead.state == "offered":
        _end_offer(lead, "withdrawn", at)
    lines = lines_of(lead)
    is_short = not stock.reserve(owner_id=dealer_id, lead_id=lead.id, lines=lines)
    _offer(lead, dealer_id, ensure_profile(at=at).profile, at, is_short=is_short)


def expire_offers(*, at: datetime) -> int:
    """End every window that is over and let the leads move on; answers how many."""
    due = _locked_offers(LeadOffer.deadline_at <= at, LeadOffer.deadline_at)
    for lead, _offer_row in due:
        dealer = lead.assignee_id
        _end_offer(lead, "expired", at)
        lead.state = "new"
        record(lead, "expired", at=at, actor="network")
        publish(LeadOfferExpired(tenant_id=lead.owner_id, dealer_id=dealer, lead_id=lead.id))
    return len(due)


def send_reminders(*, at: datetime) -> int:
    """Remind of every offer whose time has come, once; answers how many."""
    due = _locked_offers(
        sa.and_(LeadOffer.reminder_at <= at, LeadOffer.reminded_at.is_(None), LeadOffer.deadline_at > at),
        LeadOffer.reminder_at,
    )
    for lead, offer in due:
        offer.reminded_at = at
        record(lead, "reminded", at=at, actor="network")
        publish(LeadOfferReminder(tenant_id=lead.owner_id, dealer_id=offer.dealer_id, lead_id=lead.id))
    return len(due)


def rate_dealer(*, dealer_id: str, at: datetime) -> rules.Rating:
    """Compute a dealer's rating anew from the facts and keep it with its parts and hints."""
    outcomes = queries.outcomes_of(dealer_id, at)
    rating = rules.rate(outcomes, at)
    stars = [outcome.satisfaction for outcome in outcomes if outcome.satisfaction]
    values = {
        "score": rating.score, "parts": _parts(rating), "reviews": len(stars), "updated_at": at,
        "stars": sum(stars) / len(stars) if stars else None,
    }
    db.session.execute(
        insert(DealerRating).values(tenant_id=dealer_id, **values)
        .on_conflict_do_update(index_elements=[DealerRating.tenant_id], set_=values)
    )
    return rating


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
    lead: Lead, active: ActiveProfile, decision: rules.Decision, chosen: str | None, noted: dict[str, Any], at: datetime
) -> None:
    db.session.add(RoutingRun(
        owner_id=lead.owner_id, lead_id=lead.id, id=new_id(), profile_id=active.row_id,
        profile_version=active.profile.version, chosen_id=chosen, at=at,
        explanation=rules.explain(decision) | noted,
    ))


def _offer(lead: Lead, dealer_id: str, profile: rules.Profile, at: datetime, *, is_short: bool = False) -> None:
    hours = queries.hours_of_dealer(dealer_id)
    deadline = rules.deadline(at, profile.window_minutes, hours)
    assert deadline is not None
    lead.rounds += 1
    lead.state, lead.assignee_id, lead.escalated_at = "offered", dealer_id, None
    lead.offered_at, lead.deadline_at = at, deadline
    lead.visible_to = [*(one for one in lead.visible_to if one != dealer_id), dealer_id]
    db.session.add(LeadOffer(
        owner_id=lead.owner_id, lead_id=lead.id, round=lead.rounds, dealer_id=dealer_id, state="offered",
        offered_at=at, deadline_at=deadline, reminder_at=_reminder(at, profile, hours),
    ))
    _show_to(lead, dealer_id)
    record(lead, "offered", at=at, actor="network", data={"is_short": True} if is_short else {})
    publish(LeadOffered(tenant_id=lead.owner_id, dealer_id=dealer_id, lead_id=lead.id))


def _reminder(at: datetime, profile: rules.Profile, hours: rules.WorkingHours) -> datetime | None:
    if profile.reminder_minutes is None:
        return None
    return rules.reminder_at(at, profile.window_minutes, profile.reminder_minutes, hours)


def _escalate(lead: Lead, at: datetime) -> None:
    lead.assignee_id, lead.deadline_at, lead.escalated_at = None, None, at
    _show_to(lead, None)
    record(lead, "escalated", at=at, actor="network")
    publish(LeadEscalated(tenant_id=lead.owner_id, lead_id=lead.id))


def _show_to(lead: Lead, dealer_id: str | None) -> None:
    """The contact, the messages and the shared lines of history are for who has the lead now, and for nobody before."""
    readers = [dealer_id] if dealer_id else []
    for table in (LeadContact, LeadMessage):
        _set_readers(table, lead, readers)
    _set_readers(LeadEvent, lead, readers, LeadEvent.kind.in_(SHARED_EVENTS))


def _set_readers(table: Any, lead: Lead, readers: list[str], *conditions: sa.ColumnElement[bool]) -> None:
    db.session.execute(
        sa.update(table).where(table.owner_id == lead.owner_id, table.lead_id == lead.id, *conditions)
        .values(visible_to=readers).execution_options(synchronize_session=False)
    )


def _end_offer(lead: Lead, state: str, at: datetime) -> None:
    """Close the open offer and give the dealer his stock back."""
    db.session.execute(
        sa.update(LeadOffer)
        .where(LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id, LeadOffer.state == "offered")
        .values(state=state, responded_at=at if state == "withdrawn" else None)
        .execution_options(synchronize_session=False)
    )
    if lead.assignee_id:
        stock.release(owner_id=lead.assignee_id, lead_id=lead.id)


def _locked_offers(condition: sa.ColumnElement[bool], order: sa.orm.InstrumentedAttribute[Any]) -> list[Any]:
    """Open offers with their leads, the leads locked; those somebody works on just now come next time."""
    return list(db.session.execute(
        sa.select(Lead, LeadOffer)
        .join(LeadOffer, sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id))
        .where(LeadOffer.state == "offered", Lead.state == "offered", condition)
        .order_by(order).limit(BATCH)
        .with_for_update(of=Lead, key_share=True, skip_locked=True).execution_options(populate_existing=True)
    ).all())


def _parts(rating: rules.Rating) -> dict[str, Any]:
    return {
        "count": rating.count,
        "parts": [part._asdict() for part in rating.parts],
        "hints": [hint._asdict() for hint in rating.hints],
    }
