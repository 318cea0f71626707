"""The database says no: each guard of the isolation, and beside it the same with the guard switched off.

A test called `control` opens one door and must see what comes in; without it the green ones prove nothing.
Doors of the database itself are opened in a scratch database, which has two small tenants of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.commands.database import prepare
from app.kernel import db as kernel
from app.kernel.db import ExtendedCursor, IsolationBroken, db, unit_of_work
from app.kernel.identity import NobodySpeaks, hq, network_worker, speaking_as, tenant
from blueprints.accounts.models import Customer
from tenants.cluster import WEB
from tests.conftest import PASSWORDS
from tests.house import HQ, KAZAN, SIBIR, House

CANARY = "canary of Sibir"
REFUSED = (DBAPIError, IsolationBroken)


@pytest.fixture(scope="module")
def scratch(services: tuple[str, str], settings: object) -> Iterator[str]:
    """Superuser's address of a database with all doors shut, Kazan and Sibir each with one row of `secrets`."""
    prepare(services[0], "scratch", PASSWORDS)
    address = sa.make_url(services[0]).set(database="scratch").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        for tenant_id, words in ((KAZAN, "own"), (SIBIR, CANARY)):
            connection.execute(f"CREATE SCHEMA {tenant_id}")
            connection.execute(f"CREATE TABLE {tenant_id}.secrets AS SELECT '{words}' AS words")
            connection.execute(f"GRANT USAGE ON SCHEMA {tenant_id} TO {tenant_id}")
            connection.execute(f"GRANT SELECT ON {tenant_id}.secrets TO {tenant_id}")
    yield address
    with psycopg.connect(services[0], autocommit=True) as connection:
        connection.execute("DROP DATABASE scratch WITH (FORCE)")


