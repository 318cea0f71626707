"""The whole order flow over HTTP, with worker, relay and scheduler at work.

`make bench ARGS=tests/benchmarks/bench_orders.py`

gunicorn, worker, relay and scheduler run as the demo and a real network run them, PostgreSQL writes its journal to
the disk, buyers are a process of their own. The baseline, in the same run, is a bare Flask page under the same
server. `ZVENO_BENCH_TENANTS` (50), `ZVENO_BENCH_SECONDS` (10), `ZVENO_BENCH_HOME` (a folder to keep the network in).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from app.commands.database import prepare
from app.config import Settings, environment
from app.demo.load import load_demo, stands
from app.embedded import EmbeddedPostgres, EmbeddedValkey
from tenants.bootstrap import upgrade
from tenants.cluster import OWNER, WEB, WORKER_LOGIN
from tenants.migrating import load_models
from tenants.owner import owner_engine
from tests.benchmarks.bench_catalogue import served, throughput
from tests.conftest import PASSWORDS
from tests.trust.street import ROOT, Child, Postbox, free_port, wait_for

TENANTS = int(os.environ.get("ZVENO_BENCH_TENANTS", "50"))
SECONDS = float(os.environ.get("ZVENO_BENCH_SECONDS", "10"))
HOME = os.environ.get("ZVENO_BENCH_HOME", "")
CORES = 2
AIM_RATE, AIM_FLOW_MS = 45, 60
PROCESSES = {
    "web": ["web", "--workers", "2"], "worker": ["worker"], "relay": ["relay"], "scheduler": ["scheduler"],
}
STEPS = {4: ("line", "line", "checkout", "place"), 5: ("line", "line", "city", "checkout", "place")}
WAITING = "SELECT (SELECT count(*) FROM network.outbox WHERE dispatched_at IS NULL)" \
          " + (SELECT count(*) FROM network.deliveries WHERE state = 'queued')"
NEVER_SHORT = (
    "UPDATE network.stock SET on_hand = 1000000 WHERE on_hand - reserved > 0",
    "UPDATE network.tenants SET profile = profile || '{\"capacity\": 1000000}'",
)


@dataclass(slots=True)
class Network:
    """The running network, and what each of its parts takes of the processors."""

    settings: Settings
    superuser: str
    parts: dict[str, int]
    logs: Path
    children: ExitStack

    def start(self, name: str) -> None:
        """Start one of `PROCESSES`; it ends with the network."""
        known = environment(replace(self.settings, database_owner=""))
        child = Child(name, [sys.executable, "-m", "app.cli", *PROCESSES[name]], self.logs, known)
        self.children.callback(child.stop)
        child.start()
        self.parts[name] = child.pid

    def cpu(self) -> dict[str, float]:
        """Seconds each part has taken so far, its children included."""
        return {name: _cpu_of(pid) for name, pid in self.parts.items()}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What stands, as the superuser sees it."""
        with psycopg.connect(self.superuser, dbname="zveno") as connection:
            return connection.execute(query).fetchall()

    def change(self, statement: str) -> None:
        """Prepare something, as the superuser."""
        with psycopg.connect(self.superuser, dbname="zveno") as connection:
            connection.execute(statement)

    def settle(self) -> float:
        """Wait until the workers have done all; seconds."""
        return wait_for(lambda: self.ask(WAITING) == [(0,)], 600, "the end of all work")


def _cpu_of(pid: int) -> float:
    """Of the process, of its living children, and of those that have ended, if need be while they are counted."""
    parent, spent = psutil.Process(pid), 0.0
    for child in parent.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            spent += times.user + times.system
    own = parent.cpu_times()
    return spent + own.user + own.system + own.children_user + own.children_system


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """The network in the folder that was named, or in a new one."""
    with ExitStack() as stack:
        home = Path(HOME or stack.enter_context(tempfile.TemporaryDirectory(prefix="zveno-orders-")))
        yield stack.enter_context(running(home))


@contextmanager
def running(home: Path) -> Iterator[Network]:
    """The network with all its processes."""
    with standing(home) as network:
        for name in PROCESSES:
            network.start(name)
        wait_for(lambda: _listens(network.settings.site_port), 60, "the sites")
        network.settle()
        yield network


@contextmanager
def standing(home: Path) -> Iterator[Network]:
    """The network before any of its processes is started: database, queue and a mailbox."""
    (home / "logs").mkdir(exist_ok=True, parents=True)
    home.chmod(0o755)
    with (
        EmbeddedPostgres(home / "postgres") as postgres, EmbeddedValkey(home / "valkey") as valkey, Postbox() as post,
        ExitStack() as children,
    ):
        settings = _loaded(postgres.url, valkey.url, str(home / "data"), post.address)
        parts = {"postgres": postgres.pid or 0, "valkey": valkey.pid or 0}
        network = Network(settings, postgres.url, parts, home / "logs", children)
        for change in NEVER_SHORT:
            network.change(change)
        yield network


