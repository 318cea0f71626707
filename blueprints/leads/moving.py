"""How a lead moves: one guarded UPDATE, a line of history, and who is concerned. What every verb on leads stands on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import format_time

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import new_id
from app.kernel.words import _
from blueprints.leads import rules
from blueprints.leads.errors import TakenByAnother, WindowEnded, WrongMoment
from blueprints.leads.models import Lead, LeadEvent, LeadOffer


def advance(lead: Lead, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
    """Change the lead if it still is as the conditions say; the object is fresh afterwards either way."""
    changed = db.session.execute(
        sa.update(Lead).where(Lead.owner_id == lead.owner_id, Lead.id == lead.id, *conditions).values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(lead)
    return changed.rowcount == 1


def mine() -> sa.ColumnElement[bool]:
    """The condition that the speaker is the lead's dealer."""
    return Lead.assignee_id == current_tenant()


def why_not(lead: Lead, at: datetime) -> Exception:
    """What to tell a person whose verb the lead's state did not allow."""
    me = current_tenant()
    if lead.assignee_id != me and lead.owner_id != me:
        return TakenByAnother(_("Somebody else has taken this lead."))
    if lead.state == "offered" and lead.deadline_at and lead.deadline_at <= at:
        return WindowEnded(_("The window ended at %(time)s.", time=format_time(lead.deadline_at, "short")))
    if lead.state == "new":
        return TakenByAnother(_("This lead is looking for another dealer already."))
    state = rules.state_word(lead.state, lead.kind)
    return WrongMoment(_("This cannot be done now: the lead stands at “%(state)s”.", state=state))


def answer_offer(
    lead: Lead, state: str, at: datetime, reason: str | None = None, *, was: str | None = None
) -> None:
    """The speaking dealer's own offer of the lead, open or taken (or as it `was`), comes to this state."""
    db.session.execute(
        sa.update(LeadOffer)
        .where(
            LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id,
            LeadOffer.dealer_id == current_tenant(), LeadOffer.state.in_((was,) if was else ("offered", "accepted")),
        )
        .values(state=state, reason=reason, responded_at=sa.func.coalesce(LeadOffer.responded_at, at))
        .execution_options(synchronize_session=False)
    )


def record(
    lead: Lead, kind: str, *, at: datetime, actor: str, data: Mapping[str, Any] | None = None, reader: str | None = None
) -> None:
    """A line of the lead's history, seen by its owner and by the dealer it concerns. Never personal data."""
    dealer = reader or lead.assignee_id
    db.session.add(LeadEvent(
        owner_id=lead.owner_id, lead_id=lead.id, id=new_id(), at=at, actor=actor, kind=kind,
        data=dict(data or {}), visible_to=[dealer] if dealer else [],
    ))


def who(lead: Lead) -> dict[str, Any]:
    """The fields by which an event names a lead, its dealer and who speaks."""
    dealer = lead.assignee_id
    return {"tenant_id": current_tenant(), "owner_id": lead.owner_id, "dealer_id": dealer, "lead_id": lead.id}