@contextmanager
def opened(address: str, door: str, shut: str) -> Iterator[None]:
    """The superuser opens a door, and shuts it however the test ends."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(door)
        try:
            yield
        finally:
            connection.execute(shut)


@contextmanager
def engine(address: str, *guards: str, cursor: type[psycopg.Cursor] = ExtendedCursor) -> Iterator[sa.Engine]:
    """An engine of the web login with the named guards only, one connection that is never reset."""
    url = sa.make_url(address).set(drivername="postgresql+psycopg", username=WEB, password=PASSWORDS[WEB])
    made = sa.create_engine(url, pool_size=1, max_overflow=0, connect_args={"cursor_factory": cursor})
    for name in guards:
        sa.event.listen(made, {"become": "begin", "check_tag": "after_cursor_execute"}[name], getattr(kernel, name))
    try:
        yield made
    finally:
        made.dispose()


def read(address: str, statement: str, *guards: str, **options: type[psycopg.Cursor]) -> list[object]:
    """What Kazan gets for a statement, then for its own unqualified table, in one transaction."""
    with engine(address, *guards, **options) as made, speaking_as(tenant(KAZAN)), made.begin() as connection:
        connection.exec_driver_sql(statement)
        return list(connection.exec_driver_sql("SELECT words FROM secrets").scalars())


# -- 1. a role of its own, without rights ---------------------------------------------------------


def test_a_tenant_sees_its_own_rows_only(house: House) -> None:
    for tenant_id in (KAZAN, SIBIR):
        with house.speaking(tenant_id):
            db.session.add(Customer(email=f"{tenant_id}@example.ru", name="X"))
    with house.speaking(KAZAN):
        assert db.session.scalars(sa.select(Customer.email)).all() == [f"{KAZAN}@example.ru"]


@pytest.mark.parametrize("table", ["leads", "stock", "lead_offers"])
def test_indexes_serve_the_policies(house: House, services: tuple[str, str], table: str) -> None:
    address = sa.make_url(services[0]).set(database="zveno").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        connection.execute(f"SET ROLE {KAZAN}")
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"EXPLAIN SELECT * FROM network.{table}").fetchall()
    assert not any("Seq Scan" in line for (line,) in plan), plan


@pytest.mark.parametrize("statement", [
    f"SELECT * FROM {SIBIR}.customers",
    "CREATE TABLE t (id int)",
    "CREATE TABLE public.t (id int)",
    "CREATE SCHEMA mine",
    "CREATE TEMP TABLE customers (id int)",
    "SELECT * INTO TEMP mine FROM customers",
    "ALTER TABLE customers ADD COLUMN x int",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "TRUNCATE customers",
    "SELECT * FROM network.dealer_applications; RESET ROLE",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT query_to_xml('SET ROLE t_000003', true, true, '')",
    "SELECT query_to_xml('SELECT * FROM t_000003.customers', true, true, '')",
    "SELECT * FROM ts_stat('SELECT to_tsvector(email) FROM t_000003.customers')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'zveno_owner' OR pid = pg_backend_pid()",
])
def test_a_tenants_role_can_do_no_more_than_its_work(house: House, statement: str) -> None:
    with pytest.raises(REFUSED), house.speaking(KAZAN):
        db.session.execute(sa.text(statement.replace(":", r"\:")))


def test_roles_of_tenants_have_no_right_of_their_own(house: House) -> None:
    query = """SELECT rolname FROM pg_roles WHERE (rolname ~ '^t_' OR rolname IN ('zveno_web', 'zveno_worker'))
        AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
             OR rolname ~ '^zveno' AND rolinherit)"""
    assert house.rows(query) == []
    assert house.rows("SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = relowner"
                      " WHERE rolname ~ '^(t_|zveno_w|network_)'") == []


def test_control_a_usage_granted_by_mistake_lets_the_neighbour_in(scratch: str) -> None:
    query = f"SELECT words FROM {SIBIR}.secrets"
    with pytest.raises(DBAPIError):
        read(scratch, query, "become", "check_tag")
    door = f"GRANT USAGE ON SCHEMA {SIBIR} TO {KAZAN}; GRANT SELECT ON {SIBIR}.secrets TO {KAZAN}"
    with opened(scratch, door, door.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")):
        assert read(scratch, query, "become", "check_tag") == ["own"]


def test_the_worker_of_the_network_sees_no_tenants_schema(house: House) -> None:
    with pytest.raises(DBAPIError), house.speaking(network_worker()):
        db.session.execute(sa.text(f"SELECT * FROM {HQ}.customers"))


def test_hq_at_its_desk_sees_its_own_schema_and_no_dealers(house: House) -> None:
    with house.speaking(hq()):
        db.session.execute(sa.text("SELECT * FROM customers"))
    with pytest.raises(DBAPIError), house.speaking(hq()):
        db.session.execute(sa.text(f"SELECT * FROM {KAZAN}.customers"))


# -- 2. the role is taken on for one transaction, by a connection that is nobody -------------------


def test_nobody_speaking_means_no_query(house: House) -> None:
    with house.web.app_context(), pytest.raises(NobodySpeaks), unit_of_work():
        db.session.execute(sa.text("SELECT 1"))


def test_after_a_transaction_the_connection_is_nobody(scratch: str) -> None:
    with engine(scratch, "become", "check_tag") as made:
        with speaking_as(tenant(KAZAN)), made.begin() as connection:
            connection.exec_driver_sql("SELECT words FROM secrets")
        raw = made.raw_connection()
        cursor = raw.cursor()
        cursor.execute("SELECT current_user = session_user, current_setting('search_path')")
        assert cursor.fetchone() == (True, '"$user", public')
        raw.close()


def test_control_a_search_path_of_the_session_outlives_its_tenant(scratch: str) -> None:
    """What most multi-tenant code does: the next user of the pooled connection reads the tenant before him."""
    with engine(scratch) as made:
        with made.begin() as connection:
            connection.exec_driver_sql(f"SET search_path = {SIBIR}")
        with made.begin() as connection:
            assert connection.exec_driver_sql("SELECT current_setting('search_path')").scalar() == SIBIR


def test_a_connection_that_is_somebody_is_thrown_away(scratch: str) -> None:
    with engine(scratch, "become") as made, speaking_as(tenant(KAZAN)):
        _leave_as_sibir(made)
        with pytest.raises(REFUSED), made.begin():
            pass
        with made.begin() as connection:
            assert connection.exec_driver_sql("SELECT words FROM secrets").scalar() == "own"


@pytest.mark.parametrize("name", ["t_000002', true); SET ROLE t_000003; --", "t_000002\\'; RESET ROLE; --", "nobody"])
def test_a_name_carries_no_statement(scratch: str, name: str) -> None:
    with engine(scratch, "become") as made:
        with pytest.raises(DBAPIError), speaking_as(tenant(name)), made.begin():
            pass
        with speaking_as(tenant(KAZAN)), made.begin() as connection:
            assert connection.exec_driver_sql("SELECT words FROM secrets").scalar() == "own"


def test_one_lost_connection_tells_the_pool_of_all(house: House) -> None:
    with house.web.app_context():
        pool = db.engine.pool
        held = [db.engine.connect() for _one in range(3)]
        for connection in held:
            connection.close()
        house.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'zveno_web'")
        failed = 0
        for _one in range(4):
            try:
                with speaking_as(tenant(KAZAN)), unit_of_work():
                    db.session.scalar(sa.text("SELECT 1"))
            except DBAPIError:
                failed += 1
    assert (failed, pool.checkedout()) == (1, 0)


def test_control_without_that_look_he_reads_as_the_one_before(scratch: str) -> None:
    with engine(scratch) as made:
        _leave_as_sibir(made)
        with made.begin() as connection:
            assert connection.exec_driver_sql(f"SELECT words FROM {SIBIR}.secrets").scalar() == CANARY


def test_a_savepoint_rolled_back_keeps_the_role(house: House) -> None:
    with house.speaking(KAZAN):
        with pytest.raises(DBAPIError), db.session.begin_nested():
            db.session.execute(sa.text("SELECT 1 / 0"))
        assert db.session.scalar(sa.text("SELECT current_user::text")) == KAZAN


# -- 3. set_config is not for tenants --------------------------------------------------------------

FORGE = "SELECT set_config('role', 't_000003', true), set_config('search_path', 't_000003', true)"


def test_a_setting_cannot_be_forged(scratch: str, house: House) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        read(scratch, FORGE, "become", "check_tag")
    for name in ("role", "search_path", "session_authorization", "row_security", "app.tenant"):
        with pytest.raises(DBAPIError), house.speaking(KAZAN):
            db.session.execute(sa.text(f"SELECT pg_catalog.set_config('{name}', '{SIBIR}', false)"))


def test_control_set_config_for_everybody_makes_him_his_neighbour(scratch: str) -> None:
    right = "EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean)"
    with opened(scratch, f"GRANT {right} TO PUBLIC", f"REVOKE {right} FROM PUBLIC"):
        assert read(scratch, FORGE, "become", "check_tag") == [CANARY]


# -- 4. no anonymous code, no temporary tables -----------------------------------------------------

ANONYMOUS = "DO $$ BEGIN EXECUTE 'SET ROLE t_000003'; EXECUTE 'SET search_path = t_000003'; END $$"
SHADOW = "CREATE TEMP TABLE secrets AS SELECT 'planted' AS words"


def test_anonymous_code_is_refused_by_the_database(scratch: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied for language plpgsql"):
        read(scratch, ANONYMOUS, "become")


def test_control_with_the_language_it_runs_and_changes_the_role(scratch: str) -> None:
    with opened(scratch, "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC"):
        assert read(scratch, ANONYMOUS, "become") == [CANARY]


def test_temporary_tables_are_refused_by_the_database(scratch: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied to create temporary tables"):
        read(scratch, SHADOW, "become")


def test_control_with_the_right_a_temporary_table_shadows_the_real_one(scratch: str) -> None:
    with opened(scratch, "GRANT TEMP ON DATABASE scratch TO PUBLIC", "REVOKE TEMP ON DATABASE scratch FROM PUBLIC"):
        assert read(scratch, SHADOW, "become") == ["planted"]


# -- 5. the extended protocol only -----------------------------------------------------------------

STACKED = f"SELECT 1; SET ROLE {SIBIR}; SET search_path = {SIBIR}; SELECT 1"


def test_stacked_statements_are_refused_by_the_protocol(scratch: str, house: House) -> None:
    with pytest.raises(DBAPIError, match="multiple commands"):
        read(scratch, STACKED, "become")
    with pytest.raises(DBAPIError, match="multiple commands"), house.speaking(KAZAN):
        db.session.execute(sa.text("SELECT 1; SELECT 2"))


def test_control_a_plain_cursor_runs_them_and_even_the_tag_looks_innocent(scratch: str) -> None:
    assert read(scratch, STACKED, "become", "check_tag", cursor=psycopg.Cursor) == [CANARY]


# -- 6. the command tag ----------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [
    "SET ROLE t_000003", "/* x */ set role t_000003", "sEt\nsession\tcharacteristics AS TRANSACTION READ ONLY",
    "RESET ROLE", "RESET ALL", "DISCARD ALL", "SET LOCAL search_path = t_000003", "SET SESSION AUTHORIZATION DEFAULT",
    "COMMIT", "ROLLBACK", "DO $$ BEGIN END $$", "PREPARE p AS SELECT 1", "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "LISTEN x", "NOTIFY x", "COPY customers TO STDOUT", "COPY (SELECT 1) TO PROGRAM 'id'", "LOCK TABLE customers",
    "EXPLAIN SELECT 1", "SHOW ALL", "ALTER ROLE CURRENT_USER SET search_path = t_000003", "CALL f()", "VACUUM",
])
def test_other_commands_end_the_connection(house: House, statement: str) -> None:
    with pytest.raises(REFUSED), house.speaking(KAZAN):
        db.session.execute(sa.text(statement))
    with house.speaking(KAZAN):
        shown = db.session.execute(sa.text("SELECT current_user::text, current_setting('search_path')")).one()
        assert tuple(shown) == (KAZAN, f"{KAZAN}, ext")
    assert house.rows("SELECT 1 FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole WHERE rolname ~ '^t_'") == []


def test_control_without_the_tag_set_role_leads_next_door(scratch: str) -> None:
    """The web login may become any tenant, so PostgreSQL itself allows this."""
    with engine(scratch, "become") as made, speaking_as(tenant(KAZAN)), made.begin() as connection:
        connection.exec_driver_sql(f"/**/set role {SIBIR}")
        assert connection.exec_driver_sql(f"SELECT words FROM {SIBIR}.secrets").scalar() == CANARY


def test_control_a_filter_of_words_is_got_round(scratch: str) -> None:
    with engine(scratch, "become") as made, speaking_as(tenant(KAZAN)), made.begin() as connection:
        statement = f"/**/set/**/role {SIBIR}"
        assert not statement.lower().startswith(("set ", "reset ", "do ", "copy "))
        connection.exec_driver_sql(statement)
        assert connection.exec_driver_sql("SELECT current_user::text").scalar() == SIBIR


# -- 7. connections live long, and not for ever ----------------------------------------------------


def test_a_connection_serves_many_tenants_and_is_then_opened_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "MANY_ROLES", 2)
    _drop_connections(house)
    assert _backend(house, KAZAN) == _backend(house, KAZAN) == (first := _backend(house, SIBIR))
    assert _backend(house, KAZAN) != first


def test_control_without_a_limit_it_is_the_same_for_ever(house: House) -> None:
    _drop_connections(house)
    assert len({_backend(house, who) for who in (KAZAN, SIBIR, HQ, KAZAN)}) == 1


# -- 8. a session belongs to one tenant ------------------------------------------------------------


def test_session_of_one_tenant_refuses_another(house: House) -> None:
    with house.web.app_context(), speaking_as(tenant(KAZAN)), pytest.raises(IsolationBroken), unit_of_work():
        db.session.execute(sa.text("SELECT 1"))
        db.session.rollback()
        with speaking_as(tenant(SIBIR)):
            db.session.execute(sa.text("SELECT 1"))


@pytest.mark.parametrize("other", [SIBIR, None])
def test_a_unit_of_one_tenant_is_not_there_for_another(house: House, other: str | None) -> None:
    with house.speaking(KAZAN):
        db.session.add(Customer(email="own@example.ru", name="X"))
        db.session.flush()
        with pytest.raises(IsolationBroken), speaking_as(tenant(other) if other else None):
            db.session.scalars(sa.select(Customer)).all()


def test_loaded_objects_stay_with_their_tenant(house: House) -> None:
    customer_id = _customer_everywhere(house)
    with house.speaking(KAZAN):
        assert db.session.get(Customer, customer_id).name == KAZAN
        with speaking_as(tenant(SIBIR)), unit_of_work():
            assert db.session.get(Customer, customer_id).name == SIBIR


def test_control_one_session_for_two_tenants_gives_away_what_it_has_loaded(house: House) -> None:
    customer_id = _customer_everywhere(house)
    url = sa.make_url(house.settings.database_web).set(drivername="postgresql+psycopg")
    made = sa.create_engine(url)
    with sa.orm.Session(made) as session:
        for tenant_id in (KAZAN, SIBIR):
            session.execute(sa.text(kernel.BECOME.format(path=f"'{tenant_id}'", role=f"'{tenant_id}'")))
            seen = session.get(Customer, customer_id)
            session.execute(sa.text("RESET ROLE"))
        assert seen.name == KAZAN
    made.dispose()


def test_no_table_is_moved_between_schemas_by_translation() -> None:
    assert all(table.schema in (None, "network") for table in db.metadata.tables.values())
    assert "schema_translate_map" not in Path(kernel.__file__).read_text()


def test_a_prepared_plan_serves_each_tenant_its_own(house: House) -> None:
    """psycopg prepares what it sees often; the plan must follow role and search path."""
    _customer_everywhere(house)
    _drop_connections(house)
    for _time in range(12):
        for tenant_id in (KAZAN, SIBIR):
            with house.speaking(tenant_id):
                assert db.session.scalars(sa.select(Customer.name)).all() == [tenant_id]
    with house.speaking(KAZAN):
        assert db.session.connection().connection.dbapi_connection._prepared._names  # type: ignore[union-attr]


# -- 9. what sees more than its caller -------------------------------------------------------------

PRICE = """
CREATE TABLE network.prices (minor int); INSERT INTO network.prices VALUES (100);
CREATE FUNCTION network.price() RETURNS int LANGUAGE sql SECURITY DEFINER {pin}
    AS 'SELECT minor FROM prices' ;
