"""Reads of import runs of the tenant that speaks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.paging import Page, paginate
from app.kernel.words import _
from blueprints.catalog.models import ImportLine, ImportRun

OPEN = ("queued", "running")


class NoSuchRun(NotFound):
    """No import has that id here."""


def get_run(run_id: uuid.UUID, purpose: str) -> ImportRun:
    """The run, or `NoSuchRun`."""
    run = db.session.get(ImportRun, run_id)
    if run is None or run.purpose != purpose:
        raise NoSuchRun(_("There is no such import."))
    return run


def list_runs(purpose: str, *, page: int = 1) -> Page[ImportRun]:
    """Runs of a purpose, the newest first."""
    query = sa.select(ImportRun).where(ImportRun.purpose == purpose).order_by(ImportRun.created_at.desc(), ImportRun.id)
    return paginate(query, page=page)


def last_runs(purpose: str, *, limit: int = 5) -> Sequence[ImportRun]:
    """The newest runs of a purpose."""
    query = sa.select(ImportRun).where(ImportRun.purpose == purpose).order_by(ImportRun.created_at.desc()).limit(limit)
    return db.session.scalars(query).all()


def lines_of(run: ImportRun, *, page: int = 1) -> Page[ImportLine]:
    """A page of the run's report."""
    query = sa.select(ImportLine).where(ImportLine.run_id == run.id).order_by(ImportLine.position)
    return paginate(query, page=page, per_page=50)


def every_line(run: ImportRun) -> Iterator[ImportLine]:
    """The whole stored report."""
    query = sa.select(ImportLine).where(ImportLine.run_id == run.id).order_by(ImportLine.position)
    yield from db.session.scalars(query)


def find_run_of(session: str, name: str) -> ImportRun | None:
    """The run of a file that an exchange brought."""
    return db.session.scalar(
        sa.select(ImportRun).where(ImportRun.stored_as == f"exchange/{session}/{name}")
        .order_by(ImportRun.created_at.desc()).limit(1)
    )


def remembered_columns(signature: str) -> list[str] | None:
    """What a person said of a table with the same headers last time."""
    return db.session.scalar(
        sa.select(ImportRun.mapping["columns"])
        .where(ImportRun.mapping["signature"].astext == signature, ImportRun.state != "mapping")
        .order_by(ImportRun.created_at.desc()).limit(1)
    )


def known_price_types(purpose: str) -> dict[str, list[str]]:
    """Price types the last import that named any knew, by id: name and currency."""
    found = db.session.scalar(
        sa.select(ImportRun.mapping["price_types"])
        .where(ImportRun.purpose == purpose, ImportRun.state == "done", ImportRun.mapping.has_key("price_types"))
        .order_by(ImportRun.created_at.desc()).limit(1)
    )
    return found or {}
