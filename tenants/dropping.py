"""Dropping a dealer: schema, role, keys, files and what stands of him in `network`, but not HQ's own history.

A row under his number stays in the registry in the state `dropped`, with nothing that tells who he was, so that
HQ's leads, offers and figures of the past still add up and his number is never given again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import redis
import sqlalchemy as sa

from app.kernel.errors import Refused
from app.kernel.ids import tenant_number
from app.kernel.words import _, ngettext
from tenants.belongings import erased
from tenants.models import Tenant

PATIENCE = "10s"
OPEN = ("new", "offered", "accepted", "contacted", "quoted")


class CannotDrop(Refused):
    """Something still hangs on this dealer."""


@dataclass(slots=True)
class Dropped:
    """What was erased: rows of `network` by table, files, keys of the store."""

    tenant_id: str
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    keys: int = 0


def drop(owner: sa.Engine, tenant_id: str, *, folders: Iterable[Path], store: redis.Redis) -> Dropped:
    """Erase a closed dealer. Interrupted, it is called again and finishes; `folders` are all he has files in."""
    dropped = Dropped(tenant_id)
    with owner.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        row = connection.execute(
            sa.select(Tenant.kind, Tenant.state).where(Tenant.id == tenant_id).with_for_update()
        ).one()
        if row.state != "dropped":
            _check(connection, tenant_id, row.kind, row.state)
            dropped.rows = _erase(connection, tenant_id)
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {tenant_id} CASCADE")
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {tenant_id}")
            _forget_who(connection, tenant_id)
    dropped.files = sum(_remove(folder) for folder in folders)
    dropped.keys = forget_keys(store, tenant_id)
    return dropped


def counted(connection: sa.Connection, tenant_id: str) -> dict[str, int]:
    """How many rows of `network` a drop would erase, by table."""
    counts = {
        name: connection.execute(
            sa.text(f"SELECT count(*) FROM network.{name} WHERE {_names_him(share.columns)}"), {"id": tenant_id}
        ).scalar_one()
        for name, share in erased()
    }
    return {name: count for name, count in counts.items() if count}


def forget_keys(store: redis.Redis, tenant_id: str) -> int:
    """Remove keys that name the tenant from the store of limits and wake-up calls."""
    keys = list(store.scan_iter(match=f"*{tenant_id}*", count=1000))
    for start in range(0, len(keys), 500):
        store.unlink(*keys[start : start + 500])
    return len(keys)


def _check(connection: sa.Connection, tenant_id: str, kind: str, state: str) -> None:
    if kind != "dealer":
        raise CannotDrop(_("HQ itself cannot be dropped."))
    if state != "closed":
        raise CannotDrop(_("Only a closed dealer can be dropped; this one is %(state)s.", state=state))
    served = sa.text(
        "SELECT count(*) FROM network.leads WHERE assignee_id = :id AND owner_id <> :id AND state = ANY (:open)"
    )
    waiting = connection.execute(served, {"id": tenant_id, "open": list(OPEN)}).scalar_one()
    if waiting:
        raise CannotDrop(ngettext(
            "%(num)s customer of others still waits for him; give the lead to another dealer first.",
            "%(num)s customers of others still wait for him; give the leads to other dealers first.", waiting,
        ))


def _erase(connection: sa.Connection, tenant_id: str) -> dict[str, int]:
    counts = {
        name: connection.execute(
            sa.text(f"DELETE FROM network.{name} WHERE {_names_him(share.columns)}"), {"id": tenant_id}
        ).rowcount
        for name, share in erased()
    }
    return {name: count for name, count in counts.items() if count}


def _names_him(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"{column} = :id" for column in columns)


def _forget_who(connection: sa.Connection, tenant_id: str) -> None:
    number = tenant_number(tenant_id)
    connection.execute(
        sa.update(Tenant).where(Tenant.id == tenant_id).values(
            state="dropped", state_reason=None, slug=f"dropped-{number}", name=f"№ {number}", legal_name="", inn="",
            profile={},
        )
    )


def _remove(folder: Path) -> int:
    files = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    shutil.rmtree(folder, ignore_errors=True)
    return files
