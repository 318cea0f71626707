"""Verbs of routing: place a lead, move it on, end windows, rate dealers. They run as the network's worker.

Every verb locks the lead first, so a lead is placed once however often it is asked for: an event that comes
twice finds the state it wanted and does nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
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
from blueprints.leads.queries import lock_lead
from blueprints.leads.rules import FASTER
from blueprints.leads.service import kept_of, lines_of, record
from blueprints.routing import offering, queries, ratings, rules, splitting
from blueprints.routing.candidates import Moment, candidates_for
from blueprints.routing.models import RoutingRun, SourcingProfile
from blueprints.routing.queries import ActiveProfile

BATCH = 100
TRIES = 3
"""How often an order is divided anew when something of a part was just sold."""


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


def route(*, owner_id: str, lead_id: uuid.UUID, at: datetime) -> str | None:
    """Offer a waiting lead of HQ to the best dealer whose stock can be reserved; answers who, None if nobody."""
    queries.take_turn()
    lead = lock_lead(owner_id, lead_id)
    if lead is None or not _is_waiting(lead):
        return None
    offers = _place([lead], ensure_profile(at=at), at)
    return offers[0].dealer_id if offers else None


def route_new(*, leads: Iterable[tuple[str, uuid.UUID]], at: datetime) -> None:
    """Place new leads one after another, and write what became of all of them at once.

    One may have to wait for others (`Profile.batch_minutes`), but not one whose customer picked a dealer.
    """
    queries.take_turn()
    active = ensure_profile(at=at)
    waiting = [each for each in queries.lock_leads(leads) if _is_waiting(each) and not each.rounds]
    with db.session.no_autoflush:
        _place([lead for lead in waiting if lead.preferred_id or not active.profile.batch_minutes], active, at)


def _is_waiting(lead: Lead) -> bool:
    return lead.owner_id == HQ and lead.state == "new" and lead.escalated_at is None


def _place(leads: Sequence[Lead], active: ActiveProfile, at: datetime) -> list[LeadOffer]:
    """Decide about one after another and carry it out; answers the offers that were made."""
    moment, made = Moment((product for lead in leads for product, _quantity in lines_of(lead)), at), []
    for lead in leads:
        demand = queries.demand_of(lead, at, profile=active.profile)
        candidates = moment.candidates(demand, active.profile)
        decision = rules.decide(demand, candidates, active.profile)
        offers = settle(lead, active, demand, candidates, decision, at)
        moment.note(offers)
        made += offers
    return made


def settle(
    lead: Lead, active: ActiveProfile, demand: rules.Demand, candidates: list[rules.Candidate],
    decision: rules.Decision, at: datetime, **noted: Any,
) -> list[LeadOffer]:
    """Carry a decision out: stock, the kept reasons with what is `noted` beside them, the offers or HQ's turn.

    Answers the offers, of the best dealer first.
    """
    offering.end_supply(lead)
    strategy = active.profile.strategy(decision.strategy)
    may_ask = lead.rounds - lead.recycled_after < active.profile.max_rounds
    if decision.parts and may_ask:
        ids, decision, candidates = _keep_parts(lead, active, demand, decision, candidates)
        if ids:
            return _settle_parts(lead, active, decision, ids, noted, at)
    known, asked, missing = {each.dealer_id: each for each in candidates}, [], {}
    if may_ask and not decision.parts:
        is_race = strategy.way == "broadcast" and len(decision.ranking) > 1 and decision.chosen != demand.picked_id
        if is_race:
            asked = [ranked.dealer_id for ranked in decision.ranking[: strategy.broadcast_to]]
        else:
            asked, noted["missed"], missing = _take_first(lead, demand, decision, known)
    note_run(lead, active, decision, asked, noted, at)
    lacks = dict.fromkeys(asked, missing)
    if len(asked) > 1 and not demand.is_wish:
        lacks = {one: rules.lacks(demand, known[one]) for one in asked}
    hours = {one: known[one].hours for one in asked}
    return _carry_out(lead, asked, strategy, active.profile, at, lacks, hours)


def _keep_parts(
    lead: Lead, active: ActiveProfile, demand: rules.Demand, decision: rules.Decision,
    candidates: list[rules.Candidate],
) -> tuple[list[uuid.UUID], rules.Decision, list[rules.Candidate]]:
    """Reserve the parts' goods, dividing anew while somebody else is faster; without ids it came to no parts."""
    for _again in range(TRIES):
        if ids := splitting.reserve(lead, decision.parts):
            return ids, decision, candidates
        candidates = candidates_for(demand, active.profile)
        decision = rules.decide(demand, candidates, active.profile)
        if not decision.parts:
            break
    return [], decision, candidates


