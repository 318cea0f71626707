"""Asking dealers what became of the leads in their hands: after some working days without news, then weekly.

A dealer gets one letter a day at most, about all he owes news of; who holds many leads gets all of them listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.jobs import every
from blueprints.leads.events import LeadNewsAsked
from blueprints.leads.models import Lead
from blueprints.leads.rules import HELD
from blueprints.leads.terms import Terms, terms
from blueprints.routing import rules
from blueprints.routing.hours import hours_of_dealer

BATCH = 500
MOST_LISTED = 20
A_DAY = timedelta(hours=20)


@every(seconds=60)
def ask_for_news() -> None:
    """Ask dealers who owe news."""
    follow_up(at=now())


def follow_up(*, at: datetime) -> int:
    """Note when leads newly in hand are asked about, ask about those that are due; answers how many dealers."""
    limits = terms()
    _schedule(at, limits)
    due: dict[str, list[Lead]] = defaultdict(list)
    for lead in _locked(Lead.ask_at <= at, limits):
        due[str(lead.assignee_id)].append(lead)
    hours = {dealer_id: hours_of_dealer(dealer_id) for dealer_id in due.keys() - _asked_lately(due, at)}
    asked = [dealer_id for dealer_id, open_ in hours.items() if open_.is_open(at)]
    for dealer_id in asked:
        _ask(dealer_id, due[dealer_id], at, limits)
    return len(asked)


def _schedule(at: datetime, limits: Terms) -> None:
    leads = _locked(Lead.ask_at.is_(None), limits)
    hours = {dealer_id: hours_of_dealer(dealer_id) for dealer_id in {str(one.assignee_id) for one in leads}}
    for lead in leads:
        lead.ask_at = rules.after_working_days(at, limits.ask_dealer_days, hours[str(lead.assignee_id)])


def _locked(condition: sa.ColumnElement[bool], limits: Terms) -> list[Lead]:
    return list(db.session.scalars(
        sa.select(Lead)
        .where(Lead.state.in_(HELD), Lead.asks < limits.ask_dealer_most, Lead.assignee_id.is_not(None), condition)
        .order_by(Lead.ask_at, Lead.id).limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True).execution_options(populate_existing=True)
    ))


def _asked_lately(dealers: Iterable[str], at: datetime) -> set[str]:
    return set(db.session.scalars(
        sa.select(Lead.assignee_id).distinct()
        .where(Lead.assignee_id.in_(dealers), Lead.state.in_(HELD), Lead.asked_at > at - A_DAY)
    ))


def _ask(dealer_id: str, due: list[Lead], at: datetime, limits: Terms) -> None:
    for lead in due:
        lead.asked_at, lead.asks = at, lead.asks + 1
        lead.ask_at = at + timedelta(days=limits.ask_dealer_again_days)
    listed = [*due, *_others(dealer_id, due, limits)][:MOST_LISTED]
    publish(LeadNewsAsked(
        tenant_id=listed[0].owner_id, dealer_id=dealer_id,
        leads=tuple(f"{lead.owner_id}:{lead.id}" for lead in listed),
    ))


def _others(dealer_id: str, due: list[Lead], limits: Terms) -> list[Lead]:
    """Everything else in his hands, where that is much."""
    held = list(db.session.scalars(
        sa.select(Lead).where(Lead.assignee_id == dealer_id, Lead.state.in_(HELD))
        .order_by(Lead.accepted_at, Lead.id).limit(MOST_LISTED + len(due))
    ))
    return [lead for lead in held if lead not in due] if len(held) > limits.digest_above else []
