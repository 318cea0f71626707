"""Requests about personal data at the tenant's desk: registered, answered, destroyed; acts for the owner."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.templating import render
from blueprints.privacy import exporting, queries, service, wording
from blueprints.privacy.acts import worded
from blueprints.privacy.errors import NoSuchRequest
from blueprints.privacy.forms import RefusalForm, RequestForm
from blueprints.privacy.handing import as_file
from blueprints.privacy.models import PersonalRequest
from blueprints.privacy.obstacles import obstacles

desk = Section("privacy_desk", __name__)
PLACE = "/personal-data"
ASKED = ("kind", "whose", "identification", "name", "email", "phone")


@desk.get(PLACE, access="manager")
def index() -> str:
    """All requests, those that wait first; found by a mail address or phone, erased or not."""
    return _list(RequestForm(formdata=None))


@desk.post(PLACE, access="manager")
def register() -> Response | tuple[str, int]:
    """Write a request down."""
    form = RequestForm()
    if form.validate_on_submit():
        try:
            made = service.register(at=now(), **{name: form[name].data for name in ASKED})
        except HouseError as error:
            form.blame(error)
        else:
            return redirect(_place(made), 303)
    return _list(form), 422


@desk.get(f"{PLACE}/<uuid:request_id>", access="manager")
def show(request_id: uuid.UUID) -> str:
    """What is kept of the person, and what stands in the way of destroying it."""
    return _page(queries.get_request(request_id), RefusalForm(formdata=None))


@desk.post(f"{PLACE}/<uuid:request_id>/export", access="manager")
def export(request_id: uuid.UUID) -> Response | str:
    """Everything that is kept, as a page to print or a file for programs."""
    asked = queries.get_request(request_id, lock=True)
    document = service.export(request=asked, by=service.by_staff(speaker()), at=now())
    return as_file(document) if request.form.get("as") == "json" else _copy(document)


@desk.post(f"{PLACE}/<uuid:request_id>/erasure", access="manager")
def destroy(request_id: uuid.UUID) -> Response:
    """Destroy it and leave the act."""
    asked = queries.get_request(request_id, lock=True)
    try:
        service.destroy(request=asked, by=service.by_staff(speaker()), at=now())
    except HouseError as error:
        flash(error.sentence, "error")
    else:
        flash(_("The data is destroyed. The act is made."), "success")
    return redirect(_place(asked), 303)


@desk.post(f"{PLACE}/<uuid:request_id>/refusal", access="manager")
def refuse(request_id: uuid.UUID) -> Response | tuple[str, int]:
    """Say that it will not be done, and why."""
    asked, form = queries.get_request(request_id, lock=True), RefusalForm()
    if not form.validate_on_submit():
        return _page(asked, form), 422
    try:
        service.refuse(request=asked, reason=form.reason.data or "", by=service.by_staff(speaker()), at=now())
    except HouseError as error:
        flash(error.sentence, "error")
    return redirect(_place(asked), 303)


@desk.get(f"{PLACE}/<uuid:request_id>/act", access="owner")
def act(request_id: uuid.UUID) -> str:
    """The act of destruction, to print and sign."""
    return _paper("privacy/act.html", request_id)


@desk.get(f"{PLACE}/<uuid:request_id>/extract", access="owner")
def extract(request_id: uuid.UUID) -> str:
    """The extract from the journal of events, to print."""
    return _paper("privacy/extract.html", request_id)


def _paper(template: str, request_id: uuid.UUID) -> str:
    asked = queries.get_request(request_id)
    if asked.act is None:
        raise NoSuchRequest
    return render(template, asked=asked, act=worded(asked.act))


def _list(form: RequestForm) -> str:
    words = request.args.get("q", "")
    page = queries.list_requests(words=words, page=request.args.get("page", 1, int))
    return render("privacy/list.html", form=form, page=page, words=words, wording=wording, today=now().date())


def _page(asked: PersonalRequest, form: RefusalForm) -> str:
    found = service.look(asked) if asked.state == "open" else None
    values: dict[str, Any] = {"asked": asked, "form": form, "wording": wording, "found": found, "why_not": []}
    if found is not None:
        values["why_not"] = obstacles(found) if asked.kind == "erasure" else []
        values["holders"] = exporting.holders(found.known["leads"])
    return render("privacy/request.html", **values)


def _copy(document: dict[str, Any]) -> str:
    return render("privacy/copy.html", document=document, label=exporting.label, lines=exporting.lines)


def _place(asked: PersonalRequest) -> str:
    return url_for("privacy_desk.show", request_id=asked.id)


