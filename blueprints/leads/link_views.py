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
from blueprints.leads import queries, rules, service
from blueprints.leads.actions import NOUNS, Answer, act, values_of
from blueprints.leads.forms import FeedbackForm
from blueprints.leads.letters import FEEDBACK, OFFER, read_offer_subject, tracking_link
from blueprints.leads.models import Lead

links = Section("leads_links", __name__)

SEASON = 120 * 24 * 3600
"""Heavy goods take their time; the links in their mails live as long."""


@links.get("/offer/<token>", access="link")
def offer(token: str) -> str:
    """A lead as its dealer sees it."""
    return render("leads/link.html", **values_of(_offered(token)), token=token)


@links.post(f"/offer/<token>/<any({NOUNS}):noun>", access="link")
def answer(token: str, noun: str) -> Answer:
    """Everything the desk can do about the lead."""
    lead, back = _offered(token), url_for("leads_links.offer", token=token)
    return act(noun, lead, actor="link", back=back, page=lambda: offer(token))


@links.route("/feedback/<token>", methods=["GET", "POST"], access="link")
def feedback(token: str) -> Response | str | tuple[str, int]:
    """Received? Content? A few words."""
    lead = queries.get_lead(current_tenant(), uuid.UUID(read_link(FEEDBACK, token, SEASON)))
    form = _feedback_form(lead)
    if form.validate_on_submit():
        try:
            _confirm(lead, form)
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("Thank you! Your answer has been noted."), "success")
            return redirect(url_for("leads_links.feedback", token=token, done=1))
    return _feedback_page(lead, form, token), 422 if form.is_submitted() else 200


def _offered(token: str) -> Lead:
    return queries.get_lead(*read_offer_subject(read_link(OFFER, token, SEASON)))


def _confirm(lead: Lead, form: FeedbackForm) -> None:
    service.confirm(
        lead=lead, received=form.received.data == "yes", satisfaction=form.satisfaction, comment=form.comment.data,
        at=now(),
    )


def _feedback_form(lead: Lead) -> FeedbackForm:
    if lead.feedback_at is None:
        return FeedbackForm()
    return FeedbackForm(
        received="yes" if lead.received else "no", stars=str(lead.satisfaction or ""),
        comment=queries.feedback_of(lead),
    )


def _feedback_page(lead: Lead, form: FeedbackForm, token: str) -> str:
    is_open = rules.may_change_feedback(lead.feedback_at, now())
    return render(
        "leads/feedback.html", lead=lead, form=form, token=token, is_open=is_open, dealer=queries.dealer_of(lead),
        is_asked=is_open and (lead.feedback_at is None or "change" in request.args or form.is_submitted()),
        tracking=tracking_link(lead),
    )
