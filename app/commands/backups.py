"""`zveno db backup | receive-wal | restore`: the whole cluster and the tenants' files, back to any moment."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from app.config import load
from app.embedded.backup import BackupFailed, lay_out, receive, take

FOLDER = click.Path(file_okay=False, path_type=Path)
superuser = click.option("--superuser", required=True, envvar="ZVENO_SUPERUSER", help="postgresql:// address.")


@click.command()
@click.argument("folder", type=FOLDER)
@superuser
def backup(folder: Path, superuser: str) -> None:
    """Copy the running cluster and the tenants' files into FOLDER; nobody stops working."""
    try:
        base = take(superuser, folder, datetime.now(UTC))
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    added = _copy_missing(load().media_dir, folder / "media")
    click.echo(f"{base}: verified. {added} files are new in {folder / 'media'}.")


@click.command()
@click.argument("folder", type=FOLDER)
@superuser
def receive_wal(folder: Path, superuser: str) -> None:
    """Keep the WAL in FOLDER as it is written, until told to stop; a process like the others."""
    try:
        receiving = receive(superuser, folder)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    try:
        raise SystemExit(receiving.wait())
    finally:
        receiving.terminate()


@click.command()
@click.argument("base", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("data", type=FOLDER)
@click.option("--wal", required=True, type=FOLDER, help="Where receive-wal kept the WAL.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S"]), help="Moment, UTC.")
def restore(base: Path, data: Path, wal: Path, until: datetime | None) -> None:
    """Make the data directory DATA of BASE and the WAL; a server started on it goes to the moment and serves."""
    moment = until if until is None or until.tzinfo else until.replace(tzinfo=UTC)
    begun = time.monotonic()
    try:
        lay_out(base, wal, data, moment)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{data} is ready in {time.monotonic() - begun:.0f} s: start PostgreSQL on it, and put the media back.")


def _copy_missing(source: Path, target: Path) -> int:
    """A file never changes under its name, so those that are there already are whole."""
    count = 0
    for path in source.rglob("*") if source.is_dir() else ():
        copy = target / path.relative_to(source)
        if path.is_file() and not path.name.startswith(".") and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            partial = copy.with_name(f".{copy.name}.part")
            shutil.copyfile(path, partial)
            partial.replace(copy)
            count += 1
    return count
