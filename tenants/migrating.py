"""Migrating `network` and every tenant's schema, resumably: one transaction per schema.

Runs with the owner's login. The registry `network.tenant_migrations` knows how far each tenant is;
a tenant that fails is set aside with its error, the others go on, the same command resumes. Alembic renders the way
from a revision to the head once, as SQL that is then run in each schema; so a revision of `tenant` is statements only.
"""

from __future__ import annotations

import hashlib
import io
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.kernel.ids import HQ
from tenants.policies import OVERSEER, POLICIES, statements

ROOT = Path(__file__).resolve().parent.parent / "migrations"

NETWORK_LOCK = 0x5A76_0001
TENANT_LOCK = 0x5A76_0002


TURN, TURNS, WORKERS = "500ms", 8, 4


class Mismatch(Exception):
    """What stands is not what the registry says."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the migration of one tenant ended, and the error if it did not.

    `done`; `current`, when another run was faster; `failed`, so he is set aside; `interrupted`, so nobody tried.
    """

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
    """Bring `network` to its head, policies included; answers the revision. With nothing to do it takes no lock."""
    with owner.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": NETWORK_LOCK})
        declared = [statement for table in POLICIES for statement in statements(table)]
        mark = f"{head('network')} {hashlib.sha256(''.join(declared).encode()).hexdigest()}"
        if connection.scalar(sa.text("SELECT obj_description('network'::regnamespace, 'pg_namespace')")) != mark:
            connection.execute(sa.text("SET LOCAL search_path = network, ext"))
            _upgrade("network", connection)
            connection.execute(sa.text("SET LOCAL search_path = network, ext"))
            for statement in declared:
                connection.execute(sa.text(statement))
            connection.exec_driver_sql(f"COMMENT ON SCHEMA network IS '{mark}'")
    return head("network")


def migrate_tenants(owner: sa.Engine, *, workers: int = WORKERS) -> Iterator[Outcome]:
    """Bring each tenant that is behind to the head of `tenant`, one transaction each, some at a time."""
    with owner.connect() as connection:
        behind = connection.execute(
            sa.text(
                "SELECT m.tenant_id, m.revision FROM network.tenant_migrations m"
                " WHERE m.revision <> :head OR m.state <> 'done' ORDER BY m.tenant_id"
            ),
            {"head": head("tenant")},
        ).all()
    for revision in {row.revision for row in behind}:  # here and now: Alembic is not made for threads
        script(revision)
    run = _Run(owner)
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(run.migrate, [row.tenant_id for row in behind])
        finally:
            pool.shutdown(cancel_futures=True)


def tenant_script() -> str:
    """SQL that fills an empty schema named first in the search path, schema-free and rendered once."""
    return script("base")


def script(revision: str) -> str:
    """SQL that brings a schema named first in the search path from a revision to the head; nothing from the head."""
    return _script(revision, head("tenant"))


@cache
def _script(revision: str, target: str) -> str:
    if revision == target:
        return ""
    out = io.StringIO()
    config = _config("tenant")
    config.output_buffer = out
    command.upgrade(config, f"{revision}:{target}", sql=True)
    return out.getvalue()


WITHHELD = {"schema_version": "INSERT, UPDATE, DELETE", "audit_log": "UPDATE, DELETE"}
"""What a tenant may not do with tables of his own."""

_TABLE = re.compile(r'(CREATE|DROP) TABLE "?(\w+)"?')
_SEQUENCE = re.compile(r'(CREATE|DROP) SEQUENCE "?(\w+)"?')


def grants(tenant_id: str, statements: str) -> Iterator[str]:
    """Statements that let the tenant (and in HQ's schema HQ's desk) work with what `statements` make.

    By name: `ON ALL TABLES` would read the whole of `pg_class`, which grows with every tenant.
    """
    tables, sequences = ([f"{tenant_id}.{name}" for name in _made(statements, what)] for what in (_TABLE, _SEQUENCE))
    for role in (tenant_id, OVERSEER) if tenant_id == HQ else (tenant_id,):
        yield f"GRANT USAGE ON SCHEMA {tenant_id} TO {role}"
        if tables:
            yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(tables)} TO {role}"
        if sequences:
            yield f"GRANT USAGE ON SEQUENCE {', '.join(sequences)} TO {role}"
        for name, rights in WITHHELD.items():
            if f"{tenant_id}.{name}" in tables:
                yield f"REVOKE {rights} ON {tenant_id}.{name} FROM {role}"


