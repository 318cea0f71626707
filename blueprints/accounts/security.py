"""The second factor of staff: showing it at the door, setting it up, taking it off."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.metrics import SIGN_INS
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.audit import audit
from app.web.templating import render, site_view
from blueprints.accounts import factors, passkeys, queries, totp
from blueprints.accounts.desk import home
from blueprints.accounts.doors import Answer, status_of
from blueprints.accounts.errors import WrongCode
from blueprints.accounts.forms import CodeForm, PasskeyForm, SignInForm
from blueprints.accounts.limits import limit_attempts
from blueprints.accounts.models import Staff
from blueprints.accounts.rules import device, local_path

security = Section("accounts_security", __name__)

Json = dict[str, object]


@security.route("/sign-in/code", methods=["GET", "POST"], access="anyone")
@limit_attempts
def second() -> Answer:
    """The second step of a sign-in: a code of the app or of the paper, or a passkey."""
    half = factors.half_in()
    if half is None:
        return _begin_anew()
    staff, target = half
    form = CodeForm()
    if form.validate_on_submit():
        try:
            way = _way(staff, form.code.data)
        except HouseError as error:
            audit("access.code_refused", f"staff:{staff.id}", actor=f"staff:{staff.id}")
            SIGN_INS.labels("staff", "code").inc()
            form.blame(error)
        else:
            factors.admit(staff, way)
            return redirect(target, 303)
    return _second(staff, form), status_of(form)


@security.post("/sign-in/code/passkey", access="anyone")
@limit_attempts
def second_passkey() -> Answer:
    """The second step by a passkey."""
    half = factors.half_in()
    if half is None:
        return _begin_anew()
    staff, target = half
    try:
        passkeys.whose(request.form.get("answer", ""), now(), staff.id)
    except HouseError as error:
        SIGN_INS.labels("staff", "passkey").inc()
        form = CodeForm(formdata=None)
        form.blame(error)
        return _second(staff, form), 422
    factors.admit(staff, "passkey")
    return redirect(target, 303)


@security.post("/sign-in/code/passkey/options", access="anyone")
def second_options() -> Json:
    """What the browser needs to show one of his passkeys."""
    half = factors.half_in()
    return passkeys.request_options(half[0].id if half else None)


@security.post("/sign-in/passkey/options", access="anyone")
def door_options() -> Json:
    """What the browser needs to show a passkey of whoever sits there."""
    return passkeys.request_options()


@security.post("/sign-in/passkey", access="anyone")
@limit_attempts
def door_passkey() -> Answer:
    """Sign in with nothing but a passkey: the device proved the person."""
    try:
        staff = passkeys.whose(request.form.get("answer", ""), now())
    except HouseError as error:
        SIGN_INS.labels("staff", "passkey").inc()
        flash(error.sentence, "error")
        return _to_door(), 422
    factors.admit(staff, "passkey")
    return redirect(local_path(request.args.get("next")) or home(), 303)


@security.get("/security", access="clerk")
def index() -> Answer:
    """What protects my sign-in."""
    return _index()


@security.route("/security/app", methods=["GET", "POST"], access="clerk")
@limit_attempts
def set_up_app() -> Answer:
    """Take an authenticator app into use: picture, secret, first code."""
    staff = _me()
    if totp.in_use(staff.id):
        return redirect(url_for("accounts_security.index"))
    form = CodeForm()
    if form.validate_on_submit():
        if totp.confirm(staff.id, form.code.data, now()):
            return _added(staff, "access.app_added", _("The app is set up."))
        form.blame(_wrong_code())
    secret = totp.begin(staff.id, now())
    uri = totp.address(secret, staff.email, site_view().name)
    return render(
        "accounts/app.html", form=form, secret=secret, uri=uri, picture=Markup(totp.picture(uri)),
        groups=_groups(secret),
    ), status_of(form)


@security.post("/security/app/removal", access="clerk")
def remove_app() -> Answer:
    """Take the app out of use."""
    staff = _me()
    totp.remove(staff.id)
    return _removed(staff, "access.app_removed", _("The app is taken off."))


@security.post("/security/codes", access="clerk")
def renew_codes() -> Answer:
    """New codes on paper; this answer is the only page that ever shows them, so nothing redirects."""
    staff = _me()
    if not queries.has_factor(staff.id):
        return redirect(url_for("accounts_security.index"), 303)
    return _codes(staff)


@security.post("/security/passkeys/options", access="clerk")
def creation_options() -> Json:
    """What the browser needs to make a passkey."""
    return passkeys.creation_options(_me())


@security.post("/security/passkeys", access="clerk")
@limit_attempts
def add_passkey() -> Answer:
    """Keep the passkey the browser has made."""
    staff, form = _me(), PasskeyForm()
    name = form.name.data or device(request.user_agent.string) or _("Passkey")
    try:
        if form.validate_on_submit():
            passkeys.register(staff, form.answer.data, name, now())
            return _added(staff, "access.passkey_added", _("The passkey is kept."))
    except HouseError as error:
        form.blame(error)
    return _index(form), 422


@security.post("/security/passkeys/<uuid:passkey_id>/removal", access="clerk")
def remove_passkey(passkey_id: uuid.UUID) -> Answer:
    """Forget a passkey."""
    staff = _me()
    if not passkeys.remove(staff, passkey_id):
        return redirect(url_for("accounts_security.index"), 303)
    return _removed(staff, "access.passkey_removed", _("The passkey is forgotten here. Delete it on the device too."))


def _me() -> Staff:
    account = queries.get_account(speaker())
    assert isinstance(account, Staff)
    return account


def _way(staff: Staff, code: str) -> str:
    if totp.accepts(staff.id, code, now()):
        return "app"
    if totp.spend_code(staff.id, code, now()):
        audit("access.code_used", f"staff:{staff.id}", actor=f"staff:{staff.id}")
        return "paper"
    raise _wrong_code()


def _wrong_code() -> WrongCode:
    return WrongCode(_("This code does not fit, or it was used already. Wait for the next one."), field="code")


def _added(staff: Staff, deed: str, sentence: str) -> Answer:
    """Lift what was limited, tell the person, and show his codes on paper when these are his first."""
    factors.taken_up(staff)
    audit(deed, f"staff:{staff.id}")
    factors.tell(staff, "added")
    flash(sentence, "success")
    return redirect(url_for("accounts_security.index"), 303) if totp.codes_left(staff.id) else _codes(staff)


def _removed(staff: Staff, deed: str, sentence: str) -> Response:
    factors.keep_one(staff)
    audit(deed, f"staff:{staff.id}")
    factors.tell(staff, "removed")
    flash(sentence, "success")
    return redirect(url_for("accounts_security.index"), 303)


def _codes(staff: Staff) -> str:
    codes = totp.new_codes(staff.id)
    audit("access.codes_renewed", f"staff:{staff.id}")
    return render("accounts/codes.html", codes=codes, onward=home())


def _index(passkey_form: PasskeyForm | None = None) -> str:
    staff = _me()
    return render(
        "accounts/security.html", app=totp.in_use(staff.id), passkeys=passkeys.list_passkeys(staff.id),
        codes_left=totp.codes_left(staff.id), has_factor=queries.has_factor(staff.id),
        is_required=factors.is_required(staff), by_network=factors.network_rule() and staff.role == "owner",
        form=passkey_form or PasskeyForm(formdata=None), is_limited=speaker().is_limited,
    )


def _second(staff: Staff, form: CodeForm) -> str:
    return render(
        "accounts/second.html", form=form, has_app=totp.in_use(staff.id) is not None,
        has_passkey=bool(passkeys.list_passkeys(staff.id)),
    )


def _begin_anew() -> Response:
    flash(_("Sign in with your password first."), "info")
    return redirect(url_for("accounts_desk.sign_in"), 303)


def _to_door() -> str:
    return render("accounts/sign_in.html", form=SignInForm(formdata=None), kind="staff", section="accounts_desk")


def _groups(secret: str) -> str:
    """The secret in fours, as one types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