GRANT USAGE ON SCHEMA network TO PUBLIC; GRANT TEMP ON DATABASE scratch TO PUBLIC;
"""
NO_PRICE = """
DROP FUNCTION network.price; DROP TABLE network.prices;
REVOKE USAGE ON SCHEMA network FROM PUBLIC; REVOKE TEMP ON DATABASE scratch FROM PUBLIC;
"""


@pytest.mark.parametrize(("pin", "answer"), [
    ("SET search_path = pg_catalog, network, pg_temp", 100),
    ("SET search_path = network", 1),
], ids=["pinned", "control"])
def test_a_temporary_table_does_not_get_between_a_verb_and_its_tables(scratch: str, pin: str, answer: int) -> None:
    """Even if temporary tables were allowed; `pg_temp` is looked in first unless it is named last."""
    with (
        opened(scratch, PRICE.format(pin=pin), NO_PRICE), engine(scratch, "become") as made,
        speaking_as(tenant(KAZAN)), made.begin() as connection,
    ):
        connection.exec_driver_sql("CREATE TEMP TABLE prices AS SELECT 1 AS minor")
        connection.exec_driver_sql("GRANT SELECT ON prices TO PUBLIC")
        assert connection.exec_driver_sql("SELECT network.price()").scalar() == answer
        connection.rollback()


def test_verbs_ask_the_role_and_never_an_argument_who_calls(house: House) -> None:
    bodies = house.rows("SELECT proname, prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                        " WHERE nspname = 'network' AND prosecdef")
    assert bodies
    for name, body in bodies:
        assert "session_user" not in str(body), name
        assert str(body).count("current_setting(") == str(body).count("current_setting('role')"), name


def test_verbs_belong_to_somebody_nobody_can_become(house: House) -> None:
    assert house.rows("SELECT member::regrole FROM pg_auth_members WHERE roleid = 'network_definer'::regrole"
                      " AND member <> 'zveno_owner'::regrole") == []


def test_views_ask_with_the_rights_of_who_looks(house: House) -> None:
    assert house.rows("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'v'"
                      " AND (nspname = 'network' OR nspname ~ '^t_')"
                      " AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)") == []


# -- 10. the cluster -------------------------------------------------------------------------------


def test_the_cluster_is_set_for_many_schemas(house: House) -> None:
    """Beside each setting what it would be if we had not asked for it."""
    shown = dict(house.rows("SELECT name, setting FROM pg_settings"))  # type: ignore[arg-type]
    unasked = dict(house.rows("SELECT name, boot_val FROM pg_settings"))  # type: ignore[arg-type]
    assert (shown["recovery_init_sync_method"], unasked["recovery_init_sync_method"]) == ("syncfs", "fsync")
    assert int(str(shown["max_locks_per_transaction"])) > int(str(unasked["max_locks_per_transaction"]))


def _leave_as_sibir(made: sa.Engine) -> None:
    """Put a connection back that is somebody for its whole session: what a careless SET ROLE leaves."""
    with made.pool.connect() as raw:  # type: ignore[attr-defined]
        raw.cursor().execute(f"SET ROLE {SIBIR}")
        raw.commit()


def _drop_connections(house: House) -> None:
    with house.web.app_context():
        db.engine.dispose()


def _backend(house: House, who: str) -> int:
    with house.speaking(who):
        return int(db.session.scalar(sa.text("SELECT pg_backend_pid()")))


def _customer_everywhere(house: House) -> object:
    """A customer with the same id at Kazan and Sibir; his name is the tenant's."""
    with house.speaking(KAZAN):
        customer = Customer(email="same@example.ru", name=KAZAN)
        db.session.add(customer)
        db.session.flush()
        customer_id = customer.id
    with house.speaking(SIBIR):
        db.session.add(Customer(id=customer_id, email="same@example.ru", name=SIBIR))
    return customer_id
