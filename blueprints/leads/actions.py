"""What may be done about a lead on a page: the same at the desk and behind a signed link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import Invalid, Refused
from app.kernel.identity import current_tenant
from app.kernel.money import Money, TooLarge
from app.kernel.words import _
from app.web.locale import format_money
from blueprints.leads import disputes, outcome, parts, passing, queries, rules, service
from blueprints.leads.joining_pages import again_of
from blueprints.leads.models import Lead

NOUNS = (
    "acceptance, refusal, handing, contact, attempt, quote, sale, shipment, delivery, loss, invalidation, pause,"
    " reopening, agreement, objection, message"
)
STEPS = (
    "acceptance, refusal, contact, attempt, quote, sale, shipment, delivery, loss, invalidation, pause,"
    " agreement, objection"
)
Answer = Response | str | tuple[str, int]


def act(noun: str, lead: Lead, *, actor: str, back: str, page: Callable[[], str]) -> Answer:
    """Do what the form asks; the page again with 422 when the form lacks something, else back with a word on it."""
    try:
        flash(ACTIONS[noun](lead, actor), "success")
    except Refused as error:
        flash(error.sentence, "error")
    except Invalid as error:
        g.wrong = (noun, error.field, error.sentence)
        if noun == "message":
            flash(error.sentence, "error")
        return page(), 422
    return redirect(back)


def values_of(lead: Lead) -> dict[str, Any]:
    """What both pages show of a lead, in a fixed number of queries."""
    at, offer, contact = now(), queries.find_my_offer(lead), queries.contact_of(lead)
    deadline = offer.deadline_at if offer and rules.is_open(lead.state, offer.state) else None
    is_mine, steps = bool(deadline) or queries.is_mine(lead), outcome.steps_of(lead, at, deadline)
    may_hand_on = "refusal" in steps and not rules.is_shared(lead.state, lead.assignee_id)
    return {
        "lead": lead, "rules": rules, "is_mine": is_mine, "at": at,
        "offer": offer, "deadline": deadline, "body": request.form.get("body", ""),
        "city": queries.city_of(lead), "contact": contact, "feedback": queries.feedback_of(lead),
        "history": queries.history(lead), "messages": queries.messages(lead),
        "steps": disputes.steps_of(lead) + steps, "branches": passing.branches() if may_hand_on else (),
        "left": rules.left_in_words(deadline, at),
        "typed": request.form, "wrong": g.get("wrong"),
        "again": again_of(lead, contact), "is_routed": lead.owner_id != current_tenant(),
        "notes": parts.find_notes(lead) if is_mine and not lead.shipped_at else None,
        "also_mine": parts.other_parts_of([lead]).get(lead.id) if is_mine else None,
    }


def _accept(lead: Lead, actor: str) -> str:
    service.accept(lead=lead, at=now(), actor=actor)
    return _("The lead is yours. Call the customer soon.")


def _decline(lead: Lead, actor: str) -> str:
    reason = _chosen(rules.DECLINE_REASONS)
    products = request.form.getlist("product_id", type=int)
    service.decline(lead=lead, reason=reason, at=now(), actor=actor, product_ids=products)
    return _("Thank you for the answer. The lead goes on to another dealer.")


def _hand_on(lead: Lead, actor: str) -> str:
    passing.hand_on(
        lead=lead, to_id=request.form.get("to_id", ""), note=request.form.get("note", ""), at=now(), actor=actor
    )
    return _("Handed on. The other one is asked at once.")


def _contact(lead: Lead, actor: str) -> str:
    outcome.contact(lead=lead, at=now(), actor=actor)
    return _("Noted: you have spoken with the customer.")


def _attempt(lead: Lead, actor: str) -> str:
    outcome.attempt(lead=lead, at=now(), actor=actor)
    return _("Noted: nobody answered. Try again later.")


def _quote(lead: Lead, actor: str) -> str:
    value = _sum()
    outcome.quote(lead=lead, value=value, at=now(), actor=actor)
    return _("Noted: an offer for %(sum)s.", sum=format_money(value))


def _win(lead: Lead, actor: str) -> str:
    value = _sum()
    outcome.win(
        lead=lead, value=value, at=now(), actor=actor, sold_on=_day("sold_on"), document=request.form.get("document"),
    )
    return _("Noted: sold for %(sum)s. Well done!", sum=format_money(value))


def _invalidate(lead: Lead, actor: str) -> str:
    outcome.invalidate(lead=lead, reason=_chosen(rules.INVALID_REASONS), at=now(), actor=actor)
    return _("Noted. The lead counts neither for your share nor for your rating.")


def _pause(lead: Lead, actor: str) -> str:
    outcome.pause(lead=lead, at=now(), actor=actor)
    return _("Noted: still in talks. We will ask again in two weeks.")


def _agree(lead: Lead, actor: str) -> str:
    disputes.agree(lead=lead, at=now(), actor=actor)
    return _("Thank you. The lead stands as the customer says.")


def _object(lead: Lead, actor: str) -> str:
    disputes.object_to(lead=lead, words=request.form.get("words", ""), at=now(), actor=actor)
    return _("Thank you. The manufacturer reads your words and decides.")


def _reopen(lead: Lead, actor: str) -> str:
    outcome.reopen(lead=lead, at=now(), actor=actor)
    return _("The lead is in work again.")


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


def _sum() -> Money:
    try:
        return Money.told(request.form.get("sum", ""))
    except TooLarge:
        raise outcome.too_large() from None
    except ValueError:
        raise Invalid(_("Write a sum in roubles, like 12 500 or 12 500,50."), field="sum") from None


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("Write the day like 2026-05-09."), field=name) from None


def _chosen(reasons: dict[str, Any]) -> str:
    reason = request.form.get("reason", "")
    if reason not in reasons:
        raise Invalid(_("Choose a reason."), field="reason")
    return reason


ACTIONS: dict[str, Callable[[Lead, str], str]] = {
    "acceptance": _accept, "refusal": _decline, "handing": _hand_on, "contact": _contact, "attempt": _attempt,
    "quote": _quote,
    "sale": _win, "shipment": _ship, "delivery": _deliver, "loss": _lose, "invalidation": _invalidate,
    "pause": _pause, "reopening": _reopen,
    "agreement": _agree, "objection": _object, "message": _write,
}
