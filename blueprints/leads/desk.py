"""The dealer's desk of leads: the inbox from every source, a lead with what to do about it, a lead by hand."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.templating import render
from blueprints.leads import joining_pages, manual, queries, rules
from blueprints.leads.actions import NOUNS, Answer, act, values_of
from blueprints.leads.forms import ManualLeadForm

desk = Section("leads_desk", __name__)


@desk.get("/leads", access="clerk")
def inbox() -> str:
    """Leads in tabs: offered with a countdown, in work, done."""
    tab, search, source = request.args.get("tab", ""), request.args.get("q", ""), request.args.get("source", "")
    found = queries.inbox(tab=tab, search=search, source=source, page=request.args.get("page", 1, type=int))
    return render("leads/inbox.html", inbox=found, tab=found.tab, q=search, source=source, rules=rules, at=now())


@desk.route("/leads/new", methods=["GET", "POST"], access="clerk")
def new() -> Answer:
    """A customer who called or came in."""
    form = ManualLeadForm(kind="order")
    form.city_id.choices = manual.cities_to_choose()
    if form.validate_on_submit():
        try:
            lead, is_new, *_more = manual.open_by_hand(form, actor=_actor(), at=now())
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("The lead is written down.") if is_new else _("This customer's open lead has it now."), "success")
            return redirect(url_for("leads_desk.show", owner_id=lead.owner_id, lead_id=lead.id))
    elif form.lines.errors and (unknown := manual.find_unknown(form)):
        form.blame(unknown)
    page = render("leads/new.html", form=form)
    return (page, 422) if form.is_submitted() else page


@desk.get("/leads/<owner_id>/<uuid:lead_id>", access="clerk")
def show(owner_id: str, lead_id: uuid.UUID) -> str:
    """One lead: what is wanted, whom to call, what happened, what to do next."""
    return render("leads/show.html", **values_of(queries.get_lead(owner_id, lead_id)))


@desk.post(f"/leads/<owner_id>/<uuid:lead_id>/<any({NOUNS}):noun>", access="clerk")
def do(owner_id: str, lead_id: uuid.UUID, noun: str) -> Answer:
    """Accept, decline, ship, deliver, lose, write."""
    lead = queries.get_lead(owner_id, lead_id)
    back = url_for("leads_desk.show", owner_id=owner_id, lead_id=lead_id)
    return act(noun, lead, actor=_actor(), back=back, page=lambda: show(owner_id, lead_id))


@desk.post("/leads/<owner_id>/<uuid:lead_id>/joining", access="clerk")
def join(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Join a lead of one's own site to another one of the same customer."""
    into = joining_pages.join(queries.get_lead(owner_id, lead_id), actor=_actor())
    return redirect(url_for("leads_desk.show", owner_id=into.owner_id, lead_id=into.id))


@desk.post("/leads/<owner_id>/<uuid:lead_id>/parting", access="clerk")
def part(owner_id: str, lead_id: uuid.UUID) -> Answer:
    """Undo it."""
    joining_pages.part(queries.get_lead(owner_id, lead_id), actor=_actor())
    return redirect(url_for("leads_desk.show", owner_id=owner_id, lead_id=lead_id))


def _actor() -> str:
    return f"staff:{speaker().id}"
