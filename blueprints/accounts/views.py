"""Customers: signing in, making an account, their own page."""

from __future__ import annotations

from flask import flash, redirect, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import Invalid, Refused
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.locale import locale
from app.web.templating import render
from blueprints.accounts import customers, doors, queries, service, sessions
from blueprints.accounts.doors import Answer, status_of
from blueprints.accounts.forms import AddressForm, ChangePasswordForm, CustomerForm, RegistrationForm
from blueprints.accounts.limits import limit_attempts, limit_requests

accounts = Section("accounts", __name__)


@accounts.route("/sign-in", methods=["GET", "POST"], access="anyone")
@limit_attempts
def sign_in() -> Answer:
    """The door of customers."""
    return doors.sign_in("customer", url_for("accounts.account"))


@accounts.post("/sign-out", access="anyone")
def sign_out() -> Response:
    """Leave."""
    sessions.sign_out()
    return doors.leave("/")


@accounts.route("/password", methods=["GET", "POST"], access="anyone")
@limit_requests
def forgotten() -> Answer:
    """Ask for a link to set a new password."""
    return doors.forgotten("customer")


@accounts.route("/password/<token>", methods=["GET", "POST"], access="link")
def new_password(token: str) -> Answer:
    """Set a new password by the link of the mail."""
    return doors.new_password("customer", token, url_for("accounts.account"))


@accounts.route("/register", methods=["GET", "POST"], access="anyone")
@limit_requests
def register() -> Answer:
    """Ask for a link to make an account; the answer does not tell who has one."""
    form = AddressForm()
    if form.validate_on_submit():
        customers.request_registration(email=form.email.data, locale=locale())
        flash(_("We have sent a link to %(email)s. Open it to finish.", email=form.email.data), "success")
        return redirect(url_for("accounts.sign_in"), 303)
    return render("accounts/register.html", form=form), status_of(form)


@accounts.route("/register/<token>", methods=["GET", "POST"], access="link")
def finish(token: str) -> Answer:
    """The mail address is proved: name, password and consent make the account."""
    form = RegistrationForm()
    try:
        email = customers.read_registration(token)
        if form.validate_on_submit():
            values = {name: form[name].data for name in ("name", "phone", "password")}
            sessions.sign_in(customers.register(email=email, locale=locale(), at=now(), **values), now())
            return redirect(url_for("accounts.account"), 303)
    except Refused as error:
        flash(error.sentence, "info")
        return redirect(url_for("accounts.sign_in"), 303)
    except Invalid as error:
        form.blame(error)
    return render("accounts/register_finish.html", form=form, email=email), status_of(form)


@accounts.get("", access="customer")
def account() -> Answer:
    """The own page: what other subsystems show, profile, password."""
    return _account()


@accounts.post("/profile", access="customer")
def save_profile() -> Answer:
    """Save name, phone and language."""
    form = CustomerForm()
    if not form.validate_on_submit():
        return _account(profile=form), 422
    service.rename(
        account=queries.get_account(speaker()), name=form.name.data, locale=form.locale.data,
        phone=form.phone.data or None,
    )
    flash(_("Saved."), "success")
    return redirect(url_for("accounts.account"), 303)


@accounts.post("/password/change", access="customer")
@limit_attempts
def change_password() -> Answer:
    """A new password; other sessions end."""
    form = doors.change_password(queries.get_account(speaker()))
    return (_account(password=form), 422) if form else redirect(url_for("accounts.account"), 303)


@accounts.get("/sessions", access="customer")
def my_sessions() -> Answer:
    """Where I am signed in."""
    return doors.list_sessions("layouts/shop.html")


@accounts.post("/sessions/end", access="customer")
def end_sessions() -> Response:
    """Sign out one device, all others, or all."""
    return doors.end_sessions(queries.get_account(speaker()))


def _account(profile: CustomerForm | None = None, password: ChangePasswordForm | None = None) -> str:
    person = speaker()
    shown = [part(person) for part in service.account_parts]
    return render(
        "accounts/account.html", person=person,
        pieces=[Markup(render(template, **values)) for template, values in shown],
        profile=profile or CustomerForm(formdata=None, obj=queries.get_account(person)),
        password=password or ChangePasswordForm(formdata=None),
    )
