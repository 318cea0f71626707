"""The catalogue page of 24 of 1,000 products against a bare Flask page, both under gunicorn: 2 workers, 4 threads.

`make bench ARGS=tests/benchmarks/bench_catalogue.py`; `ZVENO_BENCH_TENANTS` (50) tenants are asked in turn.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from app.commands.database import prepare
from app.config import Settings
from app.demo.load import load_demo
from app.demo.supervisor import Process, tcp
from app.embedded import EmbeddedPostgres, EmbeddedValkey
from app.factory import create_app
from app.kernel.db import ExtendedCursor, db, unit_of_work
from app.kernel.identity import speaking_as, tenant
from tenants.bootstrap import upgrade
from tenants.cluster import OWNER, WEB, WORKER_LOGIN
from tenants.migrating import load_models
from tenants.models import Host
from tenants.owner import owner_engine
from tests.conftest import PASSWORDS

ROOT = Path(__file__).resolve().parents[2]
TENANTS = int(os.environ.get("ZVENO_BENCH_TENANTS", "50"))
SECONDS, ROUNDS = 4.0, 3
GUNICORN = ("--workers", "2", "--threads", "4", "--worker-class", "gthread", "--log-level", "error")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """HQ and its dealers with 1,000 products."""
    place = tmp_path_factory.mktemp("network")
    for folder in (place, place.parent, place.parent.parent):
        folder.chmod(0o755)
    with EmbeddedPostgres(place / "postgres", durable=False) as postgres, EmbeddedValkey(place / "valkey") as valkey:
        prepare(postgres.url, "zveno", PASSWORDS)
        address = sa.make_url(postgres.url).set(database="zveno")
        logins = {
            name: address.set(username=login, password=PASSWORDS[login]).render_as_string(hide_password=False)
            for name, login in (("web", WEB), ("worker", WORKER_LOGIN), ("owner", OWNER))
        }
        settings = Settings(
            database_web=logins["web"], database_worker=logins["worker"], database_owner=logins["owner"],
            queue=valkey.url, secret_key="a key for benchmarks, long enough to be taken",
            data_dir=str(place / "data"), argon2_memory_kib=8, argon2_time=1,
        )
        load_models()
        assert upgrade(owner_engine(settings.database_owner)) == []
        load_demo(settings, password="a password nobody uses", dealers=TENANTS, products=1_000, orders=500)
        yield settings


def hosts(settings: Settings) -> list[str]:
    """Primary hosts, HQ's first."""
    with owner_engine(settings.database_owner).connect() as connection:
        return list(connection.scalars(sa.select(Host.host).where(Host.is_primary).order_by(Host.tenant_id)))


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def served(module: str, logs: Path, settings: Settings | None = None) -> Iterator[int]:
    """gunicorn with that application; the port."""
    port = free_port()
    values = asdict(settings) if settings else {}
    told = {name: value for name, value in values.items() if value is not False and value != ""}
    known = {f"ZVENO_{name.upper()}": str(value) for name, value in told.items()}
    command = [sys.executable, "-m", "gunicorn", module, "--bind", f"127.0.0.1:{port}", *GUNICORN]
    server = Process(f"web-{port}", command, logs, env={**known, "PYTHONPATH": str(ROOT)}, ready=tcp(port))
    server.start()
    try:
        yield port
    finally:
        server.stop()


def throughput(port: int, addresses: list[tuple[str, str]]) -> float:
    """Median of answers a second, the first round to warm up."""
    command = [sys.executable, "-m", "tests.benchmarks.load", str(port), str(SECONDS)]
    asked = "\n".join(f"{host} {path}" for host, path in addresses)

    def once(_round: int) -> float:
        return float(subprocess.run(command, input=asked, capture_output=True, text=True, check=True, cwd=ROOT).stdout)

    return median([once(number) for number in range(ROUNDS + 1)][1:])


def test_catalogue_against_a_bare_page(network: Settings, tmp_path: Path) -> None:
    sites = hosts(network)
    one, many = [(sites[1], "/catalogue")], [(host, "/catalogue") for host in sites]
    with served("tests.benchmarks.bare:app", tmp_path) as port:
        bare = throughput(port, [("localhost", "/")])
    web = replace(network, database_owner="")
    with served("wsgi:app", tmp_path, replace(web, keep_pages_seconds=0)) as port:
        made, in_turn = throughput(port, one), throughput(port, many)
    with served("wsgi:app", tmp_path, web) as port:
        kept = throughput(port, one)
    print(
        f"\nbare {bare:.0f}/s; made anew {made:.0f}/s, {made / bare:.1%} (aim 8 %);"
        f" kept {kept:.0f}/s, {kept / bare:.1%} (aim 50 %);"
        f" {len(sites)} tenants in turn {in_turn:.0f}/s, {in_turn / made:.1%} of one (aim 70 %)"
    )


def test_binding_the_tenant(network: Settings) -> None:
    """A transaction of one statement by a session, on an engine with the guards and on one without."""
    app = create_app(replace(network, database_owner=""))
    bound, free = [], []
    with app.app_context():
        plain = sa.create_engine(db.engine.url, connect_args={"cursor_factory": ExtendedCursor})
        for _round in range(2_000):
            started = perf_counter()
            with speaking_as(tenant("t_000002")), unit_of_work():
                db.session.execute(sa.text("SELECT 1"))
            bound.append(perf_counter() - started)
            started = perf_counter()
            with orm.Session(plain) as session, session.begin():
                session.execute(sa.text("SELECT 1"))
            free.append(perf_counter() - started)
    print(f"\nbinding the tenant {(median(bound) - median(free)) * 1_000:.3f} ms a request (aim 0.2);"
          f" the transaction without it {median(free) * 1_000:.3f} ms")
