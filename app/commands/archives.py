"""`zveno tenants export | restore | clone`: one dealer's data in a file, back again, or for a new dealer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from app.commands.lookup import find, folders, owner, sentences, wished
from app.config import load
from tenants.archives import sealing_key, verified
from tenants.belongings import PEOPLE, SHOP
from tenants.exporting import Written
from tenants.exporting import export as write
from tenants.provisioning import NewTenant
from tenants.restoring import Restored, restore_as
from tenants.restoring import restore as bring_back

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
with_people = click.option("--with-people", is_flag=True, help="Staff and customers too, with their passwords.")


@click.command()
@click.argument("tenant")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(tenant: str, file: Path) -> None:
    """Write a dealer's tables and files to FILE, as of one moment; he and others go on working."""
    written = save(find(tenant), file)
    click.echo(
        f"{written.path}: {written.tables} tables, {written.rows} rows, {written.files} files,"
        f" {written.size / 1e6:.1f} MB. It holds personal data: keep it as such."
    )


@click.command()
@click.argument("file", type=FILE)
@click.option("--as", "slug", help="Make a new dealer with this slug of the archive, as `clone` does.")
@click.option("--name", help="Name of the new dealer, by default that of the archive.")
@click.option("--inn", default="", help="Taxpayer number of the new dealer.")
@click.option("--unsealed", is_flag=True, help="Take an archive made with another ZVENO_SECRET_KEY.")
@with_people
def restore(file: Path, slug: str | None, name: str | None, inn: str, unsealed: bool, with_people: bool) -> None:
    """Bring a dealer back to the moment of his archive; what stands is saved beside FILE first."""
    settings = load()
    key = None if unsealed else sealing_key(settings.secret_key)
    with sentences(), verified(file, key) as archive:
        if slug:
            new = _likeness(archive.manifest.tenant, slug, name, inn)
            restored = _made(lambda: restore_as(
                owner(), archive, new, media=settings.media_dir, tables=SHOP | PEOPLE if with_people else SHOP
            ), slug)
        else:
            _save_before(archive.manifest.tenant_id, file)
            restored = bring_back(owner(), archive, media=settings.media_dir)
    _tell(restored)


@click.command()
@click.argument("tenant")
@click.argument("slug")
@click.option("--name", help="Name people read, by default that of the first.")
@click.option("--inn", default="", help="Taxpayer number.")
@with_people
def clone(tenant: str, slug: str, name: str | None, inn: str, with_people: bool) -> None:
    """Make a new dealer with the look, prices, assortment, stock and pictures of another.

    Orders, customers' requests, keys, sessions, mails and territories stay where they are. The new site waits for
    HQ's approval.
    """
    with sentences():
        new = _likeness(find(tenant), slug, name, inn)
        settings = load()
        with tempfile.TemporaryDirectory(prefix="zveno-") as place:
            written = save(find(tenant), Path(place) / "clone.zip")
            with verified(written.path, sealing_key(settings.secret_key)) as archive:
                restored = _made(lambda: restore_as(
                    owner(), archive, new, media=settings.media_dir, tables=SHOP | PEOPLE if with_people else SHOP
                ), slug)
    _tell(restored)


def save(row: dict[str, Any], file: Path) -> Written:
    """The archive of a tenant of the registry."""
    settings = load()
    with sentences():
        return write(owner(), row["id"], file, media=folders(row["id"])[0], key=sealing_key(settings.secret_key))


def _likeness(facts: dict[str, Any], slug: str, name: str | None, inn: str) -> NewTenant:
    new_name = name or facts["name"]
    return NewTenant(
        slug=wished(slug), name=new_name, legal_name=new_name, inn=inn, state="pending",
        hosts=(f"{slug}.{load().site_domain}",), city_id=facts["city_id"], timezone=facts["timezone"],
        profile=facts["profile"],
    )


def _made(make: Any, slug: str) -> Restored:
    try:
        return make()
    except sa.exc.IntegrityError as error:
        raise click.ClickException(f"{slug} is taken: {error.orig}") from None


def _save_before(tenant_id: str, file: Path) -> None:
    row = find(tenant_id)
    if row["state"] != "dropped":
        before = file.with_name(f"{file.stem}.before-restore.zip")
        number = 1
        while before.exists():
            number += 1
            before = file.with_name(f"{file.stem}.before-restore-{number}.zip")
        click.echo(f"{save(row, before).path}: what stood before.")


def _tell(restored: Restored) -> None:
    click.echo(f"{restored.tenant_id}: {restored.rows} rows and {restored.files} files restored.")
    for table, count in restored.added.items():
        click.echo(f"  network.{table}: {count} that were missing")
    if restored.erasures:
        click.echo(
            f"  {restored.erasures} people were erased since the archive was made and must be again: see the acts.",
            err=True,
        )
    for host in restored.left:
        click.echo(f"  {host} belongs to somebody else now and was left to him.", err=True)
