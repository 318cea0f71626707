"""When a customer is asked how it went: some days after a dealer took his lead, once more, and then no more."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.events import publish
from blueprints.leads import rules
from blueprints.leads.events import LeadCustomerAsked
from blueprints.leads.models import Lead
from blueprints.leads.terms import terms

BATCH = 200
MOST = 2
"""A customer is asked, reminded, and left in peace."""


def first_question(kind: str, at: datetime, promised_on: date | None = None) -> datetime:
    """When the customer of a lead that is taken at `at` is asked, if nothing is heard before.

    Who was promised a day for his goods is asked some days after it.
    """
    asked = terms()
    if kind != rules.ORDER:
        return at + timedelta(days=asked.ask_customer_days)
    if promised_on is None:
        return at + timedelta(days=asked.ask_customer_of_order_days)
    ready = max(at, datetime.combine(promised_on, at.timetz()))
    return ready + timedelta(days=asked.ask_customer_after_promise_days)


def plan(lead: Lead, *, at: datetime) -> None:
    """Note when the customer of a lead that a dealer took at `at` is asked, unless it went on meanwhile."""
    if lead.state in rules.HELD and lead.customer_asks == 0:
        lead.customer_ask_at = first_question(lead.kind, at, lead.promised_on)


def next_question(at: datetime) -> datetime:
    """When a customer who is asked at `at` is asked again."""
    return at + timedelta(days=terms().ask_customer_again_days)


def ask_customers(*, at: datetime) -> int:
    """Ask every customer whose time has come, as the network's worker; answers how many."""
    due = db.session.scalars(
        sa.select(Lead).where(Lead.customer_ask_at <= at).order_by(Lead.customer_ask_at).limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True).execution_options(populate_existing=True)
    ).all()
    asked = [lead for lead in due if _may_be_asked(lead)]
    for lead in due:
        lead.customer_ask_at = None
    for lead in asked:
        lead.customer_asks += 1
        lead.customer_ask_at = next_question(at) if lead.customer_asks < MOST else None
        publish(LeadCustomerAsked(tenant_id=lead.owner_id, lead_id=lead.id))
    return len(asked)


def _may_be_asked(lead: Lead) -> bool:
    return rules.may_ask_customer(
        state=lead.state, invalid_reason=lead.invalid_reason, has_answered=lead.feedback_at is not None,
        is_quiet=lead.customer_quiet_at is not None, asks=lead.customer_asks, most=MOST,
    )
