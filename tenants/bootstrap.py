"""A network from nothing: reference data, HQ, and the bringing up to date of what stands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from app.kernel.ids import HQ
from tenants.geography import cities, regions
from tenants.migrating import migrate_network, migrate_tenants
from tenants.models import City, Region, Tenant
from tenants.provisioning import NewTenant, provision

VAT = (
    ("standard", date(2019, 1, 1), Decimal(20)),
    ("standard", date(2026, 1, 1), Decimal(22)),
    ("reduced", date(2019, 1, 1), Decimal(10)),
    ("zero", date(2019, 1, 1), Decimal(0)),
)
"""Rates of Russian VAT with the day they came into force (Tax Code, art. 164)."""


def upgrade(owner: sa.Engine) -> list[str]:
    """Migrate `network` and all tenants; answers the ids of tenants that could not be migrated."""
    migrate_network(owner)
    with owner.begin() as connection:
        _fill_reference(connection)
    return [outcome.tenant_id for outcome in migrate_tenants(owner) if outcome.error]


def ensure_hq(owner: sa.Engine, new: NewTenant) -> bool:
    """Make HQ, tenant number one, unless it stands; answers whether it was made."""
    with owner.begin() as connection:
        if connection.execute(sa.select(Tenant.id).where(Tenant.id == HQ)).first():
            return False
        provision(connection, new)
        return True


def _fill_reference(connection: sa.Connection) -> None:
    if connection.execute(sa.select(Region.code).limit(1)).first():
        return
    connection.execute(sa.insert(Region), [vars_of(region) for region in regions()])
    connection.execute(sa.insert(City), [vars_of(city) for city in cities()])
    connection.execute(
        sa.text("INSERT INTO network.vat_rates (code, valid_from, rate) VALUES (:code, :valid_from, :rate)"),
        [{"code": code, "valid_from": since, "rate": rate} for code, since, rate in VAT],
    )


def vars_of(row: object) -> dict[str, object]:
    """A frozen slotted dataclass as a dictionary of columns."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}  # type: ignore[attr-defined]
