"""`/leads`: leads offered to the owner of the key, taken by him, or brought in from another system."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import g

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.identity import current_tenant
from app.kernel.words import _, _l
from blueprints.integrations.api import shapes
from blueprints.integrations.api.catalogue import ids_of
from blueprints.integrations.api.idempotency import repeatable
from blueprints.integrations.api.lead_reads import detail, get_lead, page
from blueprints.integrations.api.lead_writes import bring_in
from blueprints.integrations.api.section import api
from blueprints.leads import passing, service
from blueprints.leads.models import Lead
from tenants.models import Tenant

Item = dict[str, Any]


@api.get("/leads", access="key:leads:read", tag="leads", says=(
    _l("List leads"), _l("Leads you are offered, hold or held to their end, the newest first."),
))
@api.arguments(shapes.LeadsAsked, location="query")
@api.response(200, shapes.LeadList)
def list_leads(asked: Mapping[str, Any]) -> Item:
    """A page of leads."""
    return page(asked)


@api.get("/leads/<uuid:lead_id>", access="key:leads:read", tag="leads", says=(
    _l("Read a lead"), _l("One lead with its messages. The contact is there once the lead is yours."),
))
@api.response(200, shapes.LeadDetail)
def show_lead(lead_id: uuid.UUID) -> Item:
    """One lead."""
    return detail(get_lead(lead_id))


@api.post("/leads", access="key:leads:write", tag="leads", says=(
    _l("Bring a lead in"),
    _l("Opens a lead that came from another system. A wish of somebody whose lead without an order is open is joined "
       "to it, and that lead is answered. `Idempotency-Key` is required: repeat the call until it is answered."),
))
@repeatable
@api.arguments(shapes.KeyNeeded, location="headers")
@api.arguments(shapes.NewLead)
@api.response(201, shapes.LeadDetail)
def create_lead(_key: Item, body: Mapping[str, Any]) -> Item:
    """Open a lead."""
    return detail(bring_in(body, actor=g.actor, at=now()))


@api.post("/leads/<uuid:lead_id>/acceptance", access="key:leads:write", tag="leads", says=(
    _l("Take a lead"), _l("The lead you are offered becomes yours, while the time to answer is not over."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def accept_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """Take it."""
    return act(lead_id, service.accept)


@api.post("/leads/<uuid:lead_id>/refusal", access="key:leads:write", tag="leads", says=(
    _l("Decline a lead"),
    _l("Refuses an offer, or gives a lead back that is not shipped yet; another dealer is asked."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Refusal)
@api.response(201, shapes.LeadDetail)
def decline_lead(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """Refuse it; the lead as it was left is answered, it may be nobody's to see afterwards."""
    products = ids_of(body["skus"]).values()
    return act(lead_id, service.decline, reason=body["reason"], product_ids=products)


@api.get("/branches", access="key:leads:read", tag="leads", says=(
    _l("List branches"), _l("Your own branches and sub-dealers, to whom you may hand a lead on."),
))
@api.response(200, shapes.BranchList)
def list_branches() -> Item:
    """All of them."""
    return {"items": [{"slug": slug, "name": name} for slug, (_id, name) in _branches().items()], "next": None}


@api.post("/leads/<uuid:lead_id>/handing", access="key:leads:write", tag="leads", says=(
    _l("Hand a lead on"),
    _l("To a branch of yours, as long as nothing is shipped: he is asked with a time of his own to answer."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Handing)
@api.response(201, shapes.LeadDetail)
def hand_lead_on(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """Hand it on; the lead as it was left is answered."""
    branch = _branches().get(body["dealer"])
    if branch is None:
        raise Invalid(_("Choose one of your own branches or dealers."), field="dealer")
    return act(lead_id, passing.hand_on, to_id=branch[0], note=body["note"])


@api.post("/leads/<uuid:lead_id>/shipment", access="key:leads:write", tag="leads", says=(
    _l("Report a shipment"), _l("The goods have left; what was reserved for the lead leaves your stock."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def ship_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """Ship it."""
    return act(lead_id, service.ship)


@api.post("/leads/<uuid:lead_id>/delivery", access="key:leads:write", tag="leads", says=(
    _l("Report a delivery"), _l("The customer has the goods; he is asked how content he is."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def deliver_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """Deliver it."""
    return act(lead_id, service.deliver)


@api.post("/leads/<uuid:lead_id>/loss", access="key:leads:write", tag="leads", says=(
    _l("Close a lead without a sale"), _l("There will be no sale; what was reserved becomes free."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Loss)
@api.response(201, shapes.LeadDetail)
def lose_lead(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """Lose it."""
    return act(lead_id, service.lose, reason=body["reason"])


@api.post("/leads/<uuid:lead_id>/messages", access="key:leads:write", tag="leads", says=(
    _l("Write to the customer"), _l("The customer gets the message by mail and reads it on the page of the order."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.NewMessage)
@api.response(201, shapes.MessageShape)
def create_message(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Any:
    """Write to the customer, as who holds the lead or as the manufacturer."""
    lead = get_lead(lead_id)
    author = "dealer" if lead.assignee_id == current_tenant() else "owner"
    return service.write(lead=lead, author=author, body=body["body"], at=now())


def _branches() -> dict[str, tuple[str, str]]:
    """`(id, name)` of the speaker's branches by slug."""
    found = dict(passing.branches())
    rows = db.session.execute(sa.select(Tenant.slug, Tenant.id).where(Tenant.id.in_(found)).order_by(Tenant.name))
    return {slug: (tenant_id, found[tenant_id]) for slug, tenant_id in rows}


def act(lead_id: uuid.UUID, verb: Callable[..., None], **values: Any) -> Item:
    """Do it and answer the lead as it was left."""
    lead: Lead = get_lead(lead_id)
    verb(lead=lead, at=now(), actor=g.actor, **values)
    return detail(lead)
