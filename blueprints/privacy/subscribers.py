"""What is heard about erased people: the dealer who served a lead erases his own copies of its contact."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import Later, subscribe
from app.kernel.identity import current_tenant
from app.kernel.words import _
from blueprints.leads.models import OPEN_STATES, Lead
from blueprints.privacy.events import PersonErased
from blueprints.privacy.rules import Subject
from blueprints.privacy.search import erase, search
from blueprints.privacy.service import SYSTEM, leave_act

DAY = 24 * 3600.0


@subscribe(PersonErased, speaks="dealer_id")
def erase_copies(event: PersonErased) -> None:
    """Letters and replies about these leads go, once the lead is closed; the dealer's own act stays.

    Leads are looked up among those the operator owns and this dealer was shown: an event can name no others.
    """
    leads = db.session.scalars(
        sa.select(Lead).where(
            Lead.owner_id == event.tenant_id, Lead.id.in_([uuid.UUID(one) for one in event.lead_ids]),
        ).order_by(Lead.id)
    ).all()
    if any(lead.state in OPEN_STATES and lead.assignee_id == current_tenant() for lead in leads):
        raise Later(DAY)
    numbers = [lead.number for lead in leads]
    found = search(Subject("customer"), leads=[lead.id for lead in leads], numbers=numbers)
    erased = erase(found.erasable(), pseudonym=_("Erased"))
    if any(erased.values()):
        leave_act(
            origin="network", erased=erased, numbers=numbers, by=SYSTEM, at=now(), reason="operator",
            operator_id=event.tenant_id,
        )
