"""Backends of PostgreSQL: what they hold of tenants, and how soon they are back after a crash.

`make bench ARGS=tests/benchmarks/bench_backends.py`; `ZVENO_TENANTS` (1000). The baselines, in the same run: a backend
that serves one tenant as often, and a start after an orderly end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from app.config import Settings
from app.embedded import EmbeddedPostgres
from app.factory import create_app
from app.kernel.db import MANY_ROLES, db, unit_of_work
from app.kernel.identity import speaking_as, tenant
from app.kernel.ids import tenant_id
from tenants.cluster import WEB, WORKER_LOGIN
from tests.conftest import PASSWORDS
from tests.tenants import growth

TENANTS = int(os.environ.get("ZVENO_TENANTS", "1000"))
AIM_BACK_S = 10
CRASHES = 3
LOOKS = tuple(sa.text(look) for look in (
    "SELECT count(*) FROM orders JOIN order_lines ON order_id = id", "SELECT count(*) FROM carts",
    "SELECT count(*) FROM cart_lines", "SELECT count(*) FROM staff", "SELECT count(*) FROM customers",
    "SELECT count(*) FROM web_sessions", "SELECT count(*) FROM offers", "SELECT count(*) FROM site",
    "SELECT count(*) FROM mails", "SELECT count(*) FROM payments", "SELECT count(*) FROM network.stock",
    "SELECT count(*) FROM network.leads",
))


@dataclass(slots=True)
class Grown:
    """A server with many tenants, and the application on it."""

    server: EmbeddedPostgres
    app: Flask
    superuser: str


@pytest.fixture(scope="module")
def grown() -> Iterator[Grown]:
    """HQ and its dealers, without goods."""
    home = Path(tempfile.mkdtemp(prefix="zveno-backends-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "postgres") as server:
            owner = growth.database(server.url, "zveno")
            for number in range(1, TENANTS):
                growth.add(owner, number)
            yield Grown(server, create_app(replace(settings(server.url), data_dir=str(home))), server.url)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def settings(superuser: str) -> Settings:
    """Of a web process."""
    address = sa.make_url(superuser).set(database="zveno")
    login = {
        name: address.set(username=name, password=PASSWORDS[name]).render_as_string(hide_password=False)
        for name in (WEB, WORKER_LOGIN)
    }
    return Settings(
        database_web=login[WEB], database_worker=login[WORKER_LOGIN], database_owner="",
        queue="redis://127.0.0.1:1", secret_key="a key for benchmarks, long enough to be taken",
    )


def visit(number: int) -> int:
    """Look into twelve tables of a tenant, as his pages do; the backend's process."""
    with speaking_as(tenant(tenant_id(number))), unit_of_work():
        for look in LOOKS:
            db.session.execute(look)
        return int(db.session.scalar(sa.text("SELECT pg_backend_pid()")) or 0)


def megabytes(pid: int) -> float:
    """What belongs to this process alone."""
    return float(psutil.Process(pid).memory_full_info().uss) / 2**20


def test_a_backend_is_renewed_before_it_holds_too_much(grown: Grown) -> None:
    many = min(MANY_ROLES, TENANTS) - 1
    with grown.app.app_context():
        pids = {visit(1) for _visit in range(many)}
        one = megabytes(pids.pop())
        db.engine.dispose()
        pids = {visit(number) for number in range(1, many + 1)}
        held = megabytes(max(pids))
        assert len(pids) == 1
        renewed = [visit(number) for number in range(many + 1, min(TENANTS, many + 3) + 1)]
        fresh = megabytes(renewed[-1])
        db.engine.dispose()
    print(f"\na backend after {many} tenants: {held:.0f} MB, {(held - one) / many:.2f} MB each; after as many visits"
          f" of one: {one:.0f} MB; renewed at {MANY_ROLES}: {fresh:.0f} MB")


def test_back_after_a_crash(grown: Grown) -> None:
    crashed = [back(grown, crash=True) for _crash in range(CRASHES)]
    orderly = back(grown, crash=False)
    print(f"\nback after a crash with {TENANTS} tenants: {', '.join(f'{took:.1f}' for took in crashed)} s to a tenant's"
          f" first answer (aim {AIM_BACK_S}); after an orderly end {orderly:.1f} s")


def back(grown: Grown, *, crash: bool) -> float:
    """Seconds from the start of a server that has ended to a tenant's first answer."""
    _write_much(grown.superuser)
    with grown.app.app_context():
        db.engine.dispose()
    pid = grown.server.pid
    assert pid is not None
    if crash:
        psutil.Process(pid).kill()
        while grown.server.running():
            time.sleep(0.01)
    else:
        grown.server.stop()
    begun = time.monotonic()
    grown.server.start()
    with grown.app.app_context():
        visit(TENANTS // 2)
    return time.monotonic() - begun


def _write_much(superuser: str) -> None:
    """Something for the journal, not yet in the tables when the end comes."""
    with psycopg.connect(superuser, dbname="zveno", autocommit=True) as connection:
        for number in range(1, min(TENANTS, 200)):
            connection.execute(
                f"INSERT INTO {tenant_id(number)}.carts (id, secret_hash)"
                " SELECT gen_random_uuid(), gen_random_uuid()::text FROM generate_series(1, 50)"
            )
