"""Rows of imports as they are kept: begun, told how far they are, ended with their report."""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.ids import new_id
from blueprints.catalog.models import ImportLine, ImportRun

from .report import Report

TOLD_EVERY = 0.5
NAME = 200


class Teller:
    """Writes progress where the page can see it, at most twice a second."""

    def __init__(self, run_id: uuid.UUID) -> None:
        self._run_id = run_id
        self._told = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        """So many are done, of so many."""
        moment = time.monotonic()
        if moment - self._told >= TOLD_EVERY:
            self._told = moment
            note(self._run_id, done=done, total=total)


def note(run_id: uuid.UUID, **values: Any) -> None:
    """Write to the run's row at once, whatever becomes of the work."""
    with unit_of_work(separate=True):
        db.session.execute(sa.update(ImportRun).where(ImportRun.id == run_id).values(**values))


def finish(
    run_id: uuid.UUID, state: str, report: Report, *, error: str | None = None, mapping: dict[str, Any] | None = None
) -> None:
    """End a run with its report; one that failed keeps only how much was wrong."""
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


def add(*, filename: str, locale: str, at: datetime, **values: Any) -> ImportRun:
    """A run of the speaking tenant's that begins."""
    run = ImportRun(
        id=new_id(), filename=filename[-NAME:], mapping={"locale": locale}, counts={}, done=0, created_at=at, **values
    )
    db.session.add(run)
    db.session.flush()
    return run
