"""What may be done about a lead on a page: the same at the desk and behind a signed link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import Invalid, Refused
from app.kernel.identity import current_tenant
from app.kernel.words import _
from blueprints.leads import queries, rules, service
from blueprints.leads.models import Lead

NOUNS = "acceptance, refusal, shipment, delivery, loss, message"
Answer = Response | str | tuple[str, int]


def act(noun: str, lead: Lead, *, actor: str, back: str, page: Callable[[], str]) -> Answer:
    """Do what the form asks; the page again with 422 when the form lacks something, else back with a word on it."""
    try:
        flash(ACTIONS[noun](lead, actor), "success")
    except Refused as error:
        flash(error.sentence, "error")
    except Invalid as error:
        flash(error.sentence, "error")
        return page(), 422
    return redirect(back)


def values_of(lead: Lead) -> dict[str, Any]:
    """What both pages show of a lead, in a fixed number of queries."""
    at = now()
    mine = lead.assignee_id == current_tenant() and lead.state != "new"
    return {
        "lead": lead, "rules": rules, "is_mine": mine, "at": at, "body": request.form.get("body", ""),
        "city": queries.city_of(lead), "contact": queries.contact_of(lead), "feedback": queries.feedback_of(lead),
        "history": queries.history(lead), "messages": queries.messages(lead),
        "steps": steps_of(lead) if mine else (), "left": rules.left_in_words(lead.deadline_at, at),
        "is_routed": lead.owner_id != current_tenant(),
    }


def steps_of(lead: Lead) -> tuple[str, ...]:
    """What the speaking dealer may do about a lead he has."""
    return rules.next_steps(
        state=lead.state, is_own=lead.owner_id == current_tenant(), is_shipped=lead.shipped_at is not None,
        is_open=bool(lead.deadline_at and lead.deadline_at > now()),
    )


def _accept(lead: Lead, actor: str) -> str:
    service.accept(lead=lead, at=now(), actor=actor)
    return _("The lead is yours. Call the customer soon.")


def _decline(lead: Lead, actor: str) -> str:
    reason = _chosen(rules.DECLINE_REASONS)
    products = request.form.getlist("product_id", type=int)
    service.decline(lead=lead, reason=reason, at=now(), actor=actor, product_ids=products)
    return _("Thank you for the answer. The lead goes on to another dealer.")


def _ship(lead: Lead, actor: str) -> str:
    service.ship(lead=lead, at=now(), actor=actor)
    if lead.delivery_method == rules.PICKUP:
        return _("Ready. The customer has been told.")
    return _("Shipped. The customer has been told.")


def _deliver(lead: Lead, actor: str) -> str:
    service.deliver(lead=lead, at=now(), actor=actor)
    return _("Delivered. The customer is asked for feedback.")


def _lose(lead: Lead, actor: str) -> str:
    service.lose(lead=lead, reason=_chosen(rules.LOST_REASONS), at=now(), actor=actor)
    return _("The lead is closed without a sale.")


def _write(lead: Lead, _actor: str) -> str:
    service.write(lead=lead, author="dealer", body=request.form.get("body", ""), at=now())
    return _("The message is on its way.")


def _chosen(reasons: dict[str, Any]) -> str:
    reason = request.form.get("reason", "")
    if reason not in reasons:
        raise Invalid(_("Choose a reason."), field="reason")
    return reason


ACTIONS: dict[str, Callable[[Lead, str], str]] = {
    "acceptance": _accept, "refusal": _decline, "shipment": _ship, "delivery": _deliver, "loss": _lose,
    "message": _write,
}
