"""Every table declares its place and policy, every policy stands as declared, the migrations make the models."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.kernel.db import db
from migrations.env import include_name, include_object
from tenants.migrating import load_models
from tenants.owner import owner_engine
from tenants.policies import POLICIES, policy_name
from tests.house import HQ, KAZAN, SIBIR, House

load_models()
NETWORK_TABLES = sorted(table.name for table in db.metadata.tables.values() if table.schema == "network")
TENANT_TABLES = sorted(table.name for table in db.metadata.tables.values() if table.schema is None)


def test_every_table_of_the_network_declares_its_policies() -> None:
    assert sorted(POLICIES) == NETWORK_TABLES


def test_policies_stand_in_the_database_as_declared(house: House) -> None:
    declared = {(table, policy_name(rule)) for table, rules in POLICIES.items() for rule in rules}
    standing = set(house.rows("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'network'"))
    assert {row for row in standing if not row[1].startswith("definer_")} == declared


def test_row_security_is_on_everywhere(house: House) -> None:
    query = """SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'network' AND relkind = 'r' AND NOT relrowsecurity AND relname <> 'schema_version'"""
    assert house.rows(query) == []


def test_no_condition_asks_a_setting_or_a_sub_query() -> None:
    conditions = " ".join(rule.rows for rules in POLICIES.values() for rule in rules).lower()
    assert "select" not in conditions
    assert "current_setting" not in conditions


@pytest.mark.parametrize("tree", ["network", "tenant"])
def test_migrations_make_the_models(house: House, tree: str) -> None:
    with owner_engine(house.settings.database_owner).connect() as connection:
        path = "network, ext" if tree == "network" else f"{KAZAN}, ext"
        connection.execute(sa.text(f"SET search_path = {path}"))
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": include_name(tree), "include_object": include_object(tree),
                "include_schemas": tree == "network", "compare_type": True, "version_table": "schema_version",
                "version_table_schema": "network" if tree == "network" else None,
            },
        )
        assert compare_metadata(context, db.metadata) == []
        connection.rollback()


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenants_table_is_invisible_to_another(house: House, table: str) -> None:
    with psycopg.connect(house.settings.database_web) as connection:
        connection.execute("SELECT set_config('role', %s, true)", [KAZAN])
        for other in (HQ, SIBIR):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT 1 FROM {other}.{table}")


@pytest.mark.parametrize("role", ["network_worker", "network_directory"])
@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_role_of_the_network_sees_no_tenants_table(house: House, table: str, role: str) -> None:
    login = house.settings.database_worker
    with psycopg.connect(login) as connection:
        connection.execute("SELECT set_config('role', %s, true)", [role])
        for tenant_id in (HQ, KAZAN):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT 1 FROM {tenant_id}.{table}")


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_hq_sees_no_dealers_table(house: House, table: str) -> None:
    with psycopg.connect(house.settings.database_web) as connection:
        connection.execute("SELECT set_config('role', 'network_hq', true)")
        connection.execute(f"SELECT 1 FROM {HQ}.{table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT 1 FROM {KAZAN}.{table}")


def test_the_logins_themselves_see_nothing(house: House) -> None:
    for login in (house.settings.database_web, house.settings.database_worker):
        with psycopg.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM network.tenants")


def test_verbs_that_see_more_are_pinned(house: House) -> None:
    query = """SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        JOIN pg_roles r ON r.oid = proowner
        WHERE nspname = 'network' AND prosecdef
        AND (rolname <> 'network_definer' OR rolcanlogin
             OR NOT 'search_path=pg_catalog, network, pg_temp' = ANY (proconfig))"""
    assert house.rows(query) == []
