"""The database says no: the guards of TRUST, each with its control."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.kernel.db import IsolationBroken, db, unit_of_work
from app.kernel.identity import NobodySpeaks, network_worker, speaking_as, tenant
from blueprints.accounts.models import Customer
from tests.house import HQ, KAZAN, SIBIR, House


def test_a_tenant_sees_its_own_rows_only(house: House) -> None:
    for tenant_id in (KAZAN, SIBIR):
        with house.speaking(tenant_id):
            db.session.add(Customer(email=f"{tenant_id}@example.ru", name="X"))
    with house.speaking(KAZAN):
        assert db.session.scalars(sa.select(Customer.email)).all() == [f"{KAZAN}@example.ru"]


def test_nobody_speaking_means_no_query(house: House) -> None:
    with house.web.app_context(), pytest.raises(NobodySpeaks), unit_of_work():
        db.session.execute(sa.text("SELECT 1"))


@pytest.mark.parametrize("statement", [
    f"SELECT * FROM {SIBIR}.customers",
    "SELECT * FROM network.dealer_applications; RESET ROLE",
    "CREATE TEMP TABLE customers (id int)",
    "CREATE TABLE t (id int)",
    "DO $$ BEGIN END $$",
    f"SELECT set_config('role', '{SIBIR}', true)",
    f"SELECT 1; SET ROLE {SIBIR}",
    "SELECT 1; SELECT 2",
])
def test_hostile_statement_is_refused(house: House, statement: str) -> None:
    with pytest.raises((DBAPIError, IsolationBroken)), house.speaking(KAZAN):
        db.session.execute(sa.text(statement.replace(":", r"\:")))


@pytest.mark.parametrize("statement", ["SET ROLE t_000003", "/* x */ set role t_000003", "RESET ROLE", "COMMIT"])
def test_change_of_role_ends_the_connection(house: House, statement: str) -> None:
    with pytest.raises((IsolationBroken, DBAPIError)), house.speaking(KAZAN):
        db.session.execute(sa.text(statement))
    with house.speaking(KAZAN):
        assert db.session.execute(sa.text("SELECT current_user::text")).scalar() == KAZAN


def test_session_of_one_tenant_refuses_another(house: House) -> None:
    with house.web.app_context(), speaking_as(tenant(KAZAN)), pytest.raises(IsolationBroken), unit_of_work():
        db.session.execute(sa.text("SELECT 1"))
        db.session.rollback()
        with speaking_as(tenant(SIBIR)):
            db.session.execute(sa.text("SELECT 1"))


def test_the_worker_of_the_network_sees_no_tenants_schema(house: House) -> None:
    with pytest.raises(DBAPIError), house.speaking(network_worker()):
        db.session.execute(sa.text(f"SELECT * FROM {HQ}.customers"))
