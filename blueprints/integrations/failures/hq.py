"""HQ's page of failed tasks: the reason, what was meant and what stands there now, sending again, setting aside."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel import dead_letters
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.words import _, ngettext
from app.web.access import Section, speaker
from app.web.templating import render
from blueprints.integrations.failures import queries, words
from blueprints.integrations.failures.forms import AsideForm
from blueprints.integrations.failures.present import named_by

hq_failures = Section("hq_failures", __name__)

ONE = "/<tenant_id>/<uuid:event_id>/<handler>"
Page = str | tuple[str, int] | Response


@hq_failures.get("", access="clerk")
def index() -> str:
    """What waits for a decision, or was set aside, of all handlers or one."""
    state = "set_aside" if request.args.get("state") == "set_aside" else "dead"
    handler = request.args.get("handler", "")[:200]
    return render(
        "failures/list.html", state=state, handler=handler, kinds=queries.kinds(), words=words,
        set_aside=queries.set_aside_count(),
        page=queries.failures(state=state, handler=handler, page=request.args.get("page", 1, type=int)),
    )


@hq_failures.post("/replays", access="manager")
def replay_all() -> Response:
    """Send everything of one handler again."""
    handler = request.form.get("handler", "")
    count = dead_letters.replay_all(handler=handler, actor=_actor(), at=now())
    flash(ngettext("%(num)s task is on its way again.", "%(num)s tasks are on their way again.", count), "success")
    return redirect(url_for("hq_failures.index"))


@hq_failures.get(ONE, access="clerk")
def show(tenant_id: str, event_id: uuid.UUID, handler: str) -> str:
    """One task: why it failed, what it named, what became of it."""
    return _page((tenant_id, event_id, handler), AsideForm())


@hq_failures.post(f"{ONE}/replay", access="manager")
def replay(tenant_id: str, event_id: uuid.UUID, handler: str) -> Response:
    """Send one again."""
    try:
        dead_letters.replay((tenant_id, event_id, handler), actor=_actor(), at=now())
    except Refused as refusal:
        flash(refusal.sentence, "error")
    else:
        flash(_("The task is on its way again."), "success")
    return redirect(url_for("hq_failures.show", tenant_id=tenant_id, event_id=event_id, handler=handler))


@hq_failures.post(f"{ONE}/setting-aside", access="manager")
def set_aside(tenant_id: str, event_id: uuid.UUID, handler: str) -> Page:
    """Nothing is to be done about it, for a reason."""
    key, form = (tenant_id, event_id, handler), AsideForm()
    if not form.validate():
        return _page(key, form), 422
    try:
        dead_letters.set_aside(key, reason=form.reason.data or "", actor=_actor(), at=now())
    except Refused as refusal:
        flash(refusal.sentence, "error")
    else:
        flash(_("The task is set aside. It stays in the list of those."), "success")
    return redirect(url_for("hq_failures.show", tenant_id=tenant_id, event_id=event_id, handler=handler))


def _page(key: dead_letters.Key, form: AsideForm) -> str:
    delivery, concerned = queries.get_failure(key)
    return render(
        "failures/one.html", delivery=delivery, concerned=concerned, words=words, form=form,
        named=named_by(delivery), history=queries.history(key),
    )


def _actor() -> str:
    return f"staff:{speaker().id}"
