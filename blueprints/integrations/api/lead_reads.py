"""Leads as the API tells them; the database decides what a caller sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.words import _
from blueprints.integrations.api.catalogue import city_item
from blueprints.integrations.api.cursors import page_of
from blueprints.integrations.api.orders import person
from blueprints.integrations.api.parts import parts, point, slugs_of
from blueprints.integrations.api.shapes import STEPS
from blueprints.leads import disputes, outcome, passing, queries, rules
from blueprints.leads.errors import NoSuchLead
from blueprints.leads.models import Lead
from blueprints.leads.parts import other_parts_of
from tenants.models import City

Item = dict[str, Any]

PLAIN = (
    "id", "number", "kind", "source", "state", "delivery_method", "payment_method", "is_paid", "satisfaction",
    "lost_reason", "invalid_reason", "attempts", "created_at", "accepted_at", "contacted_at", "quoted_at",
    "shipped_at", "delivered_at", "closed_at", "asked", "joined_to", "wished_on", "wished_hours", "part",
)


def page(asked: Mapping[str, Any]) -> Item:
    """A page of leads in eight queries."""
    query = sa.select(Lead).where(_concerns_me())
    if state := asked.get("state"):
        query = query.where(Lead.state == state)
    if since := asked.get("created_since"):
        query = query.where(Lead.created_at >= since)
    since = asked.get("updated_since")
    if since:
        query = query.where(Lead.changed_at >= since)
    found, following = page_of(
        query, Lead.changed_at if since else Lead.created_at, Lead.id, cursor=asked.get("cursor"),
        limit=asked["limit"], newest_first=since is None,
    )
    return {"items": _items(found), "next": following}


def get_lead(lead_id: uuid.UUID) -> Lead:
    """The lead the speaker is offered, holds or owns; `NoSuchLead` otherwise."""
    lead = db.session.scalar(sa.select(Lead).where(Lead.id == lead_id, _concerns_me()))
    if lead is None:
        raise NoSuchLead(_("There is no lead %(id)s, or it is not yours.", id=lead_id))
    return lead


def detail(lead: Lead) -> Item:
    """A lead with its messages."""
    return {**_items([lead])[0], "messages": queries.messages(lead)}


def _concerns_me() -> sa.ColumnElement[bool]:
    me = current_tenant()
    holds = sa.and_(Lead.assignee_id == me, Lead.state.not_in(("new", "offered")))
    return sa.or_(Lead.owner_id == me, holds, queries.is_offered_to_me())


def _items(leads: list[Lead]) -> list[Item]:
    contacts, cities, deadlines = queries.contacts_of(leads), _cities(leads), queries.deadlines_of(leads)
    others, has_branches = other_parts_of(leads), bool(passing.branches())
    slugs = slugs_of(part for found in others.values() for part in found)
    return [
        _item(lead, contacts.get(lead.id), cities.get(lead.city_id or 0), deadlines.get(lead.id), has_branches)
        | {"other_parts": parts(others.get(lead.id, ()), slugs)}
        for lead in leads
    ]


def _item(
    lead: Lead, contact: queries.Contact | None, city: City | None, deadline: datetime | None, has_branches: bool
) -> Item:
    return {
        **{name: getattr(lead, name) for name in PLAIN}, "deadline_at": deadline or lead.deadline_at,
        "is_own": lead.owner_id == current_tenant(),
        "external_id": lead.external_id if lead.owner_id == current_tenant() else None,
        "next_steps": _steps(lead, deadline, has_branches),
        "city": city_item(city) if city else None, "contact": person(contact) if contact else None,
        "lines": [_line(line) for line in lead.lines], "pickup": point(lead.pickup),
        "question": _question(lead) if disputes.is_asked(lead) else None,
        "updated_at": lead.changed_at, "value": {"minor": lead.value_minor, "currency": lead.currency},
    }


def _steps(lead: Lead, deadline: datetime | None, has_branches: bool) -> list[str]:
    steps = [*disputes.steps_of(lead), *outcome.steps_of(lead, now(), deadline)]
    if has_branches and "refusal" in steps and not rules.is_shared(lead.state, lead.assignee_id):
        steps.append("handing")
    return [step for step in steps if step in STEPS]


def _question(lead: Lead) -> Item:
    return {
        "code": lead.contradiction, "asked_at": lead.questioned_at, "received": lead.received,
        "contacted": lead.customer_contacted, "bought": lead.customer_bought, "value_minor": lead.customer_value_minor,
    }


def _line(line: Mapping[str, Any]) -> Item:
    return {
        "sku": line.get("sku"), "name": {"ru": line.get("name_ru") or "", "en": line.get("name_en")},
        "quantity": line["quantity"], "total_minor": line.get("minor") or 0,
    }


def _cities(leads: Iterable[Lead]) -> dict[int, City]:
    ids = {lead.city_id for lead in leads if lead.city_id}
    return {city.id: city for city in db.session.scalars(sa.select(City).where(City.id.in_(ids)))} if ids else {}
