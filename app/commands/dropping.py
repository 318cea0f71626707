"""`zveno tenants drop`: first closed, then erased."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import redis
from flask_babel import force_locale

from app.commands.archives import save
from app.commands.lookup import find, folders, owner, sentences
from app.config import load
from app.factory import create_app
from app.kernel.db import unit_of_work
from app.kernel.identity import hq, speaking_as
from blueprints.sites import service
from tenants.dropping import counted
from tenants.dropping import drop as erase


@click.command()
@click.argument("tenant")
@click.option("--reason", help="Why, as the dealer will read it; closing an open dealer asks for it.")
@click.option("--yes", is_flag=True, help="Erase a closed dealer.")
@click.option("--slug", "typed", help="The dealer's slug once more, so that nobody else is erased.")
@click.option("--archive", type=click.Path(dir_okay=False, path_type=Path), help="Where to save him first.")
@click.option("--no-archive", is_flag=True, help="Erase without saving.")
def drop(
    tenant: str, reason: str | None, yes: bool, typed: str | None, archive: Path | None, no_archive: bool
) -> None:
    """Close a dealer; with --yes, erase a closed one: schema, role, keys, files, and his rows of `network`.

    HQ keeps leads, offers, history and visits under his number, without his name. Interrupted, the same command
    finishes.
    """
    row = find(tenant)
    if not yes:
        _close(row, reason)
        return
    if row["state"] != "dropped":
        if typed != row["slug"]:
            raise click.UsageError(f"Type --slug {row['slug']} to erase this dealer.")
        if not (archive or no_archive):
            raise click.UsageError("Say --archive FILE to save him first, or --no-archive.")
        if row["state"] == "closed" and archive:
            click.echo(f"{save(row, archive).path}: saved.")
    with sentences():
        dropped = erase(
            owner(), row["id"], folders=folders(row["id"]), store=redis.Redis.from_url(load().queue)
        )
    click.echo(f"{row['id']} is dropped: {sum(dropped.rows.values())} rows of the network, {dropped.files} files,"
               f" {dropped.keys} keys.")


def _close(row: dict[str, Any], reason: str | None) -> None:
    if row["state"] in ("active", "suspended"):
        if not reason:
            raise click.UsageError("Say --reason: the dealer reads it at his closed site.")
        with sentences(), create_app().app_context(), force_locale("en"), speaking_as(hq()), unit_of_work():
            service.close(dealer_id=row["id"], reason=reason)
    elif row["state"] != "closed":
        raise click.ClickException(f"{row['slug']} is {row['state']}; HQ's desk refuses those who wait.")
    with owner().connect() as connection:
        counts = counted(connection, row["id"])
    click.echo(f"{row['id']} {row['slug']} is closed; `zveno tenants resume` opens him again. --yes would erase:")
    click.echo(f"  schema and role {row['id']}, his files and keys")
    for table, count in counts.items():
        click.echo(f"  network.{table}: {count}")
