"""Runs: a file is uploaded, its columns mapped if it is a table, queued, taken in by a worker, reported on.

While a run works, its row is written in transactions of its own, so that a page can follow it; the effect and the
report are one transaction with the delivery that asked for it. So a crash leaves nothing, and the run starts anew.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from flask_babel import force_locale

from app.kernel.db import db
from app.kernel.errors import HouseError
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.audit import audit
from blueprints.catalog.events import ImportQueued
from blueprints.catalog.models import ImportRun

from . import queries, runs, storage, tables
from .files import opened
from .perform import Wish, perform
from .report import Report
from .tables import Mapping, Preview

log = structlog.get_logger()

MOST_TRIES = 3


def upload(
    *, source: BinaryIO, filename: str, purpose: str, started_by: str, locale: str, at: datetime
) -> ImportRun:
    """Keep a file and queue it, or ask for its columns; raises `Invalid` with a sentence if it is none of ours."""
    stored_as = storage.keep(source)
    try:
        with storage.stored(stored_as) as (bundle, _opener):
            kinds = [part.kind for part in bundle.parts]
    except HouseError:
        storage.drop(stored_as)
        raise
    is_table = any(kind.is_table for kind in kinds)
    run = runs.add(
        filename=filename, purpose=purpose, started_by=started_by, locale=locale, stored_as=stored_as,
        format=kinds[0].value, state="mapping" if is_table else "uploaded", at=at,
    )
    if not is_table:
        _hand_over(run)
    return run


def start_exchanged(*, session: str, name: str, purpose: str, started_by: str, at: datetime) -> ImportRun:
    """Queue a file that an exchange brought into its folder."""
    run = runs.add(
        filename=name, purpose=purpose, started_by=started_by, locale="ru", stored_as=f"exchange/{session}/{name}",
        format="1c", state="uploaded", at=at,
    )
    queue(run)
    return run


def preview(run: ImportRun, sheet: str | None = None) -> Preview:
    """What the table looks like, with the mapping this run has, or one remembered or guessed."""
    with storage.stored(run.stored_as or "") as (bundle, _opener):
        part = next(part for part in bundle.parts if part.kind.is_table)
        with bundle.open(part.name) as file:
            found = tables.preview(file, sheet or run.mapping.get("sheet") or None)
    columns = run.mapping.get("columns") or queries.remembered_columns(_signature(found.headers))
    if columns and len(columns) == len(found.headers):
        mapping = Mapping(tuple(columns), found.mapping.header_row, found.mapping.sheet)
        return Preview(found.headers, found.rows, mapping, found.sheets)
    return found


def map_columns(run: ImportRun, mapping: Mapping, headers: Sequence[str]) -> None:
    """Take over what a person said of the columns, and queue the run; `WrongMapping` if it does not do."""
    tables.check(mapping)
    if run.state != "mapping":
        return
    run.mapping = {**run.mapping, **mapping.to_json(), "signature": _signature(headers)}
    _hand_over(run)


def _hand_over(run: ImportRun) -> None:
    """Queue what a person asked for; what machines send by themselves does not fill the journal."""
    queue(run)
    audit("data.imported", f"import:{run.id}", purpose=run.purpose)


def queue(run: ImportRun) -> None:
    """Hand the run to a worker."""
    run.state = "queued"
    db.session.flush()
    publish(ImportQueued(tenant_id=current_tenant(), run_id=str(run.id)))


def execute(*, run_id: uuid.UUID, at: datetime) -> None:
    """Take the file of a run in. An expected refusal ends the run with its sentence and changes nothing."""
    run = db.session.get(ImportRun, run_id)
    if run is None or run.state not in queries.OPEN:
        return
    db.session.expunge(run)
    with force_locale(run.mapping.get("locale", "ru")):
        runs.note(run_id, state="running", done=0, total=None)
        report = Report()
        try:
            with db.session.begin_nested():
                types = _take_in(run, report, at)
        except HouseError as error:
            runs.finish(run_id, "failed", report, error=str(error.sentence))
        except Exception as error:
            _survive(run, error)
        else:
            runs.finish(run_id, "done", report, mapping={**run.mapping, **({"price_types": types} if types else {})})


def import_now(
    *, path: Path, purpose: str, mapping: Mapping | None, report: Report, progress: Any, started_by: str, at: datetime
) -> uuid.UUID:
    """Take a file of this machine in at once, within the caller's transaction; the run is kept like any other."""
    with path.open("rb") as file, opened(file) as bundle:
        wish = Wish(current_tenant(), purpose, mapping or _guessed(bundle), queries.known_price_types(purpose))
        types = perform(wish, bundle, storage.within(bundle), report=report, progress=progress, at=at)
        kind = bundle.parts[0].kind.value
    run = runs.add(
        filename=path.name, purpose=purpose, started_by=started_by, locale="ru", stored_as=None, format=kind,
        state="running", at=at,
    )
    runs.finish(run.id, "done", report, mapping={**run.mapping, **({"price_types": types} if types else {})})
    return run.id


def _take_in(run: ImportRun, report: Report, at: datetime) -> dict[str, list[str]]:
    mapping = Mapping.from_json(run.mapping) if "columns" in run.mapping else None
    wish = Wish(
        current_tenant(), run.purpose, mapping, queries.known_price_types(run.purpose),
        may_hide=not storage.is_part(run.stored_as or ""),
    )
    with storage.stored(run.stored_as or "") as (bundle, opener):
        return perform(wish, bundle, opener, report=report, progress=runs.Teller(run.id), at=at)


def _guessed(bundle: Any) -> Mapping | None:
    """The mapping the headers suggest, where nobody is there to be asked."""
    part = next((part for part in bundle.parts if part.kind.is_table), None)
    if part is None:
        return None
    with bundle.open(part.name) as file:
        return tables.preview(file).mapping


def _survive(run: ImportRun, error: Exception) -> None:
    """A surprise is tried again by its delivery a few times; then the person is told."""
    tries = int(run.counts.get("tries", 0)) + 1
    log.warning("import_failed", run_id=str(run.id), error=f"{type(error).__name__}: {error}"[:500], tries=tries)
    if tries < MOST_TRIES:
        runs.note(run.id, counts={"tries": tries})
        raise error
    sentence = _("Something went wrong on our side, and nothing was changed. We have been told; try again later.")
    runs.finish(run.id, "failed", Report(), error=sentence)


def _signature(headers: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(header.lower() for header in headers).encode()).hexdigest()[:32]