def _made(statements: str, what: re.Pattern[str]) -> list[str]:
    """Names of what is created and not dropped again."""
    last = {name: verb for verb, name in what.findall(statements)}
    return [name for name, verb in last.items() if verb == "CREATE"]


class _Run:
    """One run over many tenants; once the database is away, the rest is left to the next run."""

    def __init__(self, owner: sa.Engine) -> None:
        self._owner = owner
        self._is_away = False

    def migrate(self, tenant_id: str) -> Outcome:
        """Migrate one tenant; a lock that is taken is waited for in short turns, so that his visitors are not."""
        for turn in range(TURNS):
            if self._is_away:
                break
            try:
                return Outcome(tenant_id, _migrate(self._owner, tenant_id))
            except (sa.exc.SQLAlchemyError, Mismatch) as error:
                if not _is_locked(error) or turn == TURNS - 1:
                    return self._set_aside(tenant_id, error)
                time.sleep(min(1.0, 0.05 * 2**turn) * (0.75 + random.random() / 2))
        return Outcome(tenant_id, "interrupted", "The database went away.")

    def _set_aside(self, tenant_id: str, error: Exception) -> Outcome:
        sentence = str(getattr(error, "orig", error)).splitlines()[0]
        try:
            if not _is_away(error):
                with self._owner.begin() as connection:
                    connection.execute(_SET_ASIDE, {"id": tenant_id, "error": sentence, "head": head("tenant")})
                return Outcome(tenant_id, "failed", sentence)
        except sa.exc.SQLAlchemyError as lost:
            sentence = str(lost).splitlines()[0]
        self._is_away = True
        return Outcome(tenant_id, "interrupted", sentence)


_SET_ASIDE = sa.text(
    "UPDATE network.tenant_migrations SET state = 'failed', error = :error, at = now()"
    " WHERE tenant_id = :id AND revision <> :head"
)


def _migrate(owner: sa.Engine, tenant_id: str) -> str:
    """One tenant in one transaction: his schema, its version and the registry move together or not at all."""
    target = head("tenant")
    with owner.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TURN}'; SET LOCAL search_path = {tenant_id}, ext")
        revision, state = connection.execute(
            sa.text("SELECT revision, state FROM network.tenant_migrations WHERE tenant_id = :id FOR UPDATE"),
            {"id": tenant_id},
        ).one()
        if (revision, state) == (target, "done"):
            return "current"
        statements = [script(revision)]
        if "CREATE " in statements[0]:
            statements += [f"{statement};" for statement in grants(tenant_id, statements[0])]
        connection.exec_driver_sql("\n".join(statements).replace("%", "%%") or "SELECT 1")
        moved = connection.execute(
            sa.text(
                "UPDATE network.tenant_migrations m SET revision = v.version_num, state = 'done', error = NULL,"
                f" at = now() FROM {tenant_id}.schema_version v WHERE m.tenant_id = :id AND v.version_num = :head"
            ),
            {"id": tenant_id, "head": target},
        )
        if not moved.rowcount:
            raise Mismatch(f"The schema is not at {revision}, as the registry says.")
    return "done"


def _is_locked(error: Exception) -> bool:
    return isinstance(getattr(error, "orig", None), psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def _is_away(error: Exception) -> bool:
    """Whether the connection, not the statement, failed: no code at all, or one of a server that shuts down."""
    orig = getattr(error, "orig", None)
    return isinstance(orig, psycopg.OperationalError) and (orig.sqlstate or "57P")[:3] in {"57P", "080"}


def _upgrade(tree: str, connection: sa.Connection) -> None:
    config = _config(tree)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config(tree: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / tree))
    return config
