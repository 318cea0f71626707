"""Runs: a file is uploaded, its columns mapped if it is a table, queued, taken in by a worker, reported on.

While a run works, its row is written in transactions of its own, so that a page can follow it; the effect and the
report are one transaction with the delivery that asked for it. So a crash leaves nothing, and the run starts anew.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
import structlog
from flask_babel import force_locale

from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.errors import HouseError
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import new_id
from app.kernel.words import _
from app.web.audit import audit
from blueprints.catalog.events import ImportQueued
from blueprints.catalog.models import ImportLine, ImportRun

from . import queries, storage, tables
from .files import opened
from .perform import Wish, perform
from .report import Report
from .tables import Mapping, Preview

log = structlog.get_logger()

TOLD_EVERY = 0.5
MOST_TRIES = 3
NAME = 200


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
    run = _add(
        filename=filename, purpose=purpose, started_by=started_by, locale=locale, stored_as=stored_as,
        format=kinds[0].value, state="mapping" if is_table else "uploaded", at=at,
    )
    if not is_table:
        _hand_over(run)
    return run


def start_exchanged(*, session: str, name: str, purpose: str, started_by: str, at: datetime) -> ImportRun:
    """Queue a file that an exchange brought into its folder."""
    run = _add(
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
        _note(run_id, state="running", done=0, total=None)
        report = Report()
        try:
            with db.session.begin_nested():
                types = _take_in(run, report, at)
        except HouseError as error:
            _finish(run_id, "failed", report, error=str(error.sentence))
        except Exception as error:
            _survive(run, error)
        else:
            _finish(run_id, "done", report, mapping={**run.mapping, **({"price_types": types} if types else {})})


def import_now(
    *, path: Path, purpose: str, mapping: Mapping | None, report: Report, progress: Any, started_by: str, at: datetime
) -> uuid.UUID:
    """Take a file of this machine in at once, within the caller's transaction; the run is kept like any other."""
    with path.open("rb") as file, opened(file) as bundle:
        wish = Wish(current_tenant(), purpose, mapping or _guessed(bundle), queries.known_price_types(purpose))
        types = perform(wish, bundle, storage.within(bundle), report=report, progress=progress, at=at)
        kind = bundle.parts[0].kind.value
    run = _add(
        filename=path.name, purpose=purpose, started_by=started_by, locale="ru", stored_as=None, format=kind,
        state="running", at=at,
    )
    _finish(run.id, "done", report, mapping={**run.mapping, **({"price_types": types} if types else {})})
    return run.id


def _take_in(run: ImportRun, report: Report, at: datetime) -> dict[str, list[str]]:
    mapping = Mapping.from_json(run.mapping) if "columns" in run.mapping else None
    wish = Wish(
        current_tenant(), run.purpose, mapping, queries.known_price_types(run.purpose),
        may_hide=not storage.is_part(run.stored_as or ""),
    )
    with storage.stored(run.stored_as or "") as (bundle, opener):
        return perform(wish, bundle, opener, report=report, progress=_Teller(run.id), at=at)


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
        _note(run.id, counts={"tries": tries})
        raise error
    sentence = _("Something went wrong on our side, and nothing was changed. We have been told; try again later.")
    _finish(run.id, "failed", Report(), error=sentence)


class _Teller:
    """Writes progress where the page can see it, at most twice a second."""

    def __init__(self, run_id: uuid.UUID) -> None:
        self._run_id = run_id
        self._told = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        moment = time.monotonic()
        if moment - self._told >= TOLD_EVERY:
            self._told = moment
            _note(self._run_id, done=done, total=total)


def _note(run_id: uuid.UUID, **values: Any) -> None:
    """Write to the run's row at once, whatever becomes of the work."""
    with unit_of_work(separate=True):
        db.session.execute(sa.update(ImportRun).where(ImportRun.id == run_id).values(**values))


def _finish(
    run_id: uuid.UUID, state: str, report: Report, *, error: str | None = None, mapping: dict[str, Any] | None = None
) -> None:
    counts = {key: number for key, number in report.counts.items() if state == "done" or key in ("errors", "warnings")}
    values: dict[str, Any] = {"state": state, "counts": counts, "error": error, "finished_at": now()}
    if mapping is not None:
        values["mapping"] = mapping
    db.session.execute(
        sa.update(ImportRun).where(ImportRun.id == run_id).values(**values)
        .execution_options(synchronize_session=False)
    )
    lines = [
        {
            "run_id": run_id, "position": position, "place": line.place, "field": line.field or None,
            "code": line.code, "params": dict(line.params), "level": line.level.value,
        }
        for position, line in enumerate(report.lines, 1)
    ]
    if lines:
        db.session.execute(sa.insert(ImportLine), lines)


def _add(*, filename: str, locale: str, at: datetime, **values: Any) -> ImportRun:
    run = ImportRun(
        id=new_id(), filename=filename[-NAME:], mapping={"locale": locale}, counts={}, done=0, created_at=at, **values
    )
    db.session.add(run)
    db.session.flush()
    return run


def _signature(headers: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(header.lower() for header in headers).encode()).hexdigest()[:32]
