"""What people decide about a lead's way is carried out here, as the network's worker: HQ names a dealer or recycles the
lead, a dealer hands it on, a dealer is suspended.

Every verb locks the lead first and looks whether it still stands as it stood when the person decided.
"""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import TenantId
from blueprints.catalog import stock
from blueprints.leads import rules as lead_rules
from blueprints.leads.events import LeadOfferWithdrawn
from blueprints.leads.models import Lead, LeadOffer
from blueprints.leads.queries import lock_lead
from blueprints.leads.service import kept_of, record
from blueprints.routing import offering, queries, rules, service
from tenants.models import Tenant

INACTIVE = "inactive"


def assign(*, owner_id: str, lead_id: uuid.UUID, dealer_id: str, at: datetime) -> None:
    """Offer a lead to the dealer HQ named, with what he has of it reserved; who had it until now is told."""
    queries.take_turn()
    lead = lock_lead(owner_id, lead_id)
    if lead is None or not lead_rules.may_assign(lead.state, lead.shipped_at is not None):
        return
    if (lead.state != "new" and lead.assignee_id == dealer_id) or not queries.is_active(dealer_id):
        return
    offering.withdraw(lead, at, "by_hand")
    _ask_one(lead, dealer_id, "by_hand", at)


def hand_over(*, owner_id: str, lead_id: uuid.UUID, from_id: str, to_id: str, at: datetime) -> None:
    """Offer a lead to whom a dealer handed it; routing goes on where the other one does not work any more."""
    queries.take_turn()
    lead = lock_lead(owner_id, lead_id)
    if lead is None or lead.state != "new":
        return
    if not queries.is_active(to_id):
        service.route(owner_id=owner_id, lead_id=lead_id, at=at)
        return
    active = service.ensure_profile(at=at)
    decision = rules.Decision(
        str(lead.id), active.profile.id, active.profile.version, "decision.handed_on",
        (rules.Ranked(TenantId(to_id), 1, (rules.Verdict(1.0, "dealer.handed_on"),)),),
    )
    service.note_run(lead, active, decision, [to_id], {}, at)
    _ask_one(lead, to_id, "handed_on", at, handed_by=from_id)


def recycle(*, owner_id: str, lead_id: uuid.UUID, forgets: bool, at: datetime) -> str | None:
    """Send a lead through routing from the start; answers who is asked first.

    Where it `forgets`, all who were asked may be asked again but the one from whose hands the lead is taken.
    """
    queries.take_turn()
    lead = lock_lead(owner_id, lead_id)
    if lead is None or not lead_rules.may_recycle(lead.state, lead.shipped_at is not None):
        return None
    stuck = lead.assignee_id if lead.state in lead_rules.HELD else None
    offering.withdraw(lead, at, "recycled")
    if lead.assignee_id:  # of a lead that was lost, its offer with it, and nobody has heard of that yet
        stock.release(owner_id=lead.assignee_id, lead_id=lead.id)
    lead.state, lead.assignee_id, lead.recycled_after = "new", None, lead.rounds
    lead.escalated_at = lead.closed_at = lead.closed_by = lead.lost_reason = lead.invalid_reason = None
    if forgets:
        _forget_asked(lead, stuck)
    db.session.flush()
    return service.route(owner_id=owner_id, lead_id=lead_id, at=at)


def leave_inactive(*, at: datetime) -> int:
    """End the offers of dealers who do not work any more and let the leads move on at once; answers how many."""
    queries.take_turn()
    is_inactive = LeadOffer.dealer_id.in_(sa.select(Tenant.id).where(Tenant.state != "active"))
    due = service.locked_offers(is_inactive, LeadOffer.deadline_at)
    for lead, offer in due:
        offering.end(lead, offer, "withdrawn", at, reason=INACTIVE)
        record(lead, INACTIVE, at=at, actor="network", reader=offer.dealer_id)
        publish(LeadOfferWithdrawn(
            tenant_id=lead.owner_id, dealer_id=offer.dealer_id, lead_id=lead.id, reason=INACTIVE
        ))
    return len(due)


def _ask_one(lead: Lead, dealer_id: str, way: str, at: datetime, handed_by: str | None = None) -> None:
    offering.end_supply(lead)
    missing = stock.reserve_some(owner_id=dealer_id, lead_id=lead.id, lines=kept_of(lead))
    profile = service.ensure_profile(at=at).profile
    offering.ask(lead, (dealer_id,), way=way, profile=profile, at=at, missing={dealer_id: missing}, handed_by=handed_by)


def _forget_asked(lead: Lead, stuck: str | None) -> None:
    db.session.execute(
        sa.update(LeadOffer)
        .where(
            LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id,
            LeadOffer.dealer_id.is_distinct_from(stuck),
        )
        .values(is_forgotten=True).execution_options(synchronize_session=False)
    )
