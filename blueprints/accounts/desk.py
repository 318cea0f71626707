"""Staff: signing in and out, passwords, the own profile; the list of people; keys of machines."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError, Invalid
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.here import here
from app.web.locale import locale
from app.web.templating import render
from blueprints.accounts import doors, factors, keys, people, queries, service, sessions
from blueprints.accounts.doors import Answer, status_of
from blueprints.accounts.forms import (
    ROLE_DUTIES,
    ROLE_WORDS,
    SCOPE_WORDS,
    ChangePasswordForm,
    InvitationForm,
    KeyForm,
    ProfileForm,
    WelcomeForm,
)
from blueprints.accounts.limits import limit_attempts, limit_requests
from blueprints.accounts.rules import local_path, may_change, roles_to_give

desk = Section("accounts_desk", __name__)

HOMES = ("hq_overview.index", "routing_desk.home", "leads_desk.inbox", "accounts_desk.me")


def home() -> str:
    """Where staff begin: the first desk that is installed and meant for this tenant."""
    homes = HOMES if here().is_hq else HOMES[1:]
    return url_for(next(endpoint for endpoint in homes if endpoint in current_app.view_functions))


@desk.route("/sign-in", methods=["GET", "POST"], access="anyone")
@limit_attempts
def sign_in() -> Answer:
    """The door of the desk."""
    return doors.sign_in("staff", home())


@desk.post("/sign-out", access="anyone")
def sign_out() -> Response:
    """Leave."""
    sessions.sign_out()
    return doors.leave(url_for("accounts_desk.sign_in"))


@desk.get("/enter/<token>", access="link")
def enter(token: str) -> Response:
    """A one-time door for somebody who proved himself at the brand's host a moment ago."""
    try:
        staff = service.enter(token=token)
    except HouseError as error:
        flash(error.sentence, "info")
        return redirect(url_for("accounts_desk.sign_in", next=local_path(request.args.get("next"))))
    return factors.let_in(staff, local_path(request.args.get("next")) or home())


@desk.route("/password", methods=["GET", "POST"], access="anyone")
@limit_requests
def forgotten() -> Answer:
    """Ask for a link to set a new password."""
    return doors.forgotten("staff")


@desk.route("/password/<token>", methods=["GET", "POST"], access="link")
def new_password(token: str) -> Answer:
    """Set a new password by the link of the mail."""
    return doors.new_password("staff", token, home())


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
            return factors.let_in(account, home())
    return render("accounts/welcome.html", form=form, account=account), status_of(form)


@desk.get("/people", access="manager", endpoint="people")
def list_people() -> Answer:
    """Who works here."""
    return _people(_invitation())


@desk.post("/people", access="manager")
def invite() -> Answer:
    """Invite somebody by mail."""
    form = _invitation()
    if form.validate_on_submit():
        try:
            values = {name: form[name].data for name in ("email", "name", "role")}
            staff = people.invite(actor=speaker(), at=now(), **values)
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("The invitation is on its way to %(email)s.", email=staff.email), "success")
            return redirect(url_for("accounts_desk.people"), 303)
    return _people(form), 422


@desk.post("/people/<uuid:staff_id>/invitation", access="manager")
def invite_again(staff_id: uuid.UUID) -> Response:
    """Send the invitation once more."""
    return _changed(people.send_invitation, staff_id, _("The invitation is on its way."))


@desk.post("/people/<uuid:staff_id>/role", access="manager")
def change_role(staff_id: uuid.UUID) -> Response:
    """Give somebody another role."""
    role = request.form.get("role", "")
    if role not in ROLE_WORDS:
        raise Invalid(_("Choose a role."), field="role")
    return _changed(people.change_role, staff_id, _("The role is changed."), role=role)


@desk.post("/people/<uuid:staff_id>/deactivation", access="manager")
def deactivate(staff_id: uuid.UUID) -> Response:
    """Let somebody in no more."""
    return _changed(people.deactivate, staff_id, _("This person can no longer sign in."))


@desk.post("/people/<uuid:staff_id>/sessions/end", access="manager")
def end_sessions_of(staff_id: uuid.UUID) -> Response:
    """Sign somebody out on all his devices."""
    return _changed(people.end_sessions, staff_id, _("This person is signed out on all devices."))


@desk.post("/people/<uuid:staff_id>/activation", access="manager")
def activate(staff_id: uuid.UUID) -> Response:
    """Let somebody in again."""
    return _changed(people.activate, staff_id, _("This person can sign in again."))


@desk.get("/keys", access="owner", endpoint="keys")
def list_keys() -> Answer:
    """Keys of other systems."""
    return render("accounts/keys.html", form=KeyForm(), keys=queries.list_keys(), words=SCOPE_WORDS, secret=None)


@desk.post("/keys", access="owner")
def make_key() -> Answer:
    """Make a key; the answer is the only page that ever shows its secret, so nothing redirects."""
    form, secret = KeyForm(), None
    if form.validate_on_submit():
        _key, secret = keys.make_key(name=form.name.data, scopes=form.scopes.data, at=now())
        form = KeyForm(formdata=None)
    page = render("accounts/keys.html", form=form, keys=queries.list_keys(), words=SCOPE_WORDS, secret=secret)
    return page, 201 if secret else 422


@desk.post("/keys/<uuid:key_id>/revocation", access="owner")
def revoke_key(key_id: uuid.UUID) -> Response:
    """Let a key do nothing from now on."""
    keys.revoke_key(key_id=key_id, at=now())
    flash(_("The key is revoked."), "success")
    return redirect(url_for("accounts_desk.keys"), 303)


@desk.get("/me", access="clerk")
def me() -> Answer:
    """The own profile and password."""
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
    form = doors.change_password(queries.get_account(speaker()))
    return (_me(password=form), 422) if form else redirect(url_for("accounts_desk.me"), 303)


@desk.get("/me/sessions", access="clerk")
def my_sessions() -> Answer:
    """Where I am signed in."""
    return doors.list_sessions("layouts/desk.html")


@desk.post("/me/sessions/end", access="clerk")
def end_sessions() -> Response:
    """Sign out one device, all others, or all."""
    return doors.end_sessions(queries.get_account(speaker()))


def _me(profile: ProfileForm | None = None, password: ChangePasswordForm | None = None) -> str:
    person = speaker()
    return render(
        "accounts/me.html", person=person,
        profile=profile or ProfileForm(formdata=None, obj=queries.get_account(person)),
        password=password or ChangePasswordForm(formdata=None),
    )


def _invitation() -> InvitationForm:
    form = InvitationForm()
    form.role.choices = [(role, ROLE_WORDS[role]) for role in roles_to_give(speaker().role)]
    return form


def _people(form: InvitationForm) -> str:
    person = speaker()
    return render(
        "accounts/people.html", form=form, person=person, page=queries.list_staff(request.args.get("page", 1, int)),
        words=ROLE_WORDS, duties=ROLE_DUTIES, roles=roles_to_give(person.role), may_change=may_change,
    )


def _changed(verb: Callable[..., None], staff_id: uuid.UUID, sentence: str, **values: str) -> Response:
    """Do something with one of the staff and say on the list how it went."""
    try:
        verb(actor=speaker(), staff=queries.get_staff(staff_id), **values)
    except HouseError as error:
        flash(error.sentence, "error")
    else:
        flash(sentence, "success")
    return redirect(url_for("accounts_desk.people"), 303)
