"""Signed links: a dealer answers and reports from the mail, a customer says how it went. GET never changes anything."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.access import Section
from app.web.links import read_link
from app.web.templating import render
from blueprints.leads import customer, joining, queries, rules
from blueprints.leads.actions import NOUNS, STEPS, Answer, act, values_of
from blueprints.leads.answers import ReceiptForm, TalkForm
from blueprints.leads.letters import FEEDBACK, OFFER, REQUEST, read_offer_subject, tracking_link
from blueprints.leads.models import Lead
from blueprints.leads.service import write
from blueprints.leads.story import story_of

links = Section("leads_links", __name__)

SEASON = 120 * 24 * 3600
"""Heavy goods take their time; the links in their mails live as long."""


@links.get("/offer/<token>", access="link")
def offer(token: str) -> str:
    """A lead as its dealer sees it."""
    return render("leads/link.html", **values_of(_offered(token)), token=token)


@links.get(f"/offer/<token>/<any({STEPS}):noun>", access="link")
def step(token: str, noun: str) -> str:
    """One step alone, as a button of a mail names it: nothing happens before it is pressed here."""
    return _step_page(token, noun)


@links.post(f"/offer/<token>/<any({NOUNS}):noun>", access="link")
def answer(token: str, noun: str) -> Answer:
    """Everything the desk can do about the lead."""
    lead, back = _offered(token), url_for("leads_links.offer", token=token)
    is_step = request.form.get("from") == "step"
    return act(noun, lead, actor="link", back=back, page=lambda: _step_page(token, noun) if is_step else offer(token))


@links.route("/feedback/<token>", methods=["GET", "POST"], access="link")
def feedback(token: str) -> Response | str | tuple[str, int]:
    """Called, bought, received? Content? A few words."""
    lead = _asked_about(token)
    form = _feedback_form(lead)
    if form.validate_on_submit():
        try:
            form.tell(lead, at=now())
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("Thank you! Your answer has been noted."), "success")
            return redirect(url_for("leads_links.feedback", token=token, done=1))
    return _feedback_page(lead, form, token), 422 if form.is_submitted() else 200


@links.route("/feedback/<token>/quiet", methods=["GET", "POST"], access="link")
def quiet(token: str) -> Response | str:
    """The customer wants to be asked no more."""
    lead = _asked_about(token)
    if request.method == "POST":
        customer.be_quiet(lead=lead, at=now())
        return redirect(url_for("leads_links.quiet", token=token))
    return render("leads/quiet.html", lead=lead, token=token)


@links.get("/request/<token>", access="link")
def request_page(token: str) -> str:
    """Where a request without an order stands, who serves it, and what was written about it."""
    lead, followed = _requested(token)
    return render(
        "leads/request.html", lead=lead, token=token, rules=rules, history=story_of(followed),
        dealer=queries.dealer_of(followed), messages=queries.messages(followed),
    )


@links.post("/request/<token>/messages", access="link")
def request_message(token: str) -> Response:
    """The customer writes to whoever serves him."""
    lead, _followed = _requested(token)
    try:
        write(lead=joining.head_of(lead), author="customer", body=request.form.get("body", ""), at=now())
    except HouseError as refusal:
        flash(refusal.sentence, "error")
    else:
        flash(_("Your message has been sent."), "success")
    return redirect(url_for("leads_links.request_page", token=token, _anchor="messages"))


def _requested(token: str) -> tuple[Lead, Lead]:
    """The lead of the link, and the one whose way its reader may see.

    That is the one it was joined to where both gave the same mail address: a stranger who knows no more than a
    customer's telephone reads nothing of him.
    """
    lead = queries.get_lead(current_tenant(), uuid.UUID(read_link(REQUEST, token, SEASON)))
    head = joining.head_of(lead)
    return lead, head if _email(lead) and _email(head) == _email(lead) else lead


def _email(lead: Lead) -> str:
    contact = queries.contact_of(lead)
    return (contact.email or "").lower() if contact else ""


def _step_page(token: str, noun: str) -> str:
    return render("leads/step.html", **values_of(_offered(token)), token=token, noun=noun)


def _asked_about(token: str) -> Lead:
    return queries.get_lead(current_tenant(), uuid.UUID(read_link(FEEDBACK, token, SEASON)))


def _offered(token: str) -> Lead:
    return queries.get_lead(*read_offer_subject(read_link(OFFER, token, SEASON)))


def _feedback_form(lead: Lead) -> ReceiptForm | TalkForm:
    shape = TalkForm if rules.is_talk(lead.kind, lead.state) else ReceiptForm
    return shape() if lead.feedback_at is None else shape.of(lead, queries.feedback_of(lead))


def _feedback_page(lead: Lead, form: ReceiptForm | TalkForm, token: str) -> str:
    is_open = rules.may_change_feedback(lead.feedback_at, now())
    return render(
        "leads/feedback.html", lead=lead, form=form, token=token, is_open=is_open, dealer=queries.dealer_of(lead),
        is_asked=is_open and (lead.feedback_at is None or "change" in request.args or form.is_submitted()),
        tracking=tracking_link(lead), is_talk=rules.is_talk(lead.kind, lead.state), rules=rules,
    )