def _settle_parts(
    lead: Lead, active: ActiveProfile, decision: rules.Decision, ids: Sequence[uuid.UUID], noted: dict[str, Any],
    at: datetime,
) -> list[LeadOffer]:
    """Offer each part to its dealer, leave to HQ what nobody gets. A further part keeps its dealer's reasons only."""
    strategy, offers = active.profile.strategy(decision.strategy), []
    for placed, part in splitting.divide(lead, decision, ids, at):
        asked = [part.dealer_id] if part else []
        note_run(placed, active, decision, asked, noted, at, is_whole=placed is lead)
        missing = {part.dealer_id: dict(part.owed)} if part else {}
        offers += _carry_out(placed, asked, strategy, active.profile, at, missing, {})
    return offers


def move_on(*, owner_id: str, lead_id: uuid.UUID, at: datetime) -> str | None:
    """Place a lead anew that was declined or met silence, unless others may still take it."""
    queries.take_turn()
    lead = lock_lead(owner_id, lead_id)
    return route(owner_id=owner_id, lead_id=lead_id, at=at) if lead and offering.look_again(lead) else None


def tell_slower(*, owner_id: str, lead_id: uuid.UUID, winner_id: str, at: datetime) -> None:
    """Tell those who were asked together with the one who took the lead that he was faster."""
    for lead, dealer in queries.slower_dealers(owner_id, lead_id, winner_id):
        record(lead, FASTER, at=at, actor="network", reader=dealer)
        publish(LeadOfferWithdrawn(tenant_id=owner_id, dealer_id=dealer, lead_id=lead.id, reason=FASTER))


def expire_offers(*, at: datetime) -> int:
    """End every window that is over and let the leads move on; answers how many."""
    queries.take_turn()
    due = locked_offers(LeadOffer.deadline_at <= at, LeadOffer.deadline_at)
    for lead, offer in due:
        offering.end(lead, offer, "expired", at)
        record(lead, "expired", at=at, actor="network", reader=offer.dealer_id)
        publish(LeadOfferExpired(tenant_id=lead.owner_id, dealer_id=offer.dealer_id, lead_id=lead.id))
    return len(due)


def send_reminders(*, at: datetime) -> int:
    """Remind of every offer whose time has come, once; answers how many."""
    due = locked_offers(
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
    lead: Lead, asked: list[str], strategy: rules.Strategy, profile: rules.Profile, at: datetime,
    missing: Mapping[str, Mapping[int, int]], hours: Mapping[str, rules.WorkingHours | None],
) -> list[LeadOffer]:
    if not asked:
        offering.escalate(lead, at)
        return []
    if strategy.way == "assign" and len(asked) == 1:
        return [offering.give(lead, asked[0], profile=profile, at=at, missing=missing.get(asked[0]))]
    way = "broadcast" if len(asked) > 1 else "one_after_another"
    return offering.ask(lead, asked, way=way, profile=profile, at=at, missing=missing, hours=hours)


def _take_first(
    lead: Lead, demand: rules.Demand, decision: rules.Decision, candidates: dict[str, rules.Candidate]
) -> tuple[list[str], list[str], dict[int, int]]:
    """The first of the ranking whose stock can be had, those whose last piece was just sold, and what the first lacks.

    Who has not all the goods is in the ranking only where the profile wants it so: what he has is reserved.
    """
    missed: list[str] = []
    kept = kept_of(lead)
    for ranked in decision.ranking:
        dealer = ranked.dealer_id
        if kept and not rules.has_all(demand, candidates[dealer]):
            missing = stock.reserve_some(owner_id=dealer, lead_id=lead.id, lines=kept)
            return [dealer], missed, splitting.supply(lead, dealer, missing, demand.at) if lead.pickup else missing
        if stock.reserve(owner_id=dealer, lead_id=lead.id, lines=kept):
            return [dealer], missed, {}
        missed.append(dealer)
    return [], missed, {}


def note_run(
    lead: Lead, active: ActiveProfile, decision: rules.Decision, asked: list[str], noted: dict[str, Any],
    at: datetime, *, is_whole: bool = True,
) -> None:
    """Keep a decision for good with its reasons and what is `noted` beside them, of a part those of who is asked."""
    explanation = rules.explain(decision) | noted
    if not is_whole:
        explanation["lines"] = {dealer: line for dealer, line in explanation["lines"].items() if dealer in asked}
    db.session.add(RoutingRun(
        owner_id=lead.owner_id, lead_id=lead.id, id=new_id(), profile_id=active.row_id,
        profile_version=active.profile.version, chosen_id=asked[0] if asked else None,
        asked=asked if len(asked) > 1 else [], at=at,
        explanation=explanation, split=rules.parts_kept(decision),
    ))


def locked_offers(condition: sa.ColumnElement[bool], order: sa.orm.InstrumentedAttribute[Any]) -> list[Any]:
    """Open offers with their leads, both locked; those somebody works on just now come next time."""
    return list(db.session.execute(
        sa.select(Lead, LeadOffer)
        .join(LeadOffer, sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id))
        .where(LeadOffer.state == "offered", Lead.state == "offered", condition)
        .order_by(order).limit(BATCH)
        .with_for_update(of=[Lead, LeadOffer], key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all())
