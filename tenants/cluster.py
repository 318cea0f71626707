"""What must stand before the first migration: logins, groups, the database's own doors shut.

Needs a superuser once; `zveno db prepare` does it for a given cluster, the embedded one does it itself.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from tenants.policies import GROUPS

WEB, WORKER_LOGIN, OWNER = "zveno_web", "zveno_worker", "zveno_owner"

DEFINER = "network_definer"
"""Owner of the few verbs that see more than their caller; nobody can log in as it or become it."""

EXTENSIONS = ("pg_trgm", "unaccent")


def prepare_roles(superuser: psycopg.Connection, passwords: dict[str, str]) -> None:
    """Create or update logins and groups of the cluster; `passwords` by login name. Idempotent."""
    for group in GROUPS:
        _ensure_role(superuser, group, "NOLOGIN NOINHERIT")
    _ensure_role(superuser, DEFINER, "NOLOGIN NOINHERIT")
    for login, options in ((WEB, "NOINHERIT"), (WORKER_LOGIN, "NOINHERIT"), (OWNER, "CREATEROLE INHERIT")):
        _ensure_role(superuser, login, "LOGIN")
        superuser.execute(
            sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD {}").format(
                sql.Identifier(login), sql.SQL(options), sql.Literal(passwords[login])
            )
        )
    for group, members in {
        "network_directory": (WEB, WORKER_LOGIN),
        "network_hq": (WEB,),
        "network_worker": (WORKER_LOGIN,),
    }.items():
        for member in members:
            superuser.execute(f"GRANT {group} TO {member}")
    superuser.execute(f"GRANT network_tenant TO {OWNER} WITH ADMIN OPTION")
    superuser.execute(f"GRANT network_hq TO {OWNER} WITH ADMIN OPTION")
    superuser.execute(f"GRANT {DEFINER} TO {OWNER}")
    superuser.execute(f"GRANT pg_checkpoint TO {OWNER}")


def create_database(superuser: psycopg.Connection, name: str) -> bool:
    """Create the database, owned by the owner's login; False when it stands already."""
    if superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return False
    superuser.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
    return True


def shut_doors(superuser: psycopg.Connection) -> None:
    """In this database: no public schema, no temp tables, no DO, `set_config` only before a role is taken on."""
    database = sql.Identifier(superuser.info.dbname)
    superuser.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for login in (WEB, WORKER_LOGIN, OWNER):
        superuser.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(login)))
        superuser.execute(f"GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO {login}")
    superuser.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, sql.Identifier(OWNER)))
    superuser.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC")
    superuser.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    superuser.execute("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
    superuser.execute(f"GRANT USAGE ON LANGUAGE plpgsql TO {OWNER}")  # migrations make triggers
    superuser.execute(f"CREATE SCHEMA IF NOT EXISTS ext AUTHORIZATION {OWNER}")
    for extension in EXTENSIONS:
        superuser.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA ext")
    superuser.execute(f"GRANT USAGE ON SCHEMA ext TO {', '.join(GROUPS)}")
    superuser.execute(f"CREATE SCHEMA IF NOT EXISTS network AUTHORIZATION {OWNER}")
    superuser.execute(f"GRANT USAGE ON SCHEMA network TO {', '.join(GROUPS)}, {DEFINER}")
    superuser.execute(f"GRANT CREATE ON SCHEMA network TO {DEFINER}")


def _ensure_role(superuser: psycopg.Connection, name: str, options: str) -> None:
    if not superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        superuser.execute(f"CREATE ROLE {name} {options}")
