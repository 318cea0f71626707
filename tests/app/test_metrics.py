"""What operators see: numbers of real orders, over all processes, at a door that is nobody else's."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from werkzeug.test import Client

from app import duties
from app.config import Settings, environment
from app.kernel import metrics
from app.kernel.db import db
from app.watch.door import Door
from app.watch.shared import Shared
from app.watch.state import STATEMENT, State
from tests.app.test_nginx import ROOT, answers, children, free_port
from tests.blueprints.orders.shelf import fill_shelf, put_stock
from tests.blueprints.shop.test_cart import put
from tests.blueprints.shop.test_checkout import filled
from tests.house import HOSTS, KAZAN, House, sa

TOKEN = "a token for the operators' door"


def counted(name: str, **labels: str) -> float:
    """A number of this process."""
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def door(settings: Settings, token: str = "", backups: Path | None = None) -> Client:
    registry = CollectorRegistry()
    registry.register(metrics.REGISTRY)  # type: ignore[arg-type] -- a registry collects too
    registry.register(State(settings, backups))
    return Client(Door(registry, token))


def read(page: str) -> dict[str, float]:
    """Samples of a page of metrics, with their labels as they stand."""
    return {name: float(value) for name, value in re.findall(r"^(zveno_\S+) (\S+)$", page, re.MULTILINE)}


def order(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 2)
    assert visitor.post("/checkout", data=filled(visitor)).status_code == 302


def test_an_order_is_seen_from_the_request_to_the_last_handler(house: House) -> None:
    posted = {"route": "/checkout", "method": "POST", "status": "3xx"}
    placed = {"event": "OrderPlaced", "source": "dealer_site"}
    mailed = {"handler": "app.web.mail.send", "outcome": "failed"}  # nobody listens at the mail server's port
    before = [
        counted("zveno_request_seconds_count", **posted), counted("zveno_events_total", **placed),
        counted("zveno_delivery_seconds_count", **mailed),
    ]
    order(house)
    waiting = read(door(house.settings).get("/metrics").text)
    assert waiting["zveno_outbox_events"] > 0 and waiting["zveno_outbox_oldest_seconds"] > 0
    house.work()
    after = [
        counted("zveno_request_seconds_count", **posted), counted("zveno_events_total", **placed),
        counted("zveno_delivery_seconds_count", **mailed),
    ]
    asked, placed_once, tried = [now - then for now, then in zip(after, before, strict=True)]
    assert (asked, placed_once) == (1, 1)
    assert tried >= 1  # on a slow machine the mail is tried again meanwhile
    page = read(door(house.settings).get("/metrics").text)
    assert (page["zveno_outbox_events"], page['zveno_tenants{state="active"}']) == (0, 3)
    assert page['zveno_deliveries_retrying{queue="events"}'] == 1
    assert (page["zveno_database_up"], page["zveno_queue_up"], page["zveno_dead_letters"]) == (1, 1, 0)


def test_no_label_holds_what_a_visitor_chose(house: House) -> None:
    visitor = house.visit(KAZAN)
    visitor.get("/no-such-page-at-all?q=anna@example.ru")
    visitor.open("/", method="BREW")
    labels = {value for metric in metrics.REGISTRY.collect() for one in metric.samples for value in one.labels.values()}
    assert {"-", "other", "4xx"} <= labels
    assert not any("no-such" in value or "anna" in value or value in ("BREW", KAZAN) for value in labels)


def test_sign_ins_that_fail_are_counted(house: House) -> None:
    def refused() -> float:
        return counted("zveno_sign_ins_total", kind="staff", outcome="password")

    before, visitor = refused(), house.visit(KAZAN)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.get("/desk/sign-in").text)
    form = {"email": "anna@example.ru", "password": "guessed", "csrf_token": token[1] if token else ""}
    assert visitor.post("/desk/sign-in", data=form).status_code == 422
    assert refused() == before + 1


def test_duties_tell_when_they_last_succeeded(house: House) -> None:
    with house.worker.app_context():
        duties.run_duty("blueprints.routing.jobs.expire_offers")
    page = read(door(house.settings).get("/metrics").text)
    done = page['zveno_duty_done_timestamp_seconds{duty="blueprints.routing.jobs.expire_offers"}']
    assert abs(done - time.time()) < 60
    assert counted("zveno_duty_seconds_count", duty="blueprints.routing.jobs.expire_offers", outcome="done") >= 1


def test_a_connection_at_work_is_counted_and_given_back(house: House) -> None:
    before = counted("zveno_db_connections_used")
    with house.speaking(KAZAN):
        db.session.execute(sa.text("SELECT 1"))
        assert counted("zveno_db_connections_used") == before + 1
    assert counted("zveno_db_connections_used") == before
    assert counted("zveno_db_connections_limit") == 8


def test_the_age_of_the_newest_backup_is_read_off_its_name(house: House, tmp_path: Path) -> None:
    for name in ("base-20261101T020000Z", "base-20261102T020000Z", "base-nonsenseZ", "wal"):
        (tmp_path / name).mkdir()
    page = read(door(house.settings, backups=tmp_path).get("/metrics").text)
    assert page["zveno_backup_timestamp_seconds"] == 1793584800


def test_a_database_that_does_not_answer_holds_nobody_up(house: House) -> None:
    with psycopg.connect(house.superuser, dbname="zveno") as holder:
        holder.execute("LOCK TABLE network.outbox")
        begun = time.monotonic()
        page = read(door(house.settings).get("/metrics").text)
        assert time.monotonic() - begun < 5
    assert page["zveno_database_up"] == 0
    assert "zveno_outbox_events" not in page
    assert page["zveno_queue_up"] == 1


def test_the_statement_reads_no_table_from_end_to_end(house: House) -> None:
    page = door(house.settings)
    page.get("/metrics")
    begun = time.perf_counter()
    page.get("/metrics")
    print(f"\na scrape with the database's numbers: {1000 * (time.perf_counter() - begun):.1f} ms")
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {STATEMENT.text}"))
    assert re.findall(r"Seq Scan on (outbox|deliveries|leads|lead_offers)", plan) == []


@pytest.mark.parametrize("header", [
    {}, {"Authorization": "Bearer another"}, {"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": "Bearer кто там".encode().decode("latin-1")},
])
def test_without_the_token_there_is_nothing(settings: Settings, header: dict[str, str]) -> None:
    assert door(settings, TOKEN).get("/metrics", headers=header).status_code == 404


def test_the_token_opens_and_other_pages_are_none(settings: Settings) -> None:
    shown, knocked = {"Authorization": f"Bearer {TOKEN}"}, door(settings, TOKEN)
    assert "zveno_request_seconds" in knocked.get("/metrics", headers=shown).text
    assert knocked.post("/metrics", headers=shown).status_code == 404
    assert knocked.get("/", headers=shown).status_code == 404


@pytest.mark.parametrize("host", HOSTS.values())
def test_no_tenants_host_leads_there(house: House, host: str) -> None:
    for header in ({}, {"Authorization": f"Bearer {TOKEN}"}):
        reply = house.visit().get("/metrics", base_url=f"http://{host}", headers=header)
        assert reply.status_code == 404
        assert "zveno_" not in reply.text


@pytest.mark.parametrize(("more", "bind", "sentence"), [
    ({}, "127.0.0.1:1", "ZVENO_METRICS_DIR"), ({"ZVENO_METRICS_DIR": "/tmp"}, "0.0.0.0:1", "ZVENO_METRICS_TOKEN"),
])
def test_a_door_that_would_stand_open_is_not_opened(
    settings: Settings, more: dict[str, str], bind: str, sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "metrics", "serve", "--bind", bind], cwd=ROOT, text=True,
        env={**os.environ, **environment(settings), **more}, capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert sentence in done.stderr


# -- processes -----------------------------------------------------------------------------------


@contextmanager
def process(port: int, env: dict[str, str], log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, once it listens."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "app.cli", *command], cwd=ROOT, env={**os.environ, **env}, stdout=output,
            stderr=output,
        )  # fmt: skip
    try:
        for _try in range(300):
            if answers(port):
                break
            assert child.poll() is None, log.read_text()
            time.sleep(0.1)
        yield child
    finally:
        child.terminate()
        child.wait(15)


def ask(port: int, path: str, headers: dict[str, str]) -> tuple[int, str]:
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path, headers=headers)
    reply = line.getresponse()
    return reply.status, reply.read().decode()


def test_numbers_of_all_processes_are_one_sum_that_never_falls(house: House, tmp_path: Path) -> None:
    shared, site, watch = tmp_path / "numbers", free_port(), free_port()
    own = replace(house.settings, database_owner="", metrics_dir=str(shared), metrics_token=TOKEN)
    page = ("watch", "metrics", "serve", "--bind", f"127.0.0.1:{watch}")
    web = ("web", "web", "--bind", f"127.0.0.1:{site}", "--workers", "2", "--threads", "2")
    with (
        process(site, environment(own), tmp_path / web[0], *web[1:]) as server,
        process(watch, environment(own), tmp_path / page[0], *page[1:]),
    ):
        assert ask(watch, "/metrics", {})[0] == 404

        def seen() -> dict[str, float]:
            return read(ask(watch, "/metrics", {"Authorization": f"Bearer {TOKEN}"})[1])

        def knock(times: int) -> None:
            for _time in range(times):
                assert ask(site, "/healthz", {"Host": HOSTS[KAZAN], "Connection": "close"})[0] == 200

        health = 'zveno_request_seconds_count{method="GET",route="/healthz",status="2xx"}'
        knock(40)
        assert (seen()[health], seen()['zveno_processes{kind="web"}']) == (40, 2)
        victim = children(server.pid)[0]
        os.kill(victim, signal.SIGKILL)
        for _try in range(100):
            if victim not in children(server.pid) and len(children(server.pid)) == 2:
                break
            time.sleep(0.1)
        knock(10)
        assert (seen()[health], seen()['zveno_processes{kind="web"}']) == (50, 2)
        assert not list(shared.glob(f"*_{victim}.db"))


def test_what_the_ended_counted_is_folded_once(tmp_path: Path) -> None:
    script = (
        "from app.kernel import metrics\n"
        "metrics.count_request('GET', '/', 200, 0.2)\n"
        "metrics.PROCESSES.labels('web').set(1)\n"
    )
    for _process in range(3):
        env = {**os.environ, "ZVENO_METRICS_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=True, timeout=60)
    for _time in range(2):
        found = {sample.name: sample.value for one in Shared(tmp_path).collect() for sample in one.samples}
        assert found["zveno_request_seconds_count"] == 3
        assert found["zveno_request_seconds_sum"] == pytest.approx(0.6)
        assert "zveno_processes" not in found
    assert {path.name for path in tmp_path.iterdir()} == {"counter_ended.db", "histogram_ended.db"}


def test_what_is_counted_costs_little(tmp_path: Path) -> None:
    """In the form that shares its numbers by files, in a process of its own."""
    script = (
        "import time\nfrom app.kernel import metrics\n"
        "def took(count):\n"
        "    begun = time.perf_counter()\n"
        "    for _ in range(20000): count()\n"
        "    return (time.perf_counter() - begun) * 50\n"
        "request = took(lambda: metrics.count_request('GET', '/product/<slug>', 200, 0.01))\n"
        "pool = took(lambda: (metrics.CONNECTIONS.inc(), metrics.CONNECTIONS.dec()))\n"
        "print(f'a request counted: {request:.1f} us, its connection: {pool:.1f} us')"
    )
    env = {**os.environ, "ZVENO_METRICS_DIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=60, capture_output=True, text=True).stdout
    print(f"\n{told.strip()}")
    assert "a request counted" in told