def _loaded(superuser: str, queue: str, data: str, smtp: str) -> Settings:
    prepare(superuser, "zveno", PASSWORDS)
    address = sa.make_url(superuser).set(database="zveno")
    login = {
        name: address.set(username=name, password=PASSWORDS[name]).render_as_string(hide_password=False)
        for name in (WEB, WORKER_LOGIN, OWNER)
    }
    settings = Settings(
        database_web=login[WEB], database_worker=login[WORKER_LOGIN], database_owner=login[OWNER], queue=queue,
        secret_key="a key for benchmarks, long enough to be taken", data_dir=data, smtp=smtp, site_port=free_port(),
        argon2_memory_kib=8, argon2_time=1,
    )
    load_models()
    assert upgrade(owner_engine(settings.database_owner)) == []
    if not stands(settings):
        load_demo(settings, password="a password nobody uses", dealers=TENANTS, products=1_000, orders=500)
    return settings


def _listens(port: int) -> bool:
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in psutil.net_connections("tcp")
    )


def dealers_shop(network: Network) -> dict[str, Any]:
    """A dealer's site with two products of his own stock."""
    ((tenant_id, host),) = network.ask(
        "SELECT tenant_id, host FROM network.hosts JOIN network.tenants t ON t.id = tenant_id"
        " WHERE is_primary AND kind = 'dealer' ORDER BY number LIMIT 1"
    )
    return {"host": f"{host}:{network.settings.site_port}", "city_id": None, "products": _products(network, tenant_id)}


def brands_shop(network: Network) -> dict[str, Any]:
    """The brand's site, looked at from the first dealer's city."""
    ((host,),) = network.ask("SELECT host FROM network.hosts WHERE tenant_id = 't_000001' AND is_primary")
    ((dealer, city_id),) = network.ask(
        "SELECT id, city_id FROM network.tenants WHERE kind = 'dealer' ORDER BY number LIMIT 1"
    )
    return {"host": f"{host}:{network.settings.site_port}", "city_id": city_id, "products": _products(network, dealer)}


def _products(network: Network, owner: str) -> list[int]:
    rows = network.ask(
        f"SELECT product_id FROM network.stock JOIN network.products p ON p.id = product_id"
        f" WHERE stock.owner_id = '{owner}' AND on_hand > 1000 AND p.state = 'published' ORDER BY product_id LIMIT 2"
    )
    return [product_id for (product_id,) in rows]


def bought(port: int, seconds: float, clients: int, shops: list[dict[str, Any]]) -> dict[str, Any]:
    """What the buyers' process told."""
    command = [sys.executable, "-m", "tests.benchmarks.buyers", str(port), str(seconds), str(clients)]
    done = subprocess.run(command, input=json.dumps(shops), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def measure(network: Network, clients: int, shops: list[dict[str, Any]]) -> None:
    """One row: orders a second, the flow's median, its steps, and the processors' time by part."""
    port = network.settings.site_port
    bought(port, 3, clients, shops)
    network.settle()
    before = network.cpu()
    told = bought(port, SECONDS, clients, shops)
    settling = network.settle()
    spent = {name: (after - before[name]) * 1_000 / told["orders"] for name, after in network.cpu().items()}
    flows = told["flows"]
    rate, whole = told["orders"] / told["seconds"], median(sum(flow) for flow in flows)
    total = sum(spent.values())
    print(f"  {clients} client{'s' * (clients > 1)}: {rate:.1f} orders/s, the flow {whole:.1f} ms;"
          f" all work done {settling:.1f} s later; {CORES * 1_000 / total:.0f} orders/s would fill {CORES} cores")
    print(f"    steps, ms: {_steps(flows)}")
    print("    processor, ms an order: " + ", ".join(f"{name} {took:.1f}" for name, took in spent.items())
          + f"; together {total:.1f}")


def _steps(flows: list[list[float]]) -> str:
    names = STEPS[max(map(len, flows))]
    return ", ".join(
        f"{name} {median(flow[number] for flow in flows if len(flow) == len(names)):.1f}"
        for number, name in enumerate(names)
    )


def test_the_order_flow(network: Network, tmp_path: Path) -> None:
    dealers, brands = dealers_shop(network), brands_shop(network)
    with served("tests.benchmarks.bare:app", tmp_path) as port:
        bare = throughput(port, [("localhost", "/")])
    print(f"\na bare page: {bare:.0f}/s, {8_000 / bare:.2f} ms with 8 clients")
    print(f"{TENANTS} dealers; aims {AIM_RATE} orders/s with 8 clients, {AIM_FLOW_MS} ms for one")
    for name, shops in (("dealer's shop", [dealers]), ("brand's shop", [brands]), ("both in turn", [dealers, brands])):
        print(name)
        for clients in (1, 8):
            measure(network, clients, shops)
