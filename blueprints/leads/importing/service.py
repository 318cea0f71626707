"""A table of leads from its upload to its report. A row is one lead however often the file or the work comes again.

Rows are taken in batches, each a transaction of its own: a crash loses none and doubles none, because every row has an
id outside (the column of ids, else the file's hash and the line) under which it is known.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import BinaryIO, NamedTuple

from app.kernel.cells import Row
from app.kernel.db import db, unit_of_work
from app.kernel.errors import HouseError, Invalid
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.spreadsheets import open_table
from app.kernel.words import _
from app.web.audit import audit
from blueprints.catalog.importing import runs, storage
from blueprints.catalog.importing.problems import Level, Problem
from blueprints.catalog.importing.report import Report
from blueprints.catalog.importing.sniff import UnknownFile, sniff
from blueprints.catalog.models import ImportRun
from blueprints.leads.events import LeadTableQueued
from blueprints.leads.finding import find_cities, find_city, find_goods
from blueprints.leads.importing import columns as cols
from blueprints.leads.importing.columns import Columns
from blueprints.leads.importing.drafts import LEFT_OUT, Draft, Flaw, read
from blueprints.leads.intake import Asking, take
from blueprints.leads.queries import Contact
from blueprints.leads.service import Wish

PURPOSE, SOURCE = "leads", "import"
LARGEST = 5 * 1024 * 1024
MOST_ROWS, AT_ONCE, SHOWN = 5000, 100, 50


class Preview(NamedTuple):
    """What a person sees before he approves: headers, examples, the guess, the first rows as leads to be."""

    headers: list[str]
    rows: list[Row]
    columns: Columns
    sheets: list[str]
    drafts: list[Draft]
    total: int
    wrong: int


def upload(*, source: BinaryIO, filename: str, started_by: str, locale: str, at: datetime) -> ImportRun:
    """Keep a table until its columns are approved; raises `Invalid` with a sentence if it is none."""
    stored_as = storage.keep(source, most=LARGEST)
    try:
        with storage.opened_at(stored_as) as file:
            _check_kind(file)
            _rows(file, None)
    except HouseError:
        storage.drop(stored_as)
        raise
    return runs.add(
        filename=filename, purpose=PURPOSE, started_by=started_by, locale=locale, stored_as=stored_as, format="csv",
        state="mapping", at=at,
    )


def preview(run: ImportRun, *, sheet: str | None = None, chosen: Sequence[str] | None = None) -> Preview:
    """The table as these columns (those chosen, else a guess) would read it; nothing is written."""
    with storage.opened_at(run.stored_as or "") as file:
        rows, sheets = _rows(file, sheet)
        place = cols.header_row(rows)
        headers = cols.texts(rows[place].cells)
        targets = tuple(chosen) if chosen and len(chosen) == len(headers) else cols.propose(headers)
        columns = Columns(targets, rows[place].number, sheet or sheets[0])
        drafts = list(islice(_drafts(file, columns), MOST_ROWS))
    wrong = sum(not draft.is_whole for draft in drafts)
    shown = _with_cities(drafts[:SHOWN])
    return Preview(headers, rows[place + 1 : place + 6], columns, sheets, shown, len(drafts), wrong)


def _with_cities(drafts: Sequence[Draft]) -> list[Draft]:
    """The same rows, those that name a city nobody knows with a remark."""
    known = find_cities({draft.said["city"] for draft in drafts if "city" in draft.said})
    return [
        draft._replace(flaws=(*draft.flaws, Flaw("city_unknown", "city", city)))
        if (city := draft.said.get("city")) and city not in known else draft
        for draft in drafts
    ]


def start(run: ImportRun, columns: Columns) -> None:
    """Take over what a person said of the columns, and hand the table to a worker."""
    cols.check(columns)
    if run.state != "mapping":
        return
    run.mapping = {**run.mapping, **columns.to_json()}
    run.state = "queued"
    db.session.flush()
    publish(LeadTableQueued(tenant_id=current_tenant(), run_id=str(run.id)))
    audit("data.imported", f"import:{run.id}", purpose=PURPOSE)


def execute(*, run_id: uuid.UUID, at: datetime) -> None:
    """Take the rows in, batch by batch, and keep the report; what cannot be read ends the run with a sentence."""
    run = db.session.get(ImportRun, run_id)
    if run is None or run.state not in ("queued", "running"):
        return
    report, columns = Report(), Columns.from_json(run.mapping)
    runs.note(run_id, state="running", done=0, total=None)
    try:
        with storage.opened_at(run.stored_as or "") as file:
            mark = hashlib.sha256(file.read()).hexdigest()[:24]
            _take_all(_drafts(file, columns), mark, run, report, at)
    except HouseError as error:
        runs.finish(run_id, "failed", report, error=str(error.sentence))
    else:
        runs.finish(run_id, "done", report)


def _take_all(drafts: Iterator[Draft], mark: str, run: ImportRun, report: Report, at: datetime) -> None:
    done = 0
    while done < MOST_ROWS and (batch := list(islice(drafts, min(AT_ONCE, MOST_ROWS - done)))):
        with unit_of_work(separate=True):
            for draft in batch:
                _note(draft, _take(draft, mark, run, report, at) if draft.is_whole else "left_out", report)
        done += len(batch)
        runs.note(run.id, done=done)
    if next(drafts, None) is not None:
        report.add(_problem("", Flaw("too_many_rows", "file", cap=MOST_ROWS)))


def _note(draft: Draft, outcome: str, report: Report) -> None:
    report.counts[outcome] += 1
    for flaw in draft.flaws:
        report.add(_problem(str(draft.number), flaw))


def _take(draft: Draft, mark: str, run: ImportRun, report: Report, at: datetime) -> str:
    """Take one row in; answers whether it is new, joined to an open lead, or was known before."""
    said, place = draft.said, str(draft.number)
    city = find_city(said["city"]) if "city" in said else None
    lines, strange = find_goods(said.get("goods", ""), at)
    if "city" in said and city is None:
        report.add(_problem(place, Flaw("city_unknown", "city", said["city"])))
    for name in strange:
        report.add(_problem(place, Flaw("goods_unknown", "goods", name)))
    extra = [said["city"]] if "city" in said and city is None else []
    comment = "\n".join(filter(None, (said.get("comment"), ", ".join(strange), *extra)))
    taken = take(at=at, asking=Asking(
        kind=draft.kind, source=SOURCE, campaign=said.get("campaign"), city_id=city, lines=lines,
        value=Money(sum(line["minor"] for line in lines)), locale=said.get("locale") or run.mapping.get("locale", "ru"),
        contact=Contact(
            said.get("name") or said.get("company") or _("No name"), said.get("email"), said.get("phone"),
            said.get("address"), comment or None, said.get("company"),
        ),
        wish=Wish(external_id=said.get("external_id") or f"file:{mark}:{draft.number}"), actor="import",
    ))
    if not taken.is_new and not taken.is_known:
        report.add(_problem(place, Flaw("joined_to", "", taken.lead.number)))
    return "known" if taken.is_known else "new" if taken.is_new else "joined"


def _problem(place: str, flaw: Flaw) -> Problem:
    level = Level.ERROR if flaw.code in LEFT_OUT else Level.WARNING
    return Problem(flaw.code, place, flaw.field, level, {"value": flaw.value, "cap": flaw.cap})


def _check_kind(file: BinaryIO) -> None:
    try:
        is_table = sniff(file).is_table
    except UnknownFile:
        is_table = False
    if not is_table:
        raise Invalid(_("This is no table. Save the leads as XLSX or CSV and upload them again."))


def _rows(file: BinaryIO, sheet: str | None) -> tuple[list[Row], list[str]]:
    """The first rows and the names of the sheets; `Invalid` when there are none below a header."""
    with open_table(file) as table:
        if sheet and sheet not in table.sheets:
            raise Invalid(_("There is no such sheet in the file."))
        rows = list(islice(table.rows(sheet or table.sheets[0]), cols.LOOK + 6))
        if len(rows) < 2:
            raise Invalid(_("The table is empty. Send one with a header and rows below it."))
        return rows, table.sheets


def _drafts(file: BinaryIO, columns: Columns) -> Iterator[Draft]:
    file.seek(0)
    with open_table(file) as table:
        for row in table.rows(columns.sheet or None):
            if row.number > columns.header_row:
                yield read(row.number, columns.targets, cols.texts(row.cells))


__all__ = ["PURPOSE", "Preview", "execute", "preview", "start", "upload"]
