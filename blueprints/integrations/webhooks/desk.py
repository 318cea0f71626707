"""The desk of webhooks: addresses, what they are told, the log, tell again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _, _l
from app.web.access import Section
from app.web.forms import AtMost, Form, strip
from app.web.templating import render
from blueprints.integrations.webhooks import queries, rules, service

desk = Section("webhooks_desk", __name__)

Answer = Any


class WebhookForm(Form):
    """Where to, and of what."""

    url = StringField(
        _l("Address"), [DataRequired(), AtMost(500)], filters=[strip],
        description=_l("Begins with https:// and stands in the open internet."),
    )
    events = SelectMultipleField(
        _l("What it is told of"), [Length(min=1, message=_l("Choose at least one."))],  # `required` would ask for all
        choices=list(rules.EVENT_WORDS.items()),
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )


@desk.get("", access="owner")
def index() -> str:
    """Addresses of this site."""
    return _index(WebhookForm(), None)


@desk.post("", access="owner")
def make() -> Answer:
    """Register one; the answer is the only page that ever shows its secret, so nothing redirects."""
    form, secret = WebhookForm(), None
    if form.validate_on_submit():
        try:
            _hook, secret = service.register(url=form.url.data, events=form.events.data, at=now())
        except HouseError as error:
            form.blame(error)
        else:
            form = WebhookForm(formdata=None)
    return _index(form, secret), 201 if secret else 422


@desk.get("/<uuid:webhook_id>", access="owner")
def show(webhook_id: uuid.UUID) -> str:
    """What was told to one address, the newest first."""
    hook = service.get_webhook(webhook_id)
    page = queries.calls_of(hook, page=request.args.get("page", 1, type=int))
    return render("webhooks/show.html", hook=hook, page=page, rules=rules)


@desk.post("/<uuid:webhook_id>/<any(trial, pause, resumption, removal):noun>", access="owner")
def change(webhook_id: uuid.UUID, noun: str) -> Answer:
    """Try it out, stop it, let it go on, remove it."""
    hook, at = service.get_webhook(webhook_id), now()
    if noun == "removal":
        service.remove(hook=hook)
        flash(_("The webhook is removed."), "success")
        return redirect(url_for("webhooks_desk.index"), 303)
    if noun == "trial":
        service.call(hook=hook, code="ping", about={}, at=at)
        flash(_("A trial call is on its way; reload the page in a moment."), "success")
    else:
        is_on = noun == "resumption"
        service.turn(hook=hook, is_on=is_on, at=at)
        flash(_("The address is told of things again.") if is_on else _("Nothing more is told."), "success")
    return redirect(url_for("webhooks_desk.show", webhook_id=webhook_id), 303)


@desk.post("/<uuid:webhook_id>/calls/<uuid:call_id>/replay", access="owner")
def replay(webhook_id: uuid.UUID, call_id: uuid.UUID) -> Answer:
    """Tell the same once more."""
    try:
        service.replay(hook=service.get_webhook(webhook_id), call_id=call_id, at=now())
    except HouseError as error:
        flash(error.sentence, "error")
    else:
        flash(_("It is told once more; reload the page in a moment."), "success")
    return redirect(url_for("webhooks_desk.show", webhook_id=webhook_id), 303)


def _index(form: WebhookForm, secret: str | None) -> str:
    return render("webhooks/index.html", form=form, hooks=queries.webhooks(), secret=secret, rules=rules)
