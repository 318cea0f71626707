"""HQ's pages of certificates: all of the network with a table to take in, and those of one dealer."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.utils import secure_filename

from app.kernel.clock import now
from app.kernel.errors import HouseError, NotFound
from app.kernel.words import _, ngettext
from app.web.access import Section
from app.web.templating import render
from blueprints.routing import certifying, queries
from blueprints.routing.forms import CertificateForm

hq_certificates = Section("hq_certificates", __name__)

Answer = Any


@hq_certificates.get("", access="clerk")
def index() -> str:
    """Certificates of the network, those that end first first."""
    return _list()


@hq_certificates.post("", access="manager")
def take_in() -> Answer:
    """Record those of a table."""
    upload = request.files.get("table")
    if upload is None or not upload.filename:
        return _list(problems=(_("Choose a file first."),)), 422
    try:
        report = certifying.take_in(upload.stream)
    except HouseError as error:
        return _list(problems=(str(error.sentence),)), 422
    if report.recorded:
        flash(ngettext("%(num)s certificate is recorded.", "%(num)s certificates are recorded.", report.recorded),
              "success")
    if report.problems:
        return _list(problems=report.problems, name=secure_filename(upload.filename)), 422
    return redirect(url_for("hq_certificates.index"))


@hq_certificates.get("/<dealer_id>", access="clerk")
def show(dealer_id: str) -> str:
    """Certificates of one dealer, and a form for one more."""
    return _dealers_page(dealer_id, CertificateForm())


@hq_certificates.post("/<dealer_id>", access="manager")
def record(dealer_id: str) -> Answer:
    """Record one."""
    form = CertificateForm()
    if form.validate():
        paper = certifying.Paper(
            form.scheme.data, form.number.data, form.first.data, form.last.data, form.holder.data or None
        )
        try:
            certifying.record(dealer_id=_known(dealer_id), paper=paper)
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("The certificate is recorded and counts from its first day on."), "success")
            return redirect(url_for("hq_certificates.show", dealer_id=dealer_id))
    return _dealers_page(dealer_id, form), 422


@hq_certificates.post("/<dealer_id>/<uuid:certificate_id>/revocation", access="manager")
def revoke(dealer_id: str, certificate_id: uuid.UUID) -> Answer:
    """Take it away, from this minute on."""
    certifying.revoke(dealer_id=dealer_id, certificate_id=certificate_id, at=now())
    flash(_("The certificate is revoked and counts no more."), "success")
    return redirect(url_for("hq_certificates.show", dealer_id=dealer_id))


def _list(problems: tuple[str, ...] = (), name: str = "") -> str:
    words = request.args.get("q", "")[:100]
    page = certifying.all_certificates(words=words, page=request.args.get("page", 1, type=int))
    return render(
        "routing/certificates.html", page=page, q=words, problems=problems, file_name=name, at=now(),
        state_of=certifying.state_of,
    )


def _dealers_page(dealer_id: str, form: CertificateForm) -> str:
    return render(
        "routing/certificates_of.html", dealer_id=_known(dealer_id), name=queries.names_of([dealer_id])[dealer_id],
        papers=certifying.certificates_of(dealer_id), schemes=certifying.schemes(), form=form, at=now(),
        state_of=certifying.state_of,
    )


def _known(dealer_id: str) -> str:
    if dealer_id not in queries.names_of([dealer_id]):
        raise NotFound(_("There is no such dealer."))
    return dealer_id
