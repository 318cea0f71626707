"""Making, migrating and leaving alone a thousand tenants: `make bench ARGS=tests/benchmarks/bench_tenants.py`.

Baselines in the same run: for a new tenant the bare SQL of its schema, for a new column the bare ALTER TABLE. The
times are wall clock on one connection unless said otherwise; `ZVENO_TENANTS=200` is a shorter run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
import sqlalchemy as sa

from app.embedded import EmbeddedPostgres
from tenants import checking, migrating
from tenants.bootstrap import upgrade
from tenants.owner import owner_engine
from tests.tenants import growth

TENANTS = int(os.environ.get("ZVENO_TENANTS", "1000"))
EDGE = 50
AIM_NEW_MS, AIM_GROWTH, AIM_COLUMN_S, AIM_NOTHING_S = 250, 1.2, 10, 1


@pytest.fixture(scope="module")
def owner() -> Iterator[str]:
    """Owner's address of a network that has HQ only."""
    home = Path(tempfile.mkdtemp(prefix="zveno-bench-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "postgres") as server:
            yield growth.database(server.url, "zveno")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def timed(run: object) -> float:
    """Seconds."""
    begun = perf_counter()
    run()  # type: ignore[operator]
    return perf_counter() - begun


def bare_schema(owner: str) -> None:
    """The least a tenant costs: his tables and nothing else, rolled back."""
    with owner_engine(owner).connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("CREATE SCHEMA bare")
        connection.exec_driver_sql("SET LOCAL search_path = bare, ext")
        connection.exec_driver_sql(migrating.tenant_script())
        transaction.rollback()


def test_new_tenants_and_a_new_column(owner: str, tmp_path: Path) -> None:
    growth.add(owner, 0)
    bare = median(timed(lambda: bare_schema(owner)) for _round in range(EDGE // 2))
    made = [timed(lambda number=number: growth.add(owner, number)) for number in range(1, TENANTS - 1)]
    first, last = median(made[:EDGE]), median(made[-EDGE:])
    late = median(timed(lambda: bare_schema(owner)) for _round in range(EDGE // 2))
    print(f"\nnew tenant: median {median(made) * 1e3:.0f} ms (aim {AIM_NEW_MS}); first {EDGE} {first * 1e3:.0f} ms,"
          f" last {EDGE} of {TENANTS} {last * 1e3:.0f} ms, ratio {last / first:.2f} (aim {AIM_GROWTH});"
          f" bare SQL {bare * 1e3:.0f} ms before, {late * 1e3:.0f} ms after")

    nothing = timed(lambda: upgrade(owner_engine(owner)))
    print(f"nothing to do: {nothing * 1e3:.0f} ms (aim {AIM_NOTHING_S} s)")

    altered = timed(lambda: alter(owner, "ADD COLUMN bare integer NOT NULL DEFAULT 7"))
    alter(owner, "DROP COLUMN bare")
    with growth.one_more_revision(tmp_path):
        migrating.script(migrating.head("tenant"))
        outcomes: list[migrating.Outcome] = []
        took = timed(lambda: outcomes.extend(migrating.migrate_tenants(owner_engine(owner))))
        print(f"one column: {took:.1f} s for {len(outcomes)} tenants, {migrating.WORKERS} at a time"
              f" (aim {AIM_COLUMN_S} s); bare ALTER on one connection {altered:.1f} s")
        checked: list[checking.Checked] = []
        print(f"drift of all: {timed(lambda: checked.append(checking.check(owner_engine(owner)))):.1f} s")
    assert {outcome.state for outcome in outcomes} == {"done"} and checked[0].sound == TENANTS


def alter(owner: str, change: str) -> None:
    """The least a column costs: the statement in each schema, a transaction each."""
    with owner_engine(owner).connect() as connection:
        for tenant_id in connection.scalars(sa.text("SELECT id FROM network.tenants")).all():
            connection.exec_driver_sql(f"ALTER TABLE {tenant_id}.orders {change}")
            connection.commit()
