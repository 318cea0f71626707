"""Migrating `network` and every tenant's schema, resumably: one transaction per schema.

Runs with the owner's login. The registry `network.tenant_migrations` knows how far each tenant is;
a tenant that fails is set aside with its error, the others go on, the same command resumes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.kernel.ids import HQ
from tenants.policies import OVERSEER, POLICIES, statements

ROOT = Path(__file__).resolve().parent.parent / "migrations"

NETWORK_LOCK = 0x5A76_0001
TENANT_LOCK = 0x5A76_0002


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the migration of one tenant ended: `done`, `current` (nothing to do) or `failed` with its error."""

    tenant_id: str
    state: str
    error: str | None = None


def load_models() -> None:
    """Import every module that maps tables, so the metadata is whole."""
    from importlib import import_module

    from app.installed import MODELS

    for module in MODELS:
        import_module(module)


@cache
def head(tree: str) -> str:
    """Newest revision of the tree `network` or `tenant`."""
    revision = ScriptDirectory.from_config(_config(tree)).get_current_head()
    if revision is None:
        raise LookupError(f"the tree {tree} has no revision")
    return revision


def migrate_network(owner: sa.Engine) -> str:
    """Bring `network` to its head, policies included; answers the revision."""
    with owner.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": NETWORK_LOCK})
        connection.execute(sa.text("SET LOCAL search_path = network, ext"))
        _upgrade("network", connection)
        connection.execute(sa.text("SET LOCAL search_path = network, ext"))
        for table in POLICIES:
            for statement in statements(table):
                connection.execute(sa.text(statement))
    return head("network")


def migrate_tenants(owner: sa.Engine) -> Iterator[Outcome]:
    """Bring each tenant that is behind to the head of `tenant`, one transaction each, in order of number."""
    with owner.connect() as connection:
        behind = connection.execute(
            sa.text(
                "SELECT t.id FROM network.tenants t JOIN network.tenant_migrations m ON m.tenant_id = t.id"
                " WHERE m.revision <> :head OR m.state <> 'done' ORDER BY t.number"
            ),
            {"head": head("tenant")},
        ).scalars().all()
    for tenant_id in behind:
        yield _migrate_tenant(owner, tenant_id)


def tenant_script() -> str:
    """SQL that fills an empty schema named first in the search path, schema-free and rendered once."""
    return _tenant_script(head("tenant"))


@cache
def _tenant_script(_revision: str) -> str:
    out = io.StringIO()
    config = _config("tenant")
    config.output_buffer = out
    command.upgrade(config, "head", sql=True)
    return out.getvalue()


def grants(tenant_id: str) -> Iterator[str]:
    """Statements that let the tenant (and in HQ's schema HQ's desk) work there, and change nothing of its shape."""
    for role in (tenant_id, OVERSEER) if tenant_id == HQ else (tenant_id,):
        yield f"GRANT USAGE ON SCHEMA {tenant_id} TO {role}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {tenant_id} TO {role}"
        yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {tenant_id} TO {role}"
        yield f"REVOKE INSERT, UPDATE, DELETE ON {tenant_id}.schema_version FROM {role}"
        yield f"REVOKE UPDATE, DELETE ON {tenant_id}.audit_log FROM {role}"


def _migrate_tenant(owner: sa.Engine, tenant_id: str) -> Outcome:
    try:
        with owner.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            connection.execute(
                sa.text("SELECT 1 FROM network.tenant_migrations WHERE tenant_id = :id FOR UPDATE"), {"id": tenant_id}
            )
            connection.execute(sa.text(f"SET LOCAL search_path = {tenant_id}, ext"))
            _upgrade("tenant", connection)
            for statement in grants(tenant_id):
                connection.execute(sa.text(statement))
            _note(connection, tenant_id, "done", None)
    except sa.exc.SQLAlchemyError as error:
        with owner.begin() as connection:
            _note(connection, tenant_id, "failed", str(error).splitlines()[0])
        return Outcome(tenant_id, "failed", str(error).splitlines()[0])
    return Outcome(tenant_id, "done")


def _note(connection: sa.Connection, tenant_id: str, state: str, error: str | None) -> None:
    revision = "revision" if error else ":head"
    connection.execute(
        sa.text(
            f"UPDATE network.tenant_migrations SET revision = {revision}, state = :state, error = :error, at = now()"
            " WHERE tenant_id = :id"
        ),
        {"id": tenant_id, "state": state, "error": error, **({} if error else {"head": head("tenant")})},
    )


def _upgrade(tree: str, connection: sa.Connection) -> None:
    config = _config(tree)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config(tree: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / tree))
    return config
