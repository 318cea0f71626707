"""Many tenants migrate while runner, database, locks and one bad tenant interrupt: nobody is left half-done.

`ZVENO_TENANTS=1000 ZVENO_INTERRUPTIONS=25` is the full length; CI takes the short one.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.embedded import EmbeddedPostgres
from tenants import checking, migrating
from tenants.cluster import WEB
from tenants.owner import owner_engine
from tests.conftest import PASSWORDS
from tests.house import House
from tests.tenants import growth

pytestmark = pytest.mark.crash

TENANTS = int(os.environ.get("ZVENO_TENANTS", "40"))
INTERRUPTIONS = int(os.environ.get("ZVENO_INTERRUPTIONS", "6"))
KINDS = ("runner", "postgres", "lock", "bad tenant")
BAD = "t_000003"


class Network:
    """A cluster that may be killed, with many tenants."""

    def __init__(self, server: EmbeddedPostgres, home: Path) -> None:
        self.server, self.home = server, home
        self.owner = growth.database(server.url, "zveno")
        for number in range(2, TENANTS + 1):
            growth.add(self.owner, number)
        login = sa.make_url(server.url).set(database="zveno", username=WEB, password=PASSWORDS[WEB])
        self.web = login.render_as_string(hide_password=False)

    def rows(self, query: str) -> list[tuple]:
        """What stands, as the superuser sees it."""
        with psycopg.connect(self.server.url, dbname="zveno") as connection:
            return connection.execute(query).fetchall()

    def do(self, statement: str) -> None:
        """Something only a superuser may."""
        with psycopg.connect(self.server.url, dbname="zveno") as connection:
            connection.execute(statement)

    def columns(self) -> set[str]:
        """Schemas whose orders have the new column."""
        return {schema for (schema,) in self.rows(
            "SELECT table_schema FROM information_schema.columns WHERE column_name = 'grown'"
        )}

    def kill(self) -> None:
        """The database dies without warning and is started again."""
        os.kill(self.server.pid or 0, signal.SIGKILL)
        self.server.stop()
        self.server.start()


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    home = Path(tempfile.mkdtemp(prefix="zveno-growth-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "postgres", durable=False) as server:
            yield Network(server, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Visitors(threading.Thread):
    """Old code asks every tenant, new code those that are done; a failure that is not the database's death counts."""

    def __init__(self, network: Network) -> None:
        super().__init__(daemon=True)
        self.network, self.stopped = network, threading.Event()
        self.served: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest = 0.0

    def run(self) -> None:
        """Until stopped; a connection lost is made anew."""
        while not self.stopped.is_set():
            try:
                with psycopg.connect(self.network.web) as connection:
                    while not self.stopped.is_set():
                        self._visit(connection)
            except psycopg.OperationalError as error:
                if isinstance(error, psycopg.errors.LockNotAvailable):
                    self.failures.append(str(error))
                time.sleep(0.05)
            except psycopg.Error as error:
                self.failures.append(f"{type(error).__name__}: {error}")

    def _visit(self, connection: psycopg.Connection) -> None:
        tenant_id = f"t_{random.randint(1, TENANTS):06d}"
        begun = time.monotonic()
        with connection.transaction():
            connection.execute(
                "SELECT set_config('search_path', %s, true), set_config('role', %s, true)",
                [f"{tenant_id}, ext", tenant_id],
            )
            connection.execute("SELECT id, number, state, total_minor FROM orders LIMIT 1")
            connection.execute("INSERT INTO carts (id, secret_hash) SELECT g, g FROM gen_random_uuid() g")
            self.served["old"] += 1
            version = connection.execute("SELECT version_num FROM schema_version").fetchone()
            if version == ("9001",):
                connection.execute("SELECT id, grown FROM orders LIMIT 1")
                self.served["new"] += 1
        self.slowest = max(self.slowest, time.monotonic() - begun)


def test_nobody_is_left_half_done(network: Network) -> None:
    with growth.one_more_revision(network.home) as root:
        network.do(f"ALTER TABLE {BAD}.orders ADD COLUMN grown text")
        visitors = [Visitors(network) for _one in range(2)]
        for visitor in visitors:
            visitor.start()
        begun, struck = time.monotonic(), Counter[str]()
        for number in range(INTERRUPTIONS):
            interrupt(network, root, number, struck)
            assert_whole(network)
        failed = {o.tenant_id for o in migrating.migrate_tenants(owner_engine(network.owner)) if o.error}
        assert failed == {BAD}, "the bad one is set aside, all others are through"
        network.do(f"ALTER TABLE {BAD}.orders DROP COLUMN grown")
        assert [o.state for o in migrating.migrate_tenants(owner_engine(network.owner))] == ["done"]
        took = time.monotonic() - begun
        for visitor in visitors:
            visitor.stopped.set()
            visitor.join()
        assert_whole(network)
        assert len(network.columns()) == TENANTS
        checked = checking.check(owner_engine(network.owner))
        assert (checked.sound, checked.behind, checked.drifted) == (TENANTS, (), ())
        served = sum((visitor.served for visitor in visitors), Counter[str]())
        print(f"\n{TENANTS} tenants, {dict(struck)} in {took:.0f} s; visitors served meanwhile {dict(served)},"
              f" slowest {max(visitor.slowest for visitor in visitors):.2f} s")
        assert [failure for visitor in visitors for failure in visitor.failures] == []
        assert served["old"] > 50 and served["new"] > 0


