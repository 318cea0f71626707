"""Pages of imports, the same at HQ's catalogue and at a dealer's stock: upload, columns, progress, report."""

from __future__ import annotations

import io
import uuid

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.clock import now
from app.kernel.errors import HouseError, Invalid
from app.kernel.spreadsheets import write_csv
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.forms import Form
from app.web.locale import locale
from app.web.templating import render
from blueprints.catalog import wording
from blueprints.catalog.importing import queries, service
from blueprints.catalog.importing.headers import IGNORE
from blueprints.catalog.importing.problems import sentence
from blueprints.catalog.importing.tables import Mapping, Preview
from blueprints.catalog.models import ImportRun

Page = str | tuple[str, int] | BaseResponse


class Pages:
    """The views of one section and purpose."""

    def __init__(self, section: Section, purpose: str) -> None:
        self._section, self._purpose = section, purpose

    def index(self) -> Page:
        """Upload a file, and what became of earlier ones."""
        return self._index(Form())

    def upload(self) -> Page:
        """Keep a file and go on to its columns or its progress."""
        form, sent = Form(), request.files.get("file")
        try:
            if not form.validate() or sent is None or not sent.filename:
                raise Invalid(_("Choose a file first."))
            run = service.upload(
                source=sent.stream, filename=sent.filename, purpose=self._purpose, started_by=speaker().name,
                locale=locale(), at=now(),
            )
        except HouseError as error:
            form.blame(error)
            return self._index(form), 422
        return redirect(self._url("run", run), 303)

    def run(self, run_id: uuid.UUID) -> Page:
        """Where a run stands: its columns, its progress, or its report."""
        run = queries.get_run(run_id, self._purpose)
        if run.state == "mapping":
            return redirect(self._url("columns", run), 303)
        return render(
            "catalog/import_run.html", run=run, section=self._section.name, words=wording, sentence=sentence,
            lines=queries.lines_of(run, page=request.args.get("page", 1, int)),
        )

    def progress(self, run_id: uuid.UUID) -> Page:
        """The bar alone, for a page that asks again and again; when the run is over the page is loaded anew."""
        run = queries.get_run(run_id, self._purpose)
        if run.state in queries.OPEN:
            return render("catalog/_progress.html", run=run, section=self._section.name)
        answer = make_response("")
        answer.headers["HX-Refresh"] = "true"
        return answer

    def columns(self, run_id: uuid.UUID) -> Page:
        """What the columns of a table hold, as far as their headers tell."""
        run = queries.get_run(run_id, self._purpose)
        if run.state != "mapping":
            return redirect(self._url("run", run), 303)
        found = service.preview(run, request.args.get("sheet"))
        return self._columns(run, found, found.mapping.columns, Form())

    def map_columns(self, run_id: uuid.UUID) -> Page:
        """Take over the columns and start."""
        run, form = queries.get_run(run_id, self._purpose), Form()
        found = service.preview(run, request.form.get("sheet"))
        chosen = tuple(request.form.get(f"column-{index}", IGNORE)[:300] for index in range(len(found.headers)))
        try:
            mapping = Mapping(chosen, found.mapping.header_row, found.mapping.sheet)
            service.map_columns(run, mapping, found.headers)
        except HouseError as error:
            form.blame(error)
            return self._columns(run, found, chosen, form), 422
        return redirect(self._url("run", run), 303)

    def report(self, run_id: uuid.UUID) -> Page:
        """The report as a table, to mend the file by."""
        run, file = queries.get_run(run_id, self._purpose), io.BytesIO()
        headers = [_("Where"), _("Field"), _("What to mend")]
        write_csv(file, headers, (
            (wording.place_of(line.place), wording.field_of(line.field), sentence(line.code, line.params))
            for line in queries.every_line(run)
        ))  # fmt: skip
        answer = Response(file.getvalue(), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=f"import-{run.created_at:%Y-%m-%d}.csv")
        return answer

    def _index(self, form: Form) -> str:
        return render(
            "catalog/imports.html", form=form, purpose=self._purpose, section=self._section.name, words=wording,
            page=queries.list_runs(self._purpose, page=request.args.get("page", 1, int)),
        )

    def _columns(self, run: ImportRun, found: Preview, chosen: tuple[str, ...], form: Form) -> str:
        options = [wording.choices_of(header, self._purpose) for header in found.headers]
        return render(
            "catalog/import_columns.html", run=run, found=found, form=form, options=options, section=self._section.name,
            chosen=[_allowed(target, choices) for target, choices in zip(chosen, options, strict=True)],
        )

    def _url(self, view: str, run: ImportRun) -> str:
        return url_for(f"{self._section.name}.import_{view}", run_id=run.id)


def add_import_pages(section: Section, base: str, *, purpose: str, access: str) -> None:
    """Give a section its pages of imports under `base`."""
    pages = Pages(section, purpose)
    one = f"{base}/<uuid:run_id>"
    for rule, endpoint, view, method in (
        (base, "imports", pages.index, "GET"),
        (base, "import_upload", pages.upload, "POST"),
        (one, "import_run", pages.run, "GET"),
        (f"{one}/progress", "import_progress", pages.progress, "GET"),
        (f"{one}/columns", "import_columns", pages.columns, "GET"),
        (f"{one}/columns", "import_map", pages.map_columns, "POST"),
        (f"{one}/report.csv", "import_report", pages.report, "GET"),
    ):
        section.add_url_rule(rule, endpoint, view, methods=[method], access=access)


def _allowed(target: str, choices: list[tuple[str, str]]) -> str:
    return target if target in dict(choices) else IGNORE
