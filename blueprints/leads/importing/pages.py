"""Pages of tables of leads at the desk: upload, columns with the rows as they would be read, progress, report."""

from __future__ import annotations

import io
import uuid

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.cells import COLUMNS
from app.kernel.clock import now
from app.kernel.errors import HouseError, Invalid
from app.kernel.spreadsheets import write_csv
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.forms import Form
from app.web.locale import locale
from app.web.templating import render
from blueprints.catalog.importing import queries as runs
from blueprints.catalog.models import ImportRun
from blueprints.leads import rules
from blueprints.leads.importing import service, wording
from blueprints.leads.importing.columns import IGNORE, TARGETS

imports = Section("lead_imports", __name__)

Page = str | tuple[str, int] | BaseResponse
EXAMPLE = (
    ("Анна Ковалёва", "+7 916 123-45-67", "anna@example.ru", "", "Казань", "quote", "PLM-24D x 2", "После 18:00", "1"),
)


@imports.get("/leads/imports", access="manager", endpoint="imports")
def index() -> Page:
    """Upload a table, and what became of earlier ones."""
    return _index(Form())


@imports.post("/leads/imports", access="manager")
def upload() -> Page:
    """Keep a table and go on to its columns."""
    form, sent = Form(), request.files.get("file")
    try:
        if not form.validate() or sent is None or not sent.filename:
            raise Invalid(_("Choose a file first."))
        run = service.upload(
            source=sent.stream, filename=sent.filename, started_by=speaker().name, locale=locale(), at=now()
        )
    except HouseError as error:
        form.blame(error)
        return _index(form), 422
    return redirect(url_for("lead_imports.import_columns", run_id=run.id), 303)


@imports.get("/leads/imports/example.csv", access="manager")
def example() -> Response:
    """A table to fill in."""
    file = io.BytesIO()
    write_csv(file, [
        _("Name"), _("Phone"), _("E-mail"), _("Company"), _("City"), _("Kind"), _("Goods"), _("Comment"), _("Number"),
    ], EXAMPLE)
    return _download(file, "leads.csv")


@imports.get("/leads/imports/<uuid:run_id>", access="manager")
def import_run(run_id: uuid.UUID) -> Page:
    """Where a table stands: its progress or its report."""
    run = runs.get_run(run_id, service.PURPOSE)
    if run.state == "mapping":
        return redirect(url_for("lead_imports.import_columns", run_id=run_id), 303)
    return render(
        "catalog/import_run.html", run=run, section="lead_imports", words=wording, sentence=wording.sentence,
        lines=runs.lines_of(run, page=request.args.get("page", 1, int)),
    )


@imports.get("/leads/imports/<uuid:run_id>/progress", access="manager")
def import_progress(run_id: uuid.UUID) -> Page:
    """The bar alone; when the work is over the page is loaded anew."""
    run = runs.get_run(run_id, service.PURPOSE)
    if run.state in runs.OPEN:
        return render("catalog/_progress.html", run=run, section="lead_imports")
    answer = make_response("")
    answer.headers["HX-Refresh"] = "true"
    return answer


@imports.get("/leads/imports/<uuid:run_id>/columns", access="manager")
def import_columns(run_id: uuid.UUID) -> Page:
    """What the columns hold as far as their headers tell, and the rows as they would be read."""
    run = runs.get_run(run_id, service.PURPOSE)
    if run.state != "mapping":
        return redirect(url_for("lead_imports.import_run", run_id=run_id), 303)
    return _columns(run, service.preview(run, sheet=request.args.get("sheet")), Form())


@imports.post("/leads/imports/<uuid:run_id>/columns", access="manager")
def import_map(run_id: uuid.UUID) -> Page:
    """Read the rows anew by other columns, or take them in."""
    run, form = runs.get_run(run_id, service.PURPOSE), Form()
    named = [request.form[f"column-{place}"] for place in range(COLUMNS) if f"column-{place}" in request.form]
    chosen = [one if one in TARGETS else IGNORE for one in named]
    found = service.preview(run, sheet=request.form.get("sheet"), chosen=chosen)
    if "check" in request.form:
        return _columns(run, found, form)
    try:
        service.start(run, found.columns)
    except HouseError as error:
        form.blame(error)
        return _columns(run, found, form), 422
    return redirect(url_for("lead_imports.import_run", run_id=run_id), 303)


@imports.get("/leads/imports/<uuid:run_id>/report.csv", access="manager")
def import_report(run_id: uuid.UUID) -> Response:
    """The report as a table, to mend the file by."""
    run, file = runs.get_run(run_id, service.PURPOSE), io.BytesIO()
    write_csv(file, [_("Where"), _("Field"), _("What to mend")], (
        (wording.place_of(line.place), wording.field_of(line.field), wording.sentence(line.code, line.params))
        for line in runs.every_line(run)
    ))
    return _download(file, f"leads-{run.created_at:%Y-%m-%d}.csv")


def _index(form: Form) -> str:
    page = runs.list_runs(service.PURPOSE, page=request.args.get("page", 1, int))
    return render("leads/imports.html", form=form, words=wording, page=page)


def _columns(run: ImportRun, found: service.Preview, form: Form) -> str:
    return render(
        "leads/import_columns.html", run=run, found=found, form=form, targets=TARGETS, rules=rules,
        sentence=wording.sentence,
    )


def _download(file: io.BytesIO, name: str) -> Response:
    answer = Response(file.getvalue(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
