"""`zveno db`: prepare a cluster, bring the schemas up to date; backups are in the module beside."""

from __future__ import annotations

import secrets

import click
import psycopg

from app.commands.backups import backup, receive_wal, restore
from app.config import load
from tenants.bootstrap import upgrade
from tenants.cluster import OWNER, WEB, WORKER_LOGIN, create_database, prepare_roles, shut_doors
from tenants.migrating import load_models
from tenants.owner import owner_engine


def prepare(superuser: str, name: str, passwords: dict[str, str]) -> None:
    """Make logins, groups and the database of that name; idempotent. `superuser` is a URL of any database."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        prepare_roles(connection, passwords)
        create_database(connection, name)
    with psycopg.connect(superuser, dbname=name, autocommit=True) as connection:
        shut_doors(connection)


@click.group(name="db")
def database() -> None:
    """Prepare, migrate, back up and restore the database."""


@database.command(name="prepare")
@click.option("--superuser", required=True, help="postgresql:// address of a superuser.")
@click.option("--name", default="zveno", show_default=True, help="Database to make.")
def prepare_command(superuser: str, name: str) -> None:
    """Make logins with new passwords, and print the settings that use them."""
    passwords = {login: secrets.token_urlsafe(24) for login in (WEB, WORKER_LOGIN, OWNER)}
    prepare(superuser, name, passwords)
    with psycopg.connect(superuser) as connection:
        place = f"{connection.info.host}:{connection.info.port}/{name}"
    for setting, login in (("WEB", WEB), ("WORKER", WORKER_LOGIN), ("OWNER", OWNER)):
        click.echo(f"ZVENO_DATABASE_{setting}=postgresql://{login}:{passwords[login]}@{place}")


@database.command(name="migrate")
def migrate_command() -> None:
    """Migrate `network` and every tenant; the same command resumes what was interrupted."""
    load_models()
    failed = upgrade(owner_engine(load().database_owner))
    for tenant_id in failed:
        click.echo(f"{tenant_id} could not be migrated; see `zveno tenants show {tenant_id}`.", err=True)
    raise SystemExit(1 if failed else 0)


for command in (backup, receive_wal, restore):
    database.add_command(command)
