"""Whether every tenant's schema has the shape its migrations give it: drift, told by a hash and then in words."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tenants import shapes
from tenants.migrating import head
from tenants.models import Tenant, TenantMigration


@dataclass(frozen=True, slots=True)
class Drift:
    """A tenant whose schema differs: what it has too much and what it lacks, its own name as `~`."""

    tenant_id: str
    extra: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """`sound` tenants are at the head and as the template; those `behind` are not compared."""

    sound: int
    behind: tuple[str, ...]
    drifted: tuple[Drift, ...]

    @property
    def is_sound(self) -> bool:
        """Nobody is behind and nobody has drifted."""
        return not (self.behind or self.drifted)


def check(owner: sa.Engine) -> Checked:
    """Compare the schema of every tenant that is not dropped with one made now by the migrations."""
    with shapes.template(owner) as connection:
        rows = connection.execute(
            sa.select(Tenant.id, TenantMigration.revision, TenantMigration.state)
            .outerjoin(TenantMigration, TenantMigration.tenant_id == Tenant.id)
            .where(Tenant.state != "dropped").order_by(Tenant.number)
        ).all()
        current = [row.id for row in rows if (row.revision, row.state) == (head("tenant"), "done")]
        found = shapes.hashes(connection, [*current, shapes.TEMPLATE])
        drifted = [one for one in current if found.get(one) != found[shapes.TEMPLATE]]
        expected = shapes.lines(connection, shapes.TEMPLATE) if drifted else set()
        return Checked(
            sound=len(current) - len(drifted),
            behind=tuple(row.id for row in rows if row.id not in set(current)),
            drifted=tuple(_drift(connection, one, expected) for one in drifted),
        )


def _drift(connection: sa.Connection, tenant_id: str, expected: set[str]) -> Drift:
    standing = shapes.lines(connection, tenant_id)
    return Drift(tenant_id, tuple(sorted(standing - expected)), tuple(sorted(expected - standing)))
