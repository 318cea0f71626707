"""Becoming a dealer, on the brand's site: form, confirmation, and the second until the site stands."""

from __future__ import annotations

import uuid

from flask import flash, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section
from app.web.limits import limiter
from app.web.links import read_link, sign, site_url
from app.web.locale import locale
from app.web.templating import render
from blueprints.accounts.service import entry_token
from blueprints.sites import queries, service
from blueprints.sites.forms import JoinForm

sites = Section("sites", __name__)

PROGRESS = "dealer-progress"
DAY = 24 * 3600
Page = str | tuple[str, int] | Response


@sites.get("/dealers/join", access="anyone")
def join() -> Page:
    """The form, filled with what an invitation knows."""
    form = JoinForm()
    if token := request.args.get("invitation"):
        application = service.get_application(uuid.UUID(read_link(service.INVITE, token)))
        form.company.data, form.email.data = application.company, application.email
    return _form(form)


@sites.post("/dealers/join", access="anyone")
@limiter.limit("20 per hour")
def apply() -> Page:
    """Take the application, or say at each field what to mend."""
    form = JoinForm()
    if not form.validate():
        return _form(form), 422
    try:
        application = service.apply(applicant=_applicant(form), invitation=_invitation(), at=now())
    except HouseError as error:
        form.blame(error)
        return _form(form), 422
    return redirect(url_for("sites.sent", token=sign(PROGRESS, str(application.id))))


@sites.get("/dealers/join/address", access="anyone")
@limiter.limit("120 per minute")
def address() -> Response:
    """Whether a wished subdomain can be had, for the hint under the field."""
    try:
        slug = service.check_wish(request.args.get("slug", ""))
    except HouseError as error:
        return jsonify(ok=False, message=error.sentence)
    return jsonify(ok=True, message=_("%(host)s is free.", host=queries.host_of(slug)))


@sites.get("/dealers/sign-in", access="anyone")
@limiter.limit("30 per minute")
def own_door() -> Page:
    """Show a dealer to the door of his own desk, which stands at his own address."""
    dealer = queries.find_site(request.args.get("shop", ""))
    if dealer is None:
        return _form(JoinForm(), lost=_("There is no shop at this address. Look into the mail about your site.")), 404
    return redirect(site_url("/desk/sign-in", dealer.id))


@sites.get("/dealers/sent/<token>", access="link")
def sent(token: str) -> Page:
    """Look into your mail."""
    application = service.get_application(uuid.UUID(read_link(PROGRESS, token, DAY)))
    return render("sites/sent.html", application=application)


@sites.get("/dealers/confirm/<token>", access="link")
def ask(token: str) -> Page:
    """One button; opening the link alone confirms nothing, because mail programs open links too."""
    application = service.get_application(uuid.UUID(read_link(service.CONFIRM, token)))
    host = queries.host_of(application.slug or "")
    return render("sites/confirm.html", application=application, host=host, token=token)


@sites.post("/dealers/confirm/<token>", access="link")
def confirm(token: str) -> Page:
    """Have the site made."""
    application = service.confirm(application_id=uuid.UUID(read_link(service.CONFIRM, token)), at=now())
    return redirect(url_for("sites.progress", token=sign(PROGRESS, str(application.id))))


@sites.get("/dealers/progress/<token>", access="link")
def progress(token: str) -> Page:
    """Wait for the site; once it stands, go there signed in."""
    application = service.get_application(uuid.UUID(read_link(PROGRESS, token, DAY)))
    if application.state != "live" or not application.tenant_id:
        return render("sites/progress.html", application=application)
    if not service.may_enter(application, now()):
        flash(_("Your site stands already. Sign in with your mail and password."), "info")
        return redirect(site_url("/desk/sign-in", application.tenant_id))
    token = entry_token(application.id, application.tenant_id)
    return redirect(site_url(f"/desk/enter/{token}?next=/desk/setup/look", application.tenant_id))


def _form(form: JoinForm, lost: str = "") -> str:
    domain = queries.host_of("").lstrip(".")
    return render(
        "sites/join.html", form=form, cities=queries.largest_cities(), domain=domain, lost=lost,
        shop=request.args.get("shop", ""),
    )


def _applicant(form: JoinForm) -> service.Applicant:
    city = queries.find_city(form.city.data)
    return service.Applicant(
        company=form.company.data, inn=form.inn.data, city_id=city.id if city else 0,
        contact_name=form.contact_name.data, email=form.email.data, phone=form.phone.data,
        slug=form.slug.data, password=form.password.data, locale=locale(),
    )


def _invitation() -> uuid.UUID | None:
    token = request.args.get("invitation")
    return uuid.UUID(read_link(service.INVITE, token)) if token else None
