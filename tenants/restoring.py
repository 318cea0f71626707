"""Bringing a dealer back from his archive, in place or after he was dropped, and making a new one in his likeness.

One transaction; other tenants' rows are neither read nor locked. His schema is replaced whole. In `network`, where
others have seen his rows, what stands stays and only what is missing is added. Nothing in an archive is executed:
tables and columns are those of a schema made by our own migrations, and the archive's are compared with them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from app.kernel.errors import Refused
from app.kernel.words import _
from tenants import shapes
from tenants.archives import Archive, BadArchive, Member
from tenants.belongings import PRESENT, REGISTERED, SHOP, SHUT, UNWANTED, exported
from tenants.exporting import driver, identifiers
from tenants.migrating import head
from tenants.models import Host, Tenant, TenantMigration
from tenants.provisioning import NewTenant, make_role, make_schema, provision

PATIENCE = "10s"


class CannotRestore(Refused):
    """The archive is sound, but does not fit what stands."""


@dataclass(slots=True)
class Restored:
    """What came back; `added` counts rows of `network` that were missing, `left` hosts somebody else has now.

    `erasures` are people who were erased since the archive was made, and have to be again.
    """

    tenant_id: str
    rows: int = 0
    files: int = 0
    added: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    erasures: int = 0


def restore(owner: sa.Engine, archive: Archive, *, media: Path) -> Restored:
    """Bring the tenant back to the moment of his archive, under his own id. `media` is the folder of all tenants."""
    manifest = archive.manifest
    _check_revisions(archive)
    restored = Restored(manifest.tenant_id)
    with _unpacked(archive, media) as aside, owner.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        state = _lock(connection, manifest.tenant_id)
        if state == "dropped":
            _stand_up(connection, archive, restored)
            restored.rows = _fill(connection, archive, manifest.tenant_id, None)
            _advance(connection, archive, manifest.tenant_id, {})
        else:
            restored.rows = _replace(connection, archive, manifest.tenant_id)
            _register(connection, archive)
            restored.erasures = _erased_since(connection, archive)
        restored.added = _add_missing(connection, archive, manifest.tenant_id)
        _count_reserved(connection, manifest.tenant_id)
        restored.files = _place(aside, media / manifest.tenant_id)
    return restored


def restore_as(
    owner: sa.Engine, archive: Archive, new: NewTenant, *, media: Path, tables: Collection[str] = SHOP
) -> Restored:
    """Make a new tenant in the archive's likeness: those tables of the schema, his stock, his files; no more."""
    _check_revisions(archive)
    with _unpacked(archive, media) as aside, owner.begin() as connection:
        restored = Restored(provision(connection, new))
        restored.rows = _fill(connection, archive, restored.tenant_id, tables)
        restored.added = _add_missing(connection, archive, restored.tenant_id, only=("stock",))
        _count_reserved(connection, restored.tenant_id)
        restored.files = _place(aside, media / restored.tenant_id)
    return restored


def _check_revisions(archive: Archive) -> None:
    ours, its = {tree: head(tree) for tree in ("network", "tenant")}, archive.manifest.revisions
    if its != ours:
        raise CannotRestore(_(
            "The archive was made at revision %(its)s and the network is at %(ours)s; restore it with the release it"
            " was made with, and migrate then.",
            its=_worded(its), ours=_worded(ours),
        ))


def _worded(revisions: dict[str, str]) -> str:
    return " / ".join(str(revisions.get(tree, "?"))[:40] for tree in ("network", "tenant"))


def _lock(connection: sa.Connection, tenant_id: str) -> str:
    """The tenant's state, his registry row locked; he must be one of ours, at the head and no HQ."""
    row = connection.execute(
        sa.select(Tenant.kind, Tenant.state, TenantMigration.revision)
        .outerjoin(TenantMigration, TenantMigration.tenant_id == Tenant.id)
        .where(Tenant.id == tenant_id).with_for_update(of=Tenant)
    ).one_or_none()
    if row is None or row.kind != "dealer":
        raise CannotRestore(_("This network has no dealer %(id)s; make a new one of the archive.", id=tenant_id))
    if row.state != "dropped" and row.revision != head("tenant"):
        raise CannotRestore(_("%(id)s itself is not at the newest revision; migrate first.", id=tenant_id))
    return row.state


# -- his schema ----------------------------------------------------------------------------------


