"""`zveno tenants`: add, list, show, suspend, resume; what else befalls a tenant is in the modules beside."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import click
import sqlalchemy as sa
from flask_babel import force_locale
from rich.console import Console
from rich.table import Table

from app.commands.archives import clone, export, restore
from app.commands.dropping import drop
from app.commands.lookup import find, owner, sentences, wished
from app.commands.migrating import check, migrate
from app.config import load
from app.factory import create_app
from app.kernel.db import unit_of_work
from app.kernel.identity import hq, speaking_as
from blueprints.sites import service
from tenants.migrating import load_models
from tenants.models import STATES, Host, Tenant, TenantMigration
from tenants.provisioning import NewTenant, provision

console = Console()


@click.group()
def tenants() -> None:
    """Tenants of this network: HQ and its dealers."""
    load_models()


@tenants.command()
@click.argument("slug")
@click.option("--name", required=True, help="Name people read.")
@click.option("--legal-name", help="Legal name, by default the name.")
@click.option("--inn", default="", help="Taxpayer number.")
@click.option("--kind", type=click.Choice(["hq", "dealer"]), default="dealer", show_default=True)
@click.option("--region", "regions", multiple=True, help="Region code the dealer serves; may be repeated.")
def add(slug: str, name: str, legal_name: str | None, inn: str, kind: str, regions: tuple[str, ...]) -> None:
    """Make a tenant with its schema, role and host."""
    wished(slug)
    settings = load()
    hosts = (f"{slug}.{settings.site_domain}",)
    new = NewTenant(
        slug=slug, name=name, legal_name=legal_name or name, inn=inn, hosts=hosts, kind=kind,
        territories=tuple((region, "shared") for region in regions),
    )
    try:
        with owner().begin() as connection:
            made = provision(connection, new)
    except sa.exc.IntegrityError as error:
        raise click.ClickException(f"{slug} is taken: {error.orig}") from None
    click.echo(f"{made} {settings.site_scheme}://{hosts[0]}{settings.site_authority}")


@tenants.command(name="list")
@click.option("--state", type=click.Choice(STATES))
def list_(state: str | None) -> None:
    """List tenants with their state and revision."""
    query = (
        sa.select(Tenant.id, Tenant.slug, Tenant.kind, Tenant.state, Tenant.name, TenantMigration.revision)
        .outerjoin(TenantMigration, TenantMigration.tenant_id == Tenant.id).order_by(Tenant.number)
    )
    table = Table("id", "slug", "kind", "state", "name", "revision")
    with owner().connect() as connection:
        for row in connection.execute(query.where(Tenant.state == state) if state else query):
            table.add_row(*(str(value or "") for value in row))
    console.print(table)


@tenants.command()
@click.argument("tenant")
def show(tenant: str) -> None:
    """Show one tenant, by id or slug, as JSON."""
    row = find(tenant)
    with owner().connect() as connection:
        hosts = connection.scalars(sa.select(Host.host).where(Host.tenant_id == row["id"])).all()
        migration = connection.execute(
            sa.select(TenantMigration.revision, TenantMigration.state, TenantMigration.error)
            .where(TenantMigration.tenant_id == row["id"])
        ).mappings().first()
    shown = {**row, "hosts": list(hosts), "migration": dict(migration or {})}
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2, default=str))


@tenants.command()
@click.argument("tenant")
@click.option("--reason", required=True, help="As the dealer and HQ's staff will read it.")
def suspend(tenant: str, reason: str) -> None:
    """Close a dealer's site and desk for now; he is told by mail, and what he was offered goes to others."""
    _decide(tenant, partial(service.suspend, reason=reason))


@tenants.command()
@click.argument("tenant")
def resume(tenant: str) -> None:
    """Open a suspended dealer's site again; he is told by mail."""
    _decide(tenant, service.resume)


def _decide(tenant: str, verb: Callable[..., None]) -> None:
    """Do as HQ's own desk does, so that everybody is told who has to be."""
    row = find(tenant)
    with sentences(), create_app().app_context(), force_locale("en"), speaking_as(hq()), unit_of_work():
        verb(dealer_id=row["id"])
    click.echo(f"{row['id']} {row['slug']}: done.")


for command in (migrate, check, export, restore, clone, drop):
    tenants.add_command(command)
