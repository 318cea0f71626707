"""HQ's desk of leads: the list with its filters, a lead with every candidate's reasons, a decision by hand."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.forms import Form
from app.web.here import here
from app.web.templating import render
from blueprints.leads import joining_pages, parts, passing, rules_words, service
from blueprints.leads import queries as leads
from blueprints.leads import rules as lead_rules
from blueprints.leads.models import Lead
from blueprints.routing import board, queries
from blueprints.routing.forms import AssignmentForm, ClosingForm, RecyclingForm
from blueprints.routing.rules import sentence
from blueprints.routing.wording import candidates_of, columns_of, parts_in_words, places_of

hq_leads = Section("hq_leads", __name__)

Answer = Any


@hq_leads.get("", access="clerk")
def index() -> str:
    """Leads of the whole network by state, dealer, region, source and period."""
    asked = {key: request.args.get(key, "") for key in ("state", "dealer", "region", "source", "since", "until", "q")}
    is_escalated = request.args.get("escalated", "") not in ("", "0")
    since, until = _day(asked["since"]), _day(asked["until"])
    page = leads.search_leads(
        **{key: asked[key] for key in ("state", "dealer", "region", "source")}, search=asked["q"],
        since=since, until=until + timedelta(days=1) if until else None, is_escalated=is_escalated,
        page=request.args.get("page", 1, type=int),
    )
    return render(
        "routing/hq_leads.html", page=page, asked=asked, is_escalated=is_escalated, rules=lead_rules,
        dealers=queries.active_dealers(), regions=queries.regions(),
        is_upside_down=bool(since and until and until < since),
    )


@hq_leads.get("/board", access="clerk")
def live() -> str:
    """Leads on their way to a dealer, as they stand this moment."""
    words = rules_words.CONTRADICTION_WORDS
    return render("routing/board.html", columns=board.columns(), contradictions=words, rules=lead_rules, at=now())


@hq_leads.get("/<owner_id>/<uuid:lead_id>", access="clerk")
def show(owner_id: str, lead_id: uuid.UUID) -> str:
    """The whole story of a lead; the contact only where the lead is HQ's own."""
    return _page(leads.get_lead(owner_id, lead_id))


@hq_leads.post("/<owner_id>/<uuid:lead_id>/assignment", access="manager")
def assign(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Name the dealer by hand, with a reason."""
    lead, form = leads.get_lead(owner_id, lead_id), _assignment()
    if form.validate_on_submit():
        try:
            passing.ask_assignment(
                lead=lead, dealer_id=form.dealer_id.data, reason=form.reason.data, at=now(), actor=_actor()
            )
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("The lead is being offered to the dealer you named."), "success")
            return redirect(url_for("hq_leads.show", owner_id=owner_id, lead_id=lead_id))
    return _page(lead, assignment=form), 422


@hq_leads.post("/<owner_id>/<uuid:lead_id>/recycling", access="manager")
def recycle(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Send a lead that is stuck, escalated or lost through routing again, with a reason."""
    lead, form = leads.get_lead(owner_id, lead_id), RecyclingForm()
    if form.validate_on_submit():
        try:
            passing.ask_recycling(
                lead=lead, forgets=form.forgets.data, reason=form.again_reason.data, at=now(), actor=_actor()
            )
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("The lead looks for a dealer again from the start."), "success")
            return redirect(url_for("hq_leads.show", owner_id=owner_id, lead_id=lead_id))
    return _page(lead, recycling=form), 422


