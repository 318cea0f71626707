"""HQ's page of dealers: who is in, who waits, inviting, approving, refusing, suspending."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section
from app.web.links import site_url
from app.web.locale import locale
from app.web.templating import render
from blueprints.sites import belonging, queries, service, settings
from blueprints.sites.forms import HeadForm, InviteForm, ReasonForm

hq_dealers = Section("hq_dealers", __name__)

STATES = ("pending", "active", "suspended", "closed")
Page = str | tuple[str, int] | Response


@hq_dealers.get("/dealers", access="clerk")
def index() -> Page:
    """Dealers by state, with search."""
    state = request.args.get("state") if request.args.get("state") in STATES else None
    words = request.args.get("q", "")[:100]
    page = queries.dealers(page=request.args.get("page", 1, int), state=state, words=words)
    return render(
        "sites/dealers.html", page=page, state=state, words=words, counts=queries.dealer_counts(),
        applications=queries.waiting_applications() if not state else [], reason_form=ReasonForm(),
        approval_is_asked=queries.approval_is_asked(), site_url=site_url, states=STATES,
    )


@hq_dealers.get("/dealers/invitation", access="manager")
def invitation() -> Page:
    """Whom to invite."""
    return render("sites/invite.html", form=InviteForm())


@hq_dealers.post("/dealers/invitation", access="manager")
def invite() -> Page:
    """Mail the invitation."""
    form = InviteForm()
    if not form.validate():
        return render("sites/invite.html", form=form), 422
    service.invite(email=form.email.data, company=form.company.data, locale=locale())
    flash(_("The invitation to %(email)s is on its way.", email=form.email.data), "success")
    return redirect(url_for("hq_dealers.index"))


@hq_dealers.post("/dealers/approval", access="manager")
def approval() -> Page:
    """Whether new sites wait for HQ."""
    settings.approve_first(request.form.get("asked") == "1")
    flash(_("Saved."), "success")
    return redirect(url_for("hq_dealers.index"))


@hq_dealers.post("/dealers/<dealer_id>/approved", access="manager")
def approve(dealer_id: str) -> Page:
    """Open the site to visitors."""
    service.approve(dealer_id=dealer_id, at=now())
    flash(_("The site is open. The dealer is told by mail."), "success")
    return redirect(url_for("hq_dealers.index"))


@hq_dealers.get("/dealers/<dealer_id>/<any(refusal, suspension):verb>", access="manager")
def why(dealer_id: str, verb: str) -> Page:
    """Ask for the reason."""
    return render("sites/reason.html", form=ReasonForm(), dealer=queries.get_dealer(dealer_id), verb=verb)


@hq_dealers.post("/dealers/<dealer_id>/<any(refusal, suspension):verb>", access="manager")
def close(dealer_id: str, verb: str) -> Page:
    """Refuse or suspend, with a reason the dealer will read."""
    form = ReasonForm()
    if not form.validate():
        return render("sites/reason.html", form=form, dealer=queries.get_dealer(dealer_id), verb=verb), 422
    act = service.refuse if verb == "refusal" else service.suspend
    act(dealer_id=dealer_id, reason=form.reason.data)
    flash(_("Done. The dealer is told by mail."), "success")
    return redirect(url_for("hq_dealers.index"))


@hq_dealers.post("/dealers/<dealer_id>/resumed", access="manager")
def resume(dealer_id: str) -> Page:
    """Open a suspended site again."""
    service.resume(dealer_id=dealer_id)
    flash(_("The site is open again. The dealer is told by mail."), "success")
    return redirect(url_for("hq_dealers.index"))


@hq_dealers.route("/dealers/<dealer_id>/head", methods=["GET", "POST"], access="manager")
def head(dealer_id: str) -> Page:
    """Which dealer this one belongs to, as a branch or sub-dealer."""
    dealer = queries.get_dealer(dealer_id)
    form = HeadForm(head_id=dealer.parent_id or "")
    form.head_id.choices = [("", _("to nobody, he stands alone")), *belonging.heads_for(dealer_id)]
    if form.validate_on_submit():
        try:
            belonging.attach(dealer_id=dealer_id, head_id=form.head_id.data or None)
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("hq_dealers.index"))
    page = render("sites/head.html", form=form, dealer=dealer)
    return (page, 422) if form.is_submitted() else page
