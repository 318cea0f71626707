"""HQ's desk of contradictions: what the dealer says beside what the customer says, and what HQ may do about it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.audit import audit
from app.web.templating import render
from blueprints.leads import disputes, queries, rules, rules_words
from blueprints.leads.answers import SettlementForm
from blueprints.leads.models import Lead
from blueprints.leads.moving import words_of

hq_disputes = Section("hq_disputes", __name__)

Answer = Any


@hq_disputes.get("", access="clerk")
def index() -> str:
    """Leads whose dealer and customer differ, the longest waiting first."""
    is_settled = request.args.get("settled", "") not in ("", "0")
    page = disputes.contradicted(is_settled=is_settled, page=request.args.get("page", 1, type=int))
    return render(
        "leads/contradictions.html", page=page, is_settled=is_settled, rules=rules, words=rules_words,
    )


@hq_disputes.get("/<owner_id>/<uuid:lead_id>", access="clerk")
def show(owner_id: str, lead_id: uuid.UUID) -> str:
    """Both words, what was asked and answered, and the decision."""
    lead = queries.get_lead(owner_id, lead_id)
    return _page(lead, SettlementForm())


@hq_disputes.post("/<owner_id>/<uuid:lead_id>/question", access="clerk")
def ask(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Ask the dealer by mail; one tap answers."""
    lead = queries.get_lead(owner_id, lead_id)
    try:
        disputes.question(lead=lead, at=now(), actor=f"staff:{speaker().id}")
    except HouseError as error:
        flash(error.sentence, "error")
    else:
        audit("leads.questioned", f"lead:{lead.id}", number=lead.number)
        flash(_("The dealer is asked by mail."), "success")
    return redirect(url_for("hq_disputes.show", owner_id=owner_id, lead_id=lead_id))


@hq_disputes.post("/<owner_id>/<uuid:lead_id>/settlement", access="manager")
def settle(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Decide who is right, with a reason."""
    lead, form = queries.get_lead(owner_id, lead_id), SettlementForm()
    if form.validate_on_submit():
        try:
            disputes.settle(
                lead=lead, is_customer_right=form.version.data == "customer", value=form.sum, reason=form.reason.data,
                at=now(), actor=f"staff:{speaker().id}",
            )
        except HouseError as error:
            form.blame(error)
        else:
            audit("leads.settled", f"lead:{lead.id}", version=form.version.data, minor=lead.value_minor)
            flash(_("Decided. Both figures and history show it."), "success")
            return redirect(url_for("hq_disputes.index"))
    return _page(lead, form), 422


def _page(lead: Lead, form: SettlementForm) -> str:
    return render(
        "leads/contradiction.html", lead=lead, form=form, rules=rules, words=rules_words, city=queries.city_of(lead),
        dealer=queries.dealer_of(lead), contact=queries.contact_of(lead), feedback=queries.feedback_of(lead),
        history=queries.history(lead), codes=rules_words.contradictions(words_of(lead)),
    )