@hq_leads.post("/<owner_id>/<uuid:lead_id>/closing", access="manager")
def close(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Close a lead nobody can serve."""
    lead, form = leads.get_lead(owner_id, lead_id), ClosingForm()
    if form.validate_on_submit():
        try:
            service.close(lead=lead, reason=form.lost_reason.data, at=now(), actor=_actor())
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("The lead is closed without a sale."), "success")
            return redirect(url_for("hq_leads.show", owner_id=owner_id, lead_id=lead_id))
    return _page(lead, closing=form), 422


@hq_leads.post("/<owner_id>/<uuid:lead_id>/message", access="clerk")
def write(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Write to the customer of one of HQ's own leads."""
    lead = leads.get_lead(owner_id, lead_id)
    try:
        service.write(lead=lead, author="owner", body=request.form.get("body", ""), at=now())
    except HouseError as error:
        flash(error.sentence, "error")
        return _page(lead), 422
    flash(_("The message is on its way."), "success")
    return redirect(url_for("hq_leads.show", owner_id=owner_id, lead_id=lead_id))


@hq_leads.post("/<owner_id>/<uuid:lead_id>/joining", access="clerk")
def join(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Join a lead to another one of the same customer."""
    into = joining_pages.join(leads.get_lead(owner_id, lead_id), actor=_actor())
    return redirect(url_for("hq_leads.show", owner_id=into.owner_id, lead_id=into.id))


@hq_leads.post("/<owner_id>/<uuid:lead_id>/parting", access="clerk")
def part(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Undo it."""
    joining_pages.part(leads.get_lead(owner_id, lead_id), actor=_actor())
    return redirect(url_for("hq_leads.show", owner_id=owner_id, lead_id=lead_id))


def _assignment() -> AssignmentForm:
    form = AssignmentForm()
    form.dealer_id.choices = queries.active_dealers()
    return form


def _page(lead: Lead, **refused: Form) -> str:
    """The lead's page, with the form that was refused as it was sent."""
    runs, offers = queries.runs_of(lead), leads.offers_of(lead)
    named = {lead.owner_id, lead.assignee_id or "", lead.preferred_id or "", *(offer.dealer_id for offer in offers)}
    siblings = parts.parts_of(lead)
    named |= {one.assignee_id or "" for one in siblings}
    named |= {offer.handed_by for offer in offers if offer.handed_by}
    named |= {dealer for run in runs for dealer in run.explanation["lines"]}
    named |= {dealer for run in runs if run.split for dealer in run.split["parts"]}
    is_own, contact, places = lead.owner_id == current_tenant(), leads.contact_of(lead), places_of(runs)
    return render(
        "routing/hq_lead.html", lead=lead, rules=lead_rules, words=rules_words, city=leads.city_of(lead), is_own=is_own,
        contact=contact, again=joining_pages.again_of(lead, contact), feedback=leads.feedback_of(lead),
        history=leads.history(lead),
        messages=leads.messages(lead) if is_own else (), offers=offers, names=queries.names_of(named),
        runs=[(run, candidates_of(run, places)) for run in runs], sentence=sentence, columns_of=columns_of,
        goods=queries.goods_of(runs), parts_in_words=parts_in_words,
        siblings=siblings,
        body=request.form.get("body", ""), **_decisions(lead) | refused,
    )


def _decisions(lead: Lead) -> dict[str, Any]:
    """What HQ may decide about a lead by hand, as forms; nothing where it is not HQ's."""
    if lead.owner_id != current_tenant():
        return {"assignment": None, "closing": None, "recycling": None, "is_stuck": False}
    is_shipped, is_dead = lead.shipped_at is not None, lead_rules.is_over(lead.state) and lead.order_id is not None
    form = _assignment() if lead_rules.may_assign(lead.state, is_shipped) else None
    may_recycle = lead_rules.may_recycle(lead.state, is_shipped) and not is_dead
    is_held = form is not None and lead.state in lead_rules.HELD
    return {
        "assignment": form, "closing": ClosingForm() if form else None,
        "recycling": RecyclingForm(formdata=None) if may_recycle else None,
        "is_stuck": is_held and lead.assignee_id not in dict(form.dealer_id.choices),
    }


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(here().timezone))
    except ValueError:
        return None


def _actor() -> str:
    return f"staff:{speaker().id}"
