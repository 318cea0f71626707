"""Staff: signing in and out, passwords, the own profile."""

from __future__ import annotations

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.boundary import here
from app.web.locale import locale
from app.web.templating import render
from blueprints.accounts import queries, service, sessions
from blueprints.accounts.forms import (
    AddressForm,
    ChangePasswordForm,
    NewPasswordForm,
    ProfileForm,
    SignInForm,
    WelcomeForm,
)
from blueprints.accounts.limits import limit_attempts, limit_requests
from blueprints.accounts.rules import device, local_path

desk = Section("accounts_desk", __name__)

HOMES = ("hq_overview.index", "leads_desk.home", "accounts_desk.me")
Answer = Response | str | tuple[str, int]


def home() -> str:
    """Where staff begin: the first desk that is installed and meant for this tenant."""
    homes = HOMES if here().is_hq else HOMES[1:]
    return url_for(next(endpoint for endpoint in homes if endpoint in current_app.view_functions))


@desk.route("/sign-in", methods=["GET", "POST"], access="anyone")
@limit_attempts
def sign_in() -> Answer:
    """The door of the desk."""
    target = local_path(request.args.get("next")) or home()
    if _is_staff() and request.method == "GET":
        return redirect(target)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            account = service.authenticate(kind="staff", email=form.email.data, password=form.password.data)
        except HouseError as error:
            form.blame(error)
        else:
            sessions.sign_in(account, now())
            return redirect(target, 303)
    return render("accounts/sign_in.html", form=form), 422 if form.is_submitted() else 200


@desk.post("/sign-out", access="anyone")
def sign_out() -> Response:
    """Leave."""
    sessions.sign_out()
    return redirect(url_for("accounts_desk.sign_in"), 303)


@desk.get("/enter/<token>", access="link")
def enter(token: str) -> Response:
    """A one-time door for somebody who proved himself at the brand's host a moment ago."""
    try:
        staff = service.enter(token=token)
    except HouseError as error:
        flash(error.sentence, "info")
        return redirect(url_for("accounts_desk.sign_in", next=local_path(request.args.get("next"))))
    sessions.sign_in(staff, now())
    return redirect(local_path(request.args.get("next")) or home(), 303)


@desk.route("/password", methods=["GET", "POST"], access="anyone")
@limit_requests
def forgotten() -> Answer:
    """Ask for a link to set a new password; the answer does not tell who is known."""
    form = AddressForm()
    if form.validate_on_submit():
        service.request_reset(kind="staff", email=form.email.data)
        flash(_("If somebody with this address works here, the link is on its way. It holds for one hour."), "success")
        return redirect(url_for("accounts_desk.sign_in"), 303)
    page = render("accounts/forgotten.html", form=form, back=url_for("accounts_desk.sign_in"))
    return page, 422 if form.is_submitted() else 200


@desk.route("/password/<token>", methods=["GET", "POST"], access="link")
def new_password(token: str) -> Answer:
    """Set a new password by the link of the mail."""
    account = service.read_password_link(kind="staff", purpose="reset", token=token)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            service.set_password(account=account, password=form.password.data)
        except HouseError as error:
            form.blame(error)
        else:
            sessions.sign_in(account, now())
            return redirect(home(), 303)
    return render("accounts/new_password.html", form=form, account=account), 422 if form.is_submitted() else 200


@desk.route("/welcome/<token>", methods=["GET", "POST"], access="link")
def welcome(token: str) -> Answer:
    """An invited person says his name and sets his first password."""
    account = service.read_password_link(kind="staff", purpose="invite", token=token)
    form = WelcomeForm(obj=account)
    if form.validate_on_submit():
        try:
            service.accept_invitation(
                account=account, name=form.name.data, password=form.password.data, locale=locale()
            )
        except HouseError as error:
            form.blame(error)
        else:
            sessions.sign_in(account, now())
            return redirect(home(), 303)
    return render("accounts/welcome.html", form=form, account=account), 422 if form.is_submitted() else 200


@desk.get("/me", access="clerk")
def me() -> Answer:
    """The own profile, password and sessions."""
    return _me()


@desk.post("/me", access="clerk")
def save_me() -> Answer:
    """Save name and language."""
    form = ProfileForm()
    if not form.validate_on_submit():
        return _me(profile=form), 422
    service.rename(account=queries.get_account(speaker()), name=form.name.data, locale=form.locale.data)
    flash(_("Saved."), "success")
    return redirect(url_for("accounts_desk.me"), 303)


@desk.post("/me/password", access="clerk")
@limit_attempts
def change_password() -> Answer:
    """A new password; other sessions end."""
    form, account = ChangePasswordForm(), queries.get_account(speaker())
    if form.validate_on_submit():
        try:
            service.change_password(account=account, current=form.current.data, password=form.password.data)
        except HouseError as error:
            form.blame(error)
        else:
            sessions.sign_in(account, now())
            flash(_("The password is changed, and other devices are signed out."), "success")
            return redirect(url_for("accounts_desk.me"), 303)
    return _me(password=form), 422


@desk.post("/me/sessions/end", access="clerk")
def end_sessions() -> Response:
    """Sign out everywhere, here too."""
    sessions.end_all_sessions(queries.get_account(speaker()))
    sessions.sign_out()
    flash(_("You are signed out on all devices."), "success")
    return redirect(url_for("accounts_desk.sign_in"), 303)


def _me(profile: ProfileForm | None = None, password: ChangePasswordForm | None = None) -> str:
    person = speaker()
    return render(
        "accounts/me.html", person=person, device=device, is_current=sessions.is_current,
        profile=profile or ProfileForm(formdata=None, obj=queries.get_account(person)),
        password=password or ChangePasswordForm(formdata=None), standing=queries.list_sessions(person, now()),
    )


def _is_staff() -> bool:
    person = speaker()
    return person is not None and person.kind == "staff"
