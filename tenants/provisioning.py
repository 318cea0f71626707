"""Making a tenant: schema, role, tables, grants and registry rows in one transaction of the owner's login.

A tenant is routable only after that transaction: its host row is the last thing written in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.kernel.ids import TenantId, tenant_id
from tenants.cluster import WEB, WORKER_LOGIN
from tenants.migrating import grants, head, tenant_script

NUMBER_LOCK = 0x5A76_0003
CHECKPOINT_EVERY = 50
"""Tenants after which what was made is written out: each has a hundred files, which a crash would have to sync."""


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What is known of a tenant before it exists; `hosts` are full names, the first is the primary one."""

    slug: str
    name: str
    legal_name: str
    inn: str
    hosts: tuple[str, ...]
    kind: str = "dealer"
    state: str = "active"
    city_id: int | None = None
    timezone: str = "Europe/Moscow"
    tier: str = "standard"
    parent_id: str | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    territories: tuple[tuple[str, str], ...] = ()


def provision(connection: sa.Connection, new: NewTenant) -> TenantId:
    """Make the tenant whole inside the caller's transaction (owner's login); answers its id."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": NUMBER_LOCK})
    number = connection.execute(sa.text("SELECT coalesce(max(number), 0) + 1 FROM network.tenants")).scalar_one()
    made = tenant_id(number)
    make_role(connection, made)
    make_schema(connection, made)
    _register(connection, made, number, new)
    if number % CHECKPOINT_EVERY == 0:
        _write_out(connection)
    return made


def make_role(connection: sa.Connection, made: str) -> None:
    """Make the tenant's role, which nobody can log in as and both logins may take on."""
    exists = connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": made}).first()
    if not exists:  # roles outlive a database that was thrown away
        connection.exec_driver_sql(f"CREATE ROLE {made} NOLOGIN INHERIT")
    connection.exec_driver_sql(f"GRANT network_tenant TO {made}")
    connection.exec_driver_sql(f"GRANT {made} TO {WEB}, {WORKER_LOGIN}")


def make_schema(connection: sa.Connection, made: str) -> None:
    """Make the tenant's schema with its tables, still empty, and let its role work there."""
    connection.exec_driver_sql(f"CREATE SCHEMA {made}")
    connection.exec_driver_sql(f"SET LOCAL search_path = {made}, ext")
    connection.exec_driver_sql(tenant_script())
    connection.exec_driver_sql("; ".join(grants(made, tenant_script())))
    connection.exec_driver_sql("SET LOCAL search_path = network, ext")


def _write_out(connection: sa.Connection) -> None:
    """Let PostgreSQL write out what was made before, where the owner may ask for it."""
    if connection.execute(sa.text("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')")).scalar_one():
        connection.exec_driver_sql("CHECKPOINT")


def _register(connection: sa.Connection, made: str, number: int, new: NewTenant) -> None:
    from tenants.models import Host, Tenant, TenantMigration, Territory

    columns = (
        "slug", "name", "legal_name", "inn", "kind", "state", "city_id", "timezone", "tier", "parent_id", "profile",
    )
    row = {column: getattr(new, column) for column in columns}
    activated = sa.func.now() if new.state == "active" else None
    connection.execute(sa.insert(Tenant).values(id=made, number=number, activated_at=activated, **row))
    connection.execute(sa.insert(TenantMigration).values(tenant_id=made, revision=head("tenant")))
    for region, kind in new.territories:
        connection.execute(sa.insert(Territory).values(owner_id=made, region_code=region, kind=kind))
    for position, host in enumerate(new.hosts):
        connection.execute(sa.insert(Host).values(host=host, tenant_id=made, is_primary=position == 0))
