"""`zveno catalogue`: take a catalogue, or a dealer's stock, in from a file of this machine."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
from flask_babel import force_locale
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.factory import create_app
from app.kernel.clock import now
from app.kernel.db import unit_of_work
from app.kernel.errors import HouseError
from app.kernel.identity import speaking_as
from app.kernel.identity import tenant as tenant_identity
from app.kernel.ids import HQ
from blueprints.catalog.importing.perform import CATALOGUE, STOCK
from blueprints.catalog.importing.problems import sentence
from blueprints.catalog.importing.report import Report
from blueprints.catalog.importing.service import import_now
from blueprints.catalog.importing.tables import Mapping

SHOWN_LINES = 20

console = Console()


class _Rehearsal(Exception):
    """Ends a dry run, so that its transaction is rolled back."""


@click.group()
def catalogue() -> None:
    """The catalogue, its prices and stock."""


@catalogue.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", default=HQ, show_default=True, help="Whose: HQ's catalogue, or a dealer's stock and prices.")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with what the columns of a table hold; guessed from its headers otherwise.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything, then change nothing.")
def import_(file: Path, tenant: str, mapping: Path | None, dry_run: bool) -> None:
    """Import CommerceML, YML, XLSX, CSV or a ZIP of them."""
    report, began = Report(), time.monotonic()
    columns = Mapping.from_json(json.loads(mapping.read_text(encoding="utf-8"))) if mapping else None
    app = create_app(login="worker")
    try:
        with app.app_context(), force_locale("en"), speaking_as(tenant_identity(tenant)), unit_of_work():
            _run(file, tenant, columns, report)
            if dry_run:
                raise _Rehearsal
    except _Rehearsal:
        console.print("A rehearsal: nothing was changed.")
    except HouseError as error:
        raise click.ClickException(str(error.sentence)) from None
    _print(report, time.monotonic() - began)


def _run(file: Path, tenant: str, mapping: Mapping | None, report: Report) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Reading", total=None)
        import_now(
            path=file, purpose=CATALOGUE if tenant == HQ else STOCK, mapping=mapping, report=report,
            progress=lambda done, total: _tell(progress, task, done, total), started_by="zveno catalogue import",
            at=now(),
        )


def _tell(progress: Progress, task: TaskID, done: int, total: int | None) -> None:
    progress.update(task, completed=done, total=total, description="Writing" if total else "Reading")


def _print(report: Report, seconds: float) -> None:
    table = Table("what", "how many")
    for name, number in sorted(report.counts.items()):
        if number:
            table.add_row(name.replace("_", " "), str(number))
    console.print(table)
    for line in report.lines[:SHOWN_LINES]:
        console.print(f"{line.level.value}: {line.place}: {sentence(line.code, line.params)}", highlight=False)
    if len(report.lines) > SHOWN_LINES:
        console.print(f"... and {len(report.lines) - SHOWN_LINES} more; the page of imports shows them all.")
    console.print(f"{seconds:.1f} s")