def _replace(connection: sa.Connection, archive: Archive, tenant_id: str) -> int:
    """A fresh schema in place of his; sequences never go back, what was shut since stays shut."""
    before = f"{tenant_id}_before"
    standing = [table.name for table in shapes.tables(connection, tenant_id)]
    whole = ", ".join(f'{tenant_id}."{name}"' for name in standing)
    connection.exec_driver_sql(f"LOCK TABLE {whole} IN ACCESS EXCLUSIVE MODE")
    reached = shapes.sequences(connection, tenant_id)
    connection.exec_driver_sql(f"ALTER SCHEMA {tenant_id} RENAME TO {before}")
    make_schema(connection, tenant_id)
    rows = _fill(connection, archive, tenant_id, frozenset(standing) - PRESENT)
    _advance(connection, archive, tenant_id, reached)
    _keep_present(connection, tenant_id, before)
    _keep_shut(connection, tenant_id, before)
    connection.exec_driver_sql(f"DROP SCHEMA {before} CASCADE")
    return rows


def _fill(connection: sa.Connection, archive: Archive, tenant_id: str, wanted: Collection[str] | None) -> int:
    """Load the archive's tables into the empty schema: all of them (None) or those wanted."""
    standing = {table.name: table for table in shapes.tables(connection, tenant_id) if table.name not in UNWANTED}
    packed = archive.manifest.tables("tenant")
    if set(packed) != set(standing):
        raise BadArchive(_("The archive's tables are not those of its revision."))
    rows = 0
    for name, table in standing.items():
        if wanted is None or name in wanted:
            target = sql.Identifier(tenant_id, name)
            rows += _load(connection, archive, f"tenant/{name}.copy", packed[name], table, target)
    return rows


def _advance(connection: sa.Connection, archive: Archive, tenant_id: str, reached: dict[str, int]) -> None:
    """A number that was given to somebody is never given again."""
    known = connection.scalars(
        sa.text("SELECT sequencename FROM pg_sequences WHERE schemaname = :schema"), {"schema": tenant_id}
    )
    for name in known.all():
        last = max(archive.manifest.sequences.get(name, 0), reached.get(name, 0))
        if last:
            connection.execute(sa.text("SELECT setval(:name, :last)"), {"name": f'{tenant_id}."{name}"', "last": last})


def _keep_present(connection: sa.Connection, tenant_id: str, before: str) -> None:
    """Carry over tables whose present rows hold, as far as those they point to came back."""
    for table in shapes.tables(connection, tenant_id):
        if table.name in PRESENT:
            known = " AND ".join(
                f"EXISTS (SELECT 1 FROM {tenant_id}.{parent} p WHERE p.{theirs} = b.{mine})"
                for mine, parent, theirs in shapes.pointers(connection, tenant_id, table.name)
            )
            columns = ", ".join(table.columns)
            connection.exec_driver_sql(
                f"INSERT INTO {tenant_id}.{table.name} ({columns})"
                f" SELECT {columns} FROM {before}.{table.name} b WHERE {known or 'true'}"
            )


def _keep_shut(connection: sa.Connection, tenant_id: str, before: str) -> None:
    keys = {table.name: table.key for table in shapes.tables(connection, tenant_id)}
    for name, columns in SHUT.items():
        same = " AND ".join(f"now_.{key} = before.{key}" for key in keys[name])
        sets = ", ".join(f"{column} = before.{column}" for column in columns)
        connection.exec_driver_sql(
            f"UPDATE {tenant_id}.{name} now_ SET {sets} FROM {before}.{name} before WHERE {same}"
        )


def _erased_since(connection: sa.Connection, archive: Archive) -> int:
    query = (
        f"SELECT count(*) FROM {archive.manifest.tenant_id}.personal_requests"
        " WHERE kind = 'erasure' AND state = 'done' AND handled_at >= CAST(:made AS timestamptz)"
    )
    return connection.execute(sa.text(query), {"made": archive.manifest.made_at}).scalar_one()


def _load(
    connection: sa.Connection, archive: Archive, member: str, promised: Member, table: shapes.Table,
    target: sql.Composable,
) -> int:
    """COPY a member's rows into a table; its columns must be the table's own."""
    if set(promised.columns) != set(table.columns) or len(promised.columns) != len(table.columns):
        raise BadArchive(_("The archive's tables are not those of its revision."))
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(target, identifiers(promised.columns))
    try:
        with driver(connection).cursor() as cursor:
            with cursor.copy(query) as rows:
                for chunk in archive.chunks(member):
                    rows.write(chunk)
            loaded = cursor.rowcount
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise BadArchive(
            _("The rows of %(name)s cannot be taken: %(why)s", name=table.name, why=str(error).splitlines()[0])
        ) from None
    if loaded != promised.rows:
        raise BadArchive(_("The rows of %(name)s are not as many as were written.", name=table.name))
    return loaded


# -- what others see of him ----------------------------------------------------------------------


