"""A lead changes hands by what people say: a dealer hands it on, HQ names a dealer or sends it round again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.words import _
from blueprints.catalog import stock
from blueprints.leads import rules
from blueprints.leads.errors import WrongMoment
from blueprints.leads.events import LeadAssignmentAsked, LeadHandedOn, LeadLooksAgain, LeadRecyclingAsked
from blueprints.leads.models import Lead
from blueprints.leads.moving import advance, answer_offer, mine, record, why_not
from tenants.models import Tenant

NOTE_LIMIT = 300


def branches() -> list[tuple[str, str]]:
    """`(id, name)` of the speaker's own branches and sub-dealers who work at present, by name."""
    rows = db.session.execute(
        sa.select(Tenant.id, Tenant.name).where(Tenant.parent_id == current_tenant(), Tenant.state == "active")
        .order_by(Tenant.name)
    )
    return [(tenant_id, name) for tenant_id, name in rows]


def hand_on(*, lead: Lead, to_id: str, note: str, at: datetime, actor: str) -> None:
    """The dealer hands a lead that he is offered, or holds unshipped, to a branch of his, and says in a word why.

    The network's worker offers it to the branch, with a window of its own; what was kept of the dealer's goods is free.
    """
    me, note, known = current_tenant(), note.strip()[:NOTE_LIMIT], dict(branches())
    if to_id not in known:
        raise Invalid(_("Choose one of your own branches or dealers."), field="to_id")
    if not note:
        raise Invalid(_("Say in a word why: the other one reads it."), field="note")
    if rules.is_shared(lead.state, lead.assignee_id):
        raise WrongMoment(_("Several dealers see this lead. Take it first, then hand it on."))
    was_held = lead.state in rules.HELD
    is_his = sa.or_(Lead.state.in_(rules.HELD), sa.and_(Lead.state == "offered", Lead.deadline_at > at))
    if not advance(lead, is_his, mine(), Lead.owner_id != me, Lead.shipped_at.is_(None), state="new", accepted_at=None):
        raise why_not(lead, at)
    answer_offer(lead, "handed_on", at)
    stock.release(owner_id=me, lead_id=lead.id)
    by = db.session.scalar(sa.select(Tenant.name).where(Tenant.id == me))
    said = {"by": by, "to": known[to_id], "note": note, "was_held": was_held}
    record(lead, "handed_on", at=at, actor=actor, data=said, readers=(me, to_id))
    publish(LeadHandedOn(tenant_id=me, owner_id=lead.owner_id, dealer_id=me, to_id=to_id, lead_id=lead.id))
    if was_held:
        publish(LeadLooksAgain(tenant_id=me, owner_id=lead.owner_id, lead_id=lead.id))


def ask_assignment(*, lead: Lead, dealer_id: str, reason: str, at: datetime, actor: str) -> None:
    """HQ names the dealer by hand, with a reason both can read; the network's worker makes the offer.

    Whoever is asked or holds the lead loses it, as long as nothing is shipped.
    """
    if lead.owner_id != current_tenant() or not rules.may_assign(lead.state, lead.shipped_at is not None):
        raise why_not(lead, at)
    if lead.state != "new" and lead.assignee_id == dealer_id:
        raise WrongMoment(_("This dealer has the lead already."))
    record(lead, "assigned", at=at, actor=actor, data={"reason": reason}, readers=_both(lead, dealer_id))
    publish(LeadAssignmentAsked(tenant_id=lead.owner_id, dealer_id=dealer_id, lead_id=lead.id, reason=reason))


def ask_recycling(*, lead: Lead, forgets: bool, reason: str, at: datetime, actor: str) -> None:
    """HQ sends a lead through routing again from the start, with a reason; who was asked may be asked again if it
    `forgets`. A lost lead comes back to life, unless an order ended with it.
    """
    if lead.owner_id != current_tenant():
        raise why_not(lead, at)
    if rules.is_over(lead.state) and lead.order_id is not None:
        raise WrongMoment(_("The order ended together with this lead. Only a new order can bring it back."))
    if not rules.may_recycle(lead.state, lead.shipped_at is not None):
        raise why_not(lead, at)
    record(lead, "recycled", at=at, actor=actor, data={"reason": reason}, readers=_both(lead, None))
    publish(LeadRecyclingAsked(tenant_id=lead.owner_id, lead_id=lead.id, forgets=forgets))


def _both(lead: Lead, dealer_id: str | None) -> list[str]:
    """Who loses the lead and who gets it."""
    has_it = lead.assignee_id if lead.state != "new" else None
    return [one for one in dict.fromkeys((has_it, dealer_id)) if one]


__all__ = ["ask_assignment", "ask_recycling", "branches", "hand_on"]
