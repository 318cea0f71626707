"""What a customer tells of a lead without an order, spoken by its owner: was he called, did he buy, for how much."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.money import Money
from app.kernel.words import _
from blueprints.leads import rules
from blueprints.leads.errors import FeedbackClosed, WrongMoment
from blueprints.leads.events import LeadConfirmed
from blueprints.leads.models import Lead, LeadContact, OwnContact
from blueprints.leads.moving import advance, record, who, why_not
from blueprints.leads.outcome import LARGEST
from blueprints.leads.service import note_feedback


def tell(
    *, lead: Lead, contacted: bool, bought: bool, value: Money | None, satisfaction: int | None, comment: str | None,
    at: datetime,
) -> None:
    """The customer's word on a lead a dealer took, changeable within a week. It never moves the lead: who is right
    where the dealer says otherwise, HQ decides."""
    if not rules.may_change_feedback(lead.feedback_at, at):
        raise FeedbackClosed(_("You answered more than a week ago, so the answer can no longer be changed."))
    if lead.state in ("new", "offered"):
        raise WrongMoment(_("There is nothing to tell yet: no dealer has taken this request."))
    if value and not 0 < value.minor <= LARGEST.minor:
        raise Invalid(_("Write a sum in roubles, like 12 500 or 12 500,50."), field="value")
    minor = value.minor if value and bought else None
    values: dict[str, Any] = {
        "customer_contacted": contacted, "customer_bought": bought, "customer_value_minor": minor,
        "satisfaction": satisfaction, "feedback_at": lead.feedback_at or at, "customer_ask_at": None,
    }
    if not advance(lead, Lead.owner_id == current_tenant(), Lead.state == lead.state, **values):
        raise why_not(lead, at)
    note_feedback(lead, comment)
    said = {"contacted": contacted, "bought": bought, "minor": minor, "stars": satisfaction}
    record(lead, "told", at=at, actor="customer", data={key: word for key, word in said.items() if word is not None})
    publish(LeadConfirmed(**who(lead)))


def be_quiet(*, lead: Lead, at: datetime) -> None:
    """The customer wants to be asked no more, about this lead and all others he opened here with the same address."""
    table = LeadContact if lead.owner_id == HQ else OwnContact
    address = sa.select(sa.func.lower(table.email)).where(table.lead_id == lead.id).scalar_subquery()
    his = sa.select(table.lead_id).where(sa.func.lower(table.email) == address)
    db.session.execute(
        sa.update(Lead).where(Lead.owner_id == current_tenant(), sa.or_(Lead.id == lead.id, Lead.id.in_(his)))
        .values(customer_quiet_at=at, customer_ask_at=None).execution_options(synchronize_session=False)
    )
    db.session.refresh(lead)