def _add_missing(
    connection: sa.Connection, archive: Archive, tenant_id: str, only: Iterable[str] | None = None
) -> dict[str, int]:
    """Rows of `network` he alone writes and that are no longer there; what stands is his and others' present."""
    standing = {table.name: table for table in shapes.tables(connection, "network")}
    packed, added = archive.manifest.tables("network"), {}
    if set(packed) != {name for name, _share in exported()}:
        raise BadArchive(_("The archive's tables are not those of its revision."))
    for name, share in exported():
        if only is None or name in only:
            staged = sql.Identifier("pg_temp", f"staged_{name}")
            table, columns = standing[name], packed[name].columns
            connection.exec_driver_sql(f"CREATE TEMP TABLE staged_{name} (LIKE network.{name}) ON COMMIT DROP")
            _load(connection, archive, f"network/{name}.copy", packed[name], table, staged)
            _check_owner(connection, name, share.owner, archive.manifest.tenant_id)
            added[name] = _insert(connection, staged, name, columns, share.owner, tenant_id)
    return {name: count for name, count in added.items() if count}


def _check_owner(connection: sa.Connection, name: str, owner: str, tenant_id: str) -> None:
    query = f"SELECT 1 FROM pg_temp.staged_{name} WHERE {owner} IS DISTINCT FROM :id LIMIT 1"
    if connection.execute(sa.text(query), {"id": tenant_id}).first():
        raise BadArchive(_("The archive holds rows of somebody else."))


def _insert(
    connection: sa.Connection, staged: sql.Composable, name: str, columns: tuple[str, ...], owner: str, tenant_id: str
) -> int:
    values = [sql.Literal(tenant_id) if column == owner else sql.Identifier(column) for column in columns]
    query = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING").format(
        sql.Identifier("network", name), identifiers(columns), sql.SQL(", ").join(values), staged
    )
    try:
        return driver(connection).execute(query).rowcount
    except psycopg.IntegrityError as error:
        raise CannotRestore(
            _("The rows of %(name)s do not fit the network: %(why)s", name=name, why=str(error).splitlines()[0])
        ) from None


def _count_reserved(connection: sa.Connection, tenant_id: str) -> None:
    """Reserved is what reservations hold, whichever of them came back; nothing is promised twice."""
    connection.execute(
        sa.text("""
            UPDATE network.stock s SET reserved = held.pieces, on_hand = greatest(on_hand, held.pieces)
            FROM (SELECT s.product_id, coalesce(sum(r.quantity) FILTER (WHERE r.state = 'held'), 0) AS pieces
                  FROM network.stock s LEFT JOIN network.reservations r USING (owner_id, product_id)
                  WHERE s.owner_id = :id GROUP BY s.product_id) held
            WHERE s.owner_id = :id AND s.product_id = held.product_id AND s.reserved <> held.pieces
        """),
        {"id": tenant_id},
    )


def _register(connection: sa.Connection, archive: Archive) -> None:
    facts = archive.manifest.tenant
    values = {column: facts[column] for column in REGISTERED}
    connection.execute(sa.update(Tenant).where(Tenant.id == facts["id"]).values(**values))


def _stand_up(connection: sa.Connection, archive: Archive, restored: Restored) -> None:
    """A dropped dealer gets role, schema, name and those of his hosts that are free; HQ opens his site."""
    facts = archive.manifest.tenant
    make_role(connection, facts["id"])
    make_schema(connection, facts["id"])
    slug_is_taken = connection.execute(sa.select(Tenant.id).where(Tenant.slug == facts["slug"])).first()
    values = {name: facts[name] for name in ("name", "legal_name", "inn", "profile", "timezone", "city_id")}
    if slug_is_taken is None:
        values["slug"] = facts["slug"]
    connection.execute(
        sa.update(Tenant).where(Tenant.id == facts["id"]).values(state="suspended", state_reason=None, **values)
    )
    connection.execute(sa.insert(TenantMigration).values(tenant_id=facts["id"], revision=head("tenant")))
    taken = set(connection.scalars(sa.select(Host.host).where(Host.host.in_(archive.manifest.hosts))))
    free = [host for host in archive.manifest.hosts if host not in taken]
    restored.left = sorted(taken)
    for position, host in enumerate(free):
        connection.execute(sa.insert(Host).values(host=host, tenant_id=facts["id"], is_primary=position == 0))


# -- his files -----------------------------------------------------------------------------------


@contextmanager
def _unpacked(archive: Archive, media: Path) -> Iterator[Path]:
    """The archive's files in a folder aside, so that they take their places in a moment or not at all."""
    media.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".restoring-", dir=media))
    try:
        for name in archive.manifest.files():
            path = aside.joinpath(*name.split("/")[1:])
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                for chunk in archive.chunks(name):
                    file.write(chunk)
                os.fsync(file.fileno())
        yield aside
    finally:
        shutil.rmtree(aside)


def _place(aside: Path, folder: Path) -> int:
    """Add the files that are not there; names are chance and a file never changes, so one that is there is the same."""
    count = 0
    for path in [path for path in aside.rglob("*") if path.is_file()]:
        target = folder / path.relative_to(aside)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            count += 1
    return count
