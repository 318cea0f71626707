"""`zveno audit`: whether the journals of the tenants are as they were written."""

from __future__ import annotations

import click
import sqlalchemy as sa

from app.config import load
from app.factory import create_app
from app.kernel.db import unit_of_work
from app.kernel.identity import speaking_as, tenant
from app.web.audit import Broken, verify
from tenants.models import Tenant
from tenants.owner import owner_engine


@click.group()
def audit() -> None:
    """Journals of what staff did, one a tenant, each chained by hashes."""


@audit.command(name="verify")
@click.option("--tenant", "only", help="Id or slug of one tenant; all of them by default.")
def verify_(only: str | None) -> None:
    """Walk each chain and name its first broken link.

    Prints number and hash of the last line: who keeps them elsewhere also sees when lines are cut off the end.
    """
    broken = 0
    with create_app().app_context():
        for tenant_id, slug in _tenants(only):
            with speaking_as(tenant(tenant_id)), unit_of_work():
                verdict = verify()
            broken += verdict.broken is not None
            told = _told(verdict.broken) if verdict.broken else f"{verdict.lines} lines hold, head {verdict.head[:16]}"
            click.echo(f"{tenant_id} {slug}: {told}")
    raise SystemExit(1 if broken else 0)


def _told(broken: Broken) -> str:
    what = "has been changed" if broken.why == "changed" else "does not follow the line before: some were removed"
    return f"BROKEN: line {broken.number} ({broken.action}, {broken.at:%Y-%m-%d %H:%M:%S %Z}) {what}"


def _tenants(only: str | None) -> list[tuple[str, str]]:
    query = sa.select(Tenant.id, Tenant.slug).where(Tenant.state != "dropped").order_by(Tenant.number)
    if only:
        query = query.where(sa.or_(Tenant.id == only, Tenant.slug == only))
    with owner_engine(load().database_owner).connect() as connection:
        found = [(row.id, row.slug) for row in connection.execute(query)]
    if only and not found:
        raise click.ClickException(f"There is no tenant {only}.")
    return found
