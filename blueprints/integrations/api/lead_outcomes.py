"""`/leads/{id}/…`: what came of a lead its holder talks about: called, no answer, quoted, sold, no real request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from app.kernel.money import Money
from app.kernel.words import _l
from blueprints.integrations.api import shapes
from blueprints.integrations.api.idempotency import repeatable
from blueprints.integrations.api.leads import act
from blueprints.integrations.api.section import api
from blueprints.leads import disputes, outcome

Item = dict[str, Any]


@api.post("/leads/<uuid:lead_id>/contact", access="key:leads:write", tag="leads", says=(
    _l("Report a talk"), _l("You have spoken with the customer."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def contact_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """He was called."""
    return act(lead_id, outcome.contact)


@api.post("/leads/<uuid:lead_id>/attempt", access="key:leads:write", tag="leads", says=(
    _l("Report a call nobody answered"), _l("You called and will call again; `attempts` counts it."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def attempt_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """Nobody answered."""
    return act(lead_id, outcome.attempt)


@api.post("/leads/<uuid:lead_id>/quote", access="key:leads:write", tag="leads", says=(
    _l("Report an offer"), _l("You made the customer an offer for this sum; only for leads without an order."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Quote)
@api.response(201, shapes.LeadDetail)
def quote_lead(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """He was quoted."""
    return act(lead_id, outcome.quote, value=_sum(body))


@api.post("/leads/<uuid:lead_id>/sale", access="key:leads:write", tag="leads", says=(
    _l("Report a sale"), _l("The lead is won for this sum; an order's lead is won by `delivery`."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Sale)
@api.response(201, shapes.LeadDetail)
def win_lead(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """He bought."""
    return act(lead_id, outcome.win, value=_sum(body), sold_on=body["sold_on"], document=body["document"])


@api.post("/leads/<uuid:lead_id>/invalidation", access="key:leads:write", tag="leads", says=(
    _l("Report that there is no request"),
    _l("A wrong number, spam, a test: the lead counts neither for your share nor for your rating."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Invalidation)
@api.response(201, shapes.LeadDetail)
def invalidate_lead(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """There is nobody."""
    return act(lead_id, outcome.invalidate, reason=body["reason"])


@api.post("/leads/<uuid:lead_id>/reopening", access="key:leads:write", tag="leads", says=(
    _l("Open a lead again"), _l("Within a week you may take back what you told of the end of a lead without an order."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def reopen_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """It goes on."""
    return act(lead_id, outcome.reopen)


@api.post("/leads/<uuid:lead_id>/agreement", access="key:leads:write", tag="leads", says=(
    _l("Find the customer right"), _l("Answers the lead's `question`: from now on it stands as the customer says."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.response(201, shapes.LeadDetail)
def agree_about_lead(_key: Item, lead_id: uuid.UUID) -> Item:
    """The customer is right."""
    return act(lead_id, disputes.agree)


@api.post("/leads/<uuid:lead_id>/objection", access="key:leads:write", tag="leads", says=(
    _l("Stand by your word"), _l("Answers the lead's `question`: it is as you said, and the manufacturer decides."),
))
@repeatable
@api.arguments(shapes.KeyWelcome, location="headers")
@api.arguments(shapes.Objection)
@api.response(201, shapes.LeadDetail)
def object_about_lead(_key: Item, body: Mapping[str, Any], lead_id: uuid.UUID) -> Item:
    """It is as the dealer said."""
    return act(lead_id, disputes.object_to, words=body["words"])


def _sum(body: Mapping[str, Any]) -> Money:
    return Money(**body["value"])