def interrupt(network: Network, root: Path, number: int, struck: Counter[str]) -> None:
    """Begin a run, and let something happen to it before it is through; what was done is undone for every third."""
    kind = KINDS[number % 3] if number % 8 != 7 else KINDS[3]
    _put_back(network, share=0.5)
    if kind == "lock":
        _under_lock(network, root)
    else:
        process = growth.runner(root, network.owner)
        _wait_for_progress(network, process, random.randint(1, max(1, TENANTS // 8)))
        if kind == "runner":
            process.kill()
        elif kind == "postgres":
            network.kill()
            owner_engine(network.owner).dispose()
        process.wait()
    struck[kind] += 1


def _wait_for_progress(network: Network, process: object, more: int) -> None:
    before, deadline = len(network.columns()), time.monotonic() + 60
    while len(network.columns()) < before + more and process.poll() is None and time.monotonic() < deadline:  # type: ignore[attr-defined]
        time.sleep(0.01)


def _under_lock(network: Network, root: Path) -> None:
    """Somebody holds a table of a tenant for longer than the runner waits: he is set aside, others go on."""
    held = network.rows("SELECT tenant_id FROM network.tenant_migrations WHERE revision <> '9001' ORDER BY 1 DESC")
    with psycopg.connect(network.server.url, dbname="zveno") as holder:
        holder.execute(f"LOCK TABLE {held[0][0]}.orders IN ACCESS EXCLUSIVE MODE")
        process = growth.runner(root, network.owner)
        assert process.wait() == 1
    states = dict(network.rows("SELECT tenant_id, state FROM network.tenant_migrations"))
    assert states[held[0][0]] == "failed"


def _put_back(network: Network, share: float) -> None:
    """Bring some back to the revision before, as if they had never been reached, so that each run has work."""
    done = sorted(network.columns() - {BAD})
    with psycopg.connect(network.server.url, dbname="zveno") as connection:
        for tenant_id in random.sample(done, int(len(done) * share)):
            before = connection.execute(
                f"UPDATE {tenant_id}.schema_version SET version_num = '{_before()}' RETURNING 1"
            ).fetchone()
            assert before
            connection.execute(f"ALTER TABLE {tenant_id}.orders DROP COLUMN grown")
            connection.execute(
                "UPDATE network.tenant_migrations SET revision = %s WHERE tenant_id = %s", [_before(), tenant_id]
            )
            connection.commit()


def _before() -> str:
    (revision,) = [
        one.down_revision for one in migrating.ScriptDirectory.from_config(migrating._config("tenant")).walk_revisions()
        if one.revision == "9001"
    ]
    return str(revision)


def assert_whole(network: Network) -> None:
    """Registry, version and column agree at each tenant, after whatever happened."""
    told = dict(network.rows("SELECT tenant_id, revision FROM network.tenant_migrations"))
    versions = dict(network.rows(" UNION ALL ".join(
        f"SELECT '{one}', version_num FROM {one}.schema_version" for one in told
    )))
    assert told == versions
    assert {one for one, revision in told.items() if revision == "9001"} - {BAD} == network.columns() - {BAD}


DRIFTS = {
    "ALTER TABLE {t}.orders ADD COLUMN note text": "+column orders note text",
    "ALTER TABLE {t}.orders ALTER COLUMN locale DROP DEFAULT": "-column orders locale",
    "ALTER TABLE {t}.staff DROP CONSTRAINT ck_staff_role": "-constraint staff ck_staff_role",
    "DROP INDEX {t}.ix_orders_placed": "-index ix_orders_placed",
    "GRANT DELETE ON {t}.orders TO network_worker": "+right orders network_worker DELETE",
    "GRANT USAGE ON SCHEMA {t} TO network_worker": "+right of the schema network_worker USAGE",
    "REVOKE INSERT ON {t}.orders FROM {t}": "-right orders ~ INSERT",
    "CREATE FUNCTION {t}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'": "+function",
    "CREATE TABLE {t}.notes (id int)": "+relation notes",
    "ALTER SEQUENCE {t}.order_number INCREMENT 2": "+sequence order_number",
}


def test_a_tenant_may_work_with_all_his_tables_but_not_rewrite_what_proves(house: House) -> None:
    rights = house.rows("""
        SELECT c.relname, string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type)
        FROM pg_class c LEFT JOIN aclexplode(c.relacl) a ON a.grantee = 't_000002'::regrole
        WHERE c.relnamespace = 't_000002'::regnamespace AND c.relkind IN ('r', 'S') GROUP BY 1
    """)
    odd = {table: granted for table, granted in rights if granted != "DELETE INSERT SELECT UPDATE"}
    assert odd == {"audit_log": "INSERT SELECT", "schema_version": "SELECT", "order_number": "USAGE"}


def test_drift_is_found_and_named(house: House) -> None:
    owner = house.settings.database_owner
    drifting = {growth.add(owner, 100 + number): drift for number, drift in enumerate(DRIFTS.items())}
    sound = growth.add(owner, 200)
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        for tenant_id, (statement, _line) in drifting.items():
            connection.execute(statement.format(t=tenant_id))
        connection.execute("UPDATE network.tenant_migrations SET revision = '0000' WHERE tenant_id = 't_000003'")
    checked = checking.check(owner_engine(owner))
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        back = "UPDATE network.tenant_migrations SET revision = %s WHERE tenant_id = 't_000003'"
        connection.execute(back, [migrating.head("tenant")])
    assert (checked.behind, checked.sound) == (("t_000003",), 3)
    found = {drift.tenant_id: drift for drift in checked.drifted}
    assert set(found) == set(drifting) and sound not in found
    for tenant_id, (statement, line) in drifting.items():
        told = found[tenant_id].extra if line[0] == "+" else found[tenant_id].missing
        assert any(one.startswith(line[1:]) for one in told), (statement, found[tenant_id])
    assert house.rows("SELECT 1 FROM pg_namespace WHERE nspname = 't_000000'") == []
