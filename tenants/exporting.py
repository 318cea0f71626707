"""Writing a dealer's archive: his schema, his own rows of `network` and his files, as of one moment.

All tables are read in one transaction that sees one snapshot and locks nobody out; rows stream from COPY into the
archive, so its size does not matter to the memory.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.words import _
from tenants import shapes
from tenants.archives import CHUNK, Manifest, Writer
from tenants.belongings import UNWANTED, exported
from tenants.models import Host, Tenant, TenantMigration

FACTS = (
    "id", "number", "slug", "kind", "state", "name", "legal_name", "inn", "city_id", "timezone", "tier", "profile",
    "created_at",
)


class NotForOne(Refused):
    """HQ's data is the network's own; it is kept by the backup of the whole."""


@dataclass(frozen=True, slots=True)
class Written:
    """What went into an archive."""

    path: Path
    tables: int
    rows: int
    files: int
    size: int


def export(owner: sa.Engine, tenant_id: str, path: Path, *, media: Path, key: bytes) -> Written:
    """Write the dealer's archive to `path`, which appears only when it is whole. `media` is his folder of files."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with _private(partial) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            writer = Writer(archive)
            with owner.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                manifest = _write_rows(connection, tenant_id, writer)
            _write_files(media, writer)
            writer.finish(manifest, key)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    told = writer.members.values()
    files = len(manifest.files())
    return Written(path, len(told) - files, sum(member.rows for member in told), files, path.stat().st_size)


def driver(connection: sa.Connection) -> psycopg.Connection:
    """The connection of psycopg underneath, for COPY; the transaction stays the same."""
    raw: Any = connection.connection.driver_connection
    return raw


def _private(path: Path) -> Any:
    """Personal data goes to a file only we may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _write_rows(connection: sa.Connection, tenant_id: str, writer: Writer) -> Manifest:
    facts = connection.execute(sa.select(*(Tenant.__table__.c[name] for name in FACTS)).where(Tenant.id == tenant_id))
    row = dict(facts.mappings().one())
    if row["kind"] != "dealer":
        raise NotForOne(_("HQ has no archive of its own: keep a backup of the whole network."))
    for table in shapes.tables(connection, tenant_id):
        if table.name not in UNWANTED:
            _copy(connection, writer, "tenant", tenant_id, table)
    network = {table.name: table for table in shapes.tables(connection, "network")}
    for name, share in exported():
        _copy(connection, writer, "network", "network", network[name], share.owner, tenant_id)
    return Manifest(
        made_at=now().isoformat(),
        revisions=_revisions(connection, tenant_id),
        tenant=row,
        hosts=tuple(connection.scalars(
            sa.select(Host.host).where(Host.tenant_id == tenant_id).order_by(Host.is_primary.desc(), Host.host)
        )),
        sequences=shapes.sequences(connection, tenant_id),
        members=writer.members,
    )


def _revisions(connection: sa.Connection, tenant_id: str) -> dict[str, str]:
    own = sa.select(TenantMigration.revision).where(TenantMigration.tenant_id == tenant_id)
    network = connection.exec_driver_sql("SELECT version_num FROM network.schema_version").scalar_one()
    return {"network": network, "tenant": connection.scalars(own).one()}


def _copy(
    connection: sa.Connection, writer: Writer, place: str, schema: str, table: shapes.Table, owner: str = "",
    tenant_id: str = "",
) -> None:
    """COPY the table's rows, in `network` the tenant's only, in the order of their key."""
    query = sql.SQL("COPY (SELECT {} FROM {}{} ORDER BY {}) TO STDOUT").format(
        identifiers(table.columns), sql.Identifier(schema, table.name),
        sql.SQL(" WHERE {} = {}").format(sql.Identifier(owner), sql.Literal(tenant_id)) if owner else sql.SQL(""),
        identifiers(table.key or table.columns),
    )
    with writer.member(f"{place}/{table.name}.copy") as member, driver(connection).cursor() as cursor:
        with cursor.copy(query) as rows:
            for chunk in rows:
                member.write(chunk)
        member.columns, member.rows = table.columns, cursor.rowcount


def identifiers(names: tuple[str, ...]) -> sql.Composable:
    """Names of columns, quoted, with commas."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _write_files(media: Path, writer: Writer) -> None:
    for path in sorted(media.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            name = f"media/{path.relative_to(media).as_posix()}"
            with path.open("rb") as file, writer.member(name, packed=False) as member:
                while chunk := file.read(CHUNK):
                    member.write(chunk)
