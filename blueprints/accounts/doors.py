"""Ways in that staff and customers share: signing in, the forgotten password, the new one."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import speaker
from app.web.audit import audit
from app.web.forms import Form
from app.web.templating import render
from blueprints.accounts import factors, queries, service, sessions
from blueprints.accounts.forms import AddressForm, ChangePasswordForm, NewPasswordForm, SignInForm
from blueprints.accounts.rules import device, local_path, short_address
from blueprints.accounts.sessions import Account

SECTIONS = {"staff": "accounts_desk", "customer": "accounts"}

Answer = Response | str | tuple[str, int]


def status_of(form: Form) -> int:
    """A form that comes back to its sender needs mending: 422."""
    return 422 if form.is_submitted() else 200


def sign_in(kind: str, home: str) -> Answer:
    """The door; who is in already goes straight through."""
    target = local_path(request.args.get("next")) or home
    if request.method == "GET" and is_in(kind):
        return redirect(target)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            account = service.authenticate(kind=kind, email=form.email.data, password=form.password.data)
        except HouseError as error:
            form.blame(error)
        else:
            return factors.let_in(account, target)
    return render("accounts/sign_in.html", form=form, kind=kind, section=SECTIONS[kind]), status_of(form)


def forgotten(kind: str) -> Answer:
    """Ask for a link to set a new password; the answer does not tell who is known."""
    form, door = AddressForm(), url_for(f"{SECTIONS[kind]}.sign_in")
    if form.validate_on_submit():
        service.request_reset(kind=kind, email=form.email.data)
        flash(_("If there is an account with this address, the link is on its way. It holds for one hour."), "success")
        return redirect(door, 303)
    return render("accounts/forgotten.html", form=form, back=door), status_of(form)


def new_password(kind: str, token: str, home: str) -> Answer:
    """Set a new password by the link of the mail, and be signed in."""
    account = service.read_password_link(kind=kind, purpose="reset", token=token)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            service.set_password(account=account, password=form.password.data)
        except HouseError as error:
            form.blame(error)
        else:
            return factors.let_in(account, home)
    return render("accounts/new_password.html", form=form, account=account), status_of(form)


def change_password(account: Account) -> ChangePasswordForm | None:
    """Change the password by the form that was sent; None when done, else the form with what to mend."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return form
    try:
        service.change_password(account=account, current=form.current.data, password=form.password.data)
    except HouseError as error:
        form.blame(error)
        return form
    sessions.sign_in(account, now())
    flash(_("The password is changed, and other devices are signed out."), "success")
    return None


def list_sessions(layout: str) -> str:
    """Where somebody is signed in, in the frame of his kind of page."""
    person = speaker()
    section = SECTIONS[person.kind]
    return render(
        "accounts/sessions.html", layout=layout, person=person, device=device, short_address=short_address,
        is_current=sessions.is_current, mark_of=sessions.mark_of, standing=queries.list_sessions(person, now()),
        end_url=url_for(f"{section}.end_sessions"), section=section,
    )


def end_sessions(account: Account) -> Response:
    """End what the form names: one session by its mark, `others`, or all, this one too."""
    which, kind = request.form.get("which", ""), sessions.kind_of(account)
    if which == "all":
        sessions.end_all_sessions(account)
        sessions.sign_out()
        ended, sentence = 1, _("You are signed out on all devices.")
    elif which == "others":
        ended, sentence = sessions.end_other_sessions(account), _("All other devices are signed out.")
    else:
        ended, sentence = sessions.end_session_marked(account, which), _("That device is signed out.")
    if ended and kind == "staff":
        audit("access.sessions_ended", f"staff:{account.id}", actor=f"staff:{account.id}", count=ended)
    flash(sentence, "success")
    return redirect(url_for(f"{SECTIONS[kind]}.{'sign_in' if which == 'all' else 'my_sessions'}"), 303)


def leave(target: str) -> Response:
    """Onward after signing out; the browser forgets pages it kept, so that going back shows none of them."""
    response = redirect(target, 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def is_in(kind: str) -> bool:
    """Whether somebody of this kind is signed in."""
    person = speaker()
    return person is not None and person.kind == kind
