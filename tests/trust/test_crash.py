"""Customers order and dealers join while processes and stores die: none lost, none double, nothing half-made.

`ZVENO_TEST_CHECKOUTS`, `ZVENO_TEST_KILLS`, `ZVENO_TEST_POSTGRES_KILLS` and `ZVENO_TEST_PROVISIONING_KILLS` say how
long; `make trust` takes the full length.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest

from app.config import Settings
from app.factory import create_app
from app.kernel.jobs import DUTY
from tenants import checking, registry
from tenants.owner import owner_engine
from tests.blueprints.orders.shelf import BOILER_PRICE, fill_shelf, put_stock
from tests.conftest import network_settings
from tests.factories.leads import hire
from tests.house import HQ, KAZAN, House
from tests.trust import applicants
from tests.trust.street import Shopping, Street, built, wait_for

pytestmark = pytest.mark.crash

CHECKOUTS = int(os.environ.get("ZVENO_TEST_CHECKOUTS", "80"))
KILLS = int(os.environ.get("ZVENO_TEST_KILLS", "11"))
POSTGRES_KILLS = int(os.environ.get("ZVENO_TEST_POSTGRES_KILLS", "2"))
PROVISIONING_KILLS = int(os.environ.get("ZVENO_TEST_PROVISIONING_KILLS", "5"))
THREADS, APPLICANTS, ON_HAND = 6, 2, CHECKOUTS + 500
OUTBOX_EMPTY, DONE_AGAIN = 60.0, 30.0

VICTIMS = (
    "worker-1's child", "web's child", "valkey", "relay", "worker-2", "provisioner", "web's child", "scheduler",
    "worker-2's child", "worker-1", "web",
)
STORES = ("postgres backend", "postgres")
MAKERS = ("provisioner's child", "command", "postgres backend", "web's child", "provisioner")

SETTLED = "SELECT (SELECT count(*) FROM network.outbox WHERE dispatched_at IS NULL)" \
          " + (SELECT count(*) FROM network.deliveries WHERE state <> 'done')"
HELD = "SELECT tenant_id, event_id, handler, now() FROM network.deliveries" \
       " WHERE state = 'queued' AND begun_at IS NOT NULL"


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    home = Path(tempfile.mkdtemp(prefix="zveno-street-"))
    registry.forget()
    try:
        with built(home, furnish) as street:
            yield street
    finally:
        registry.forget()
        shutil.rmtree(home, ignore_errors=True)


def furnish(superuser: str, queue: str, smtp: str, port: int, data: str) -> Settings:
    """A network of HQ and two dealers; Kazan has boilers, and people who read mails."""
    settings = network_settings(superuser, queue, data, smtp=smtp, site_port=port)
    house = House(create_app(settings), create_app(settings, login="worker"), settings, superuser)
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: ON_HAND})
    for tenant_id in (HQ, KAZAN):
        hire(house, tenant_id)
    return settings


def test_nothing_is_lost_and_nothing_happens_twice(street: Street) -> None:
    (boiler,) = street.rows("SELECT id FROM network.products WHERE slug = 'boiler'")[0]
    shopping = Shopping(street.settings.site_port, boiler, CHECKOUTS, [], [])
    axe = Axe(street)
    begun = time.monotonic()
    threads = shopping.run(THREADS)
    victims = plan(KILLS, POSTGRES_KILLS)
    for number, victim in enumerate(victims, 1):
        threshold = number * CHECKOUTS // (len(victims) + 1)
        wait_for(lambda due=threshold: _progress(street, shopping) >= due, 180, f"checkout {threshold}")
        axe.fall(victim)
    keep_alive(street, threads)
    shopped = time.monotonic() - begun
    settled = wait_for(lambda: _is_settled(street), OUTBOX_EMPTY, "the outbox to be empty")
    report(street, shopping, shopped, settled)
    axe.report()

    assert shopping.failures == []
    assert_orders(street, shopping)
    assert_routed_once(street)
    assert_stock(street)
    assert_mails(street)
    assert axe.slowest() < DONE_AGAIN


def test_no_tenant_is_half_made(street: Street) -> None:
    house = House(create_app(street.settings), create_app(street.settings, login="worker"), street.settings, "")
    crowd = applicants.Crowd(street, applicants.invite(house, PROVISIONING_KILLS * 6 // 5 + 2))
    command, begun = applicants.Command(street), time.monotonic()
    kills = [MAKERS[number % len(MAKERS)] for number in range(PROVISIONING_KILLS)]
    threads = crowd.run(APPLICANTS)
    for number, victim in enumerate(kills):
        wait_for(lambda due=number: _joined(street, crowd) >= due, 180, f"dealer {number}")
        time.sleep(random.random() / 2)
        command.kill_one() if victim == "command" else street.strike(victim)
    keep_alive(street, threads)
    wait_for(lambda: _is_settled(street), OUTBOX_EMPTY, "the outbox to be empty")
    half = set(command.slugs) - {slug for (slug,) in street.rows("SELECT slug FROM network.tenants")}
    command.again()
    print(f"\n{len(crowd.settled)} dealers joined and {len(command.slugs)} were added by command in"
          f" {time.monotonic() - begun:.0f} s, {_counted(kills)} killed meanwhile; {len(half)} commands left nothing")
    assert crowd.failures == []
    assert_whole(street, len(crowd.tokens), command.slugs)


def assert_whole(street: Street, joined: int, added: list[str]) -> None:
    """Every dealer once, with all that belongs to him, and nothing that belongs to nobody."""
    assert street.rows("SELECT state, count(*), count(DISTINCT tenant_id) FROM network.dealer_applications"
                       " GROUP BY 1") == [("live", joined, joined)]
    tenants = dict(street.rows("SELECT id, slug FROM network.tenants"))
    assert len(tenants) == 3 + joined + len(added)
    assert set(added) <= set(tenants.values())
    for query in (
        "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9]{6}$'",
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^t_[0-9]{6}$'",
        "SELECT tenant_id FROM network.tenant_migrations",
        "SELECT tenant_id FROM network.hosts WHERE is_primary",
    ):
        assert sorted(name for (name,) in street.rows(query)) == sorted(tenants), query
    checked = checking.check(owner_engine(street.settings.database_owner))
    assert (checked.sound, checked.behind, checked.drifted) == (len(tenants), (), ())
    for (made,) in street.rows("SELECT tenant_id FROM network.dealer_applications"):
        welcomed = f"SELECT (SELECT count(*) FROM {made}.staff), (SELECT count(*) FROM {made}.site)," \
                   f" (SELECT count(*) FROM {made}.mails WHERE template = 'mail/dealer_welcome')"
        assert street.rows(welcomed) == [(1, 1, 1)], made


def plan(kills: int, of_postgres: int) -> list[str]:
    """Victims in turn, and the database's among them at even distances."""
    victims = [VICTIMS[number % len(VICTIMS)] for number in range(kills)]
    for number in range(of_postgres):
        victims.insert((number + 1) * (kills + of_postgres) // (of_postgres + 1), STORES[number % len(STORES)])
    return victims


class Axe:
    """Falls, if it can, on workers that hold something, and remembers what they held."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._held: dict[tuple[str, str, str], object] = {}

    def fall(self, victim: str) -> None:
        """Kill; what a worker held is noted while it is dying."""
        if not victim.startswith("worker"):
            self._street.strike(victim)
            return
        deadline = time.monotonic() + 1
        while not self._street.rows(HELD) and time.monotonic() < deadline:
            pass
        self._street.strike(victim)
        for tenant_id, event_id, handler, at in self._street.rows(HELD):
            self._held.setdefault((tenant_id, str(event_id), handler), at)

    def waits(self) -> list[float]:
        """Seconds from the kill until what the killed one held was done, sorted."""
        done = self._street.rows("SELECT tenant_id, event_id, handler, done_at FROM network.deliveries"
                                 " WHERE losses > 0")
        found = [(self._held.get((tenant_id, str(event_id), handler)), at) for tenant_id, event_id, handler, at in done]
        return sorted((at - killed).total_seconds() for killed, at in found if killed)

    def slowest(self) -> float:
        """The 99th percentile of the waits."""
        waits = self.waits()
        return percentile(waits, 99) if waits else 0.0

    def report(self) -> None:
        """How long killed work waited, and how long all work did."""
        everything = [float(wait) for (wait,) in self._street.rows(
            f"SELECT extract(epoch FROM done_at - published_at) FROM network.deliveries WHERE event <> '{DUTY}'"
        )]
        for what, waits in (("held by a killed worker, from kill to done", self.waits()),
                            ("every delivery, from the event to done", everything)):
            if waits:
                print(f"  {what}: {len(waits)}, p50 {percentile(waits, 50):.1f} s, p99 {percentile(waits, 99):.1f} s,"
                      f" longest {max(waits):.1f} s")


def percentile(values: list[float], of_hundred: int) -> float:
    """Of few values the nearest ones are taken."""
    return quantiles(values, n=100, method="inclusive")[of_hundred - 1] if len(values) > 1 else values[0]


def keep_alive(street: Street, threads: list[threading.Thread]) -> None:
    """Be the supervisor until everybody was served."""
    while any(thread.is_alive() for thread in threads):
        street.revive()
        time.sleep(0.2)


def assert_orders(street: Street, shopping: Shopping) -> None:
    """Each acknowledged order stands once, with one lead of the same value."""
    carts = [str(cart) for (cart,) in street.rows(f"SELECT cart_id FROM {HQ}.orders UNION ALL"
                                                   f" SELECT cart_id FROM {KAZAN}.orders")]
    assert sorted(carts) == sorted(shopping.acknowledged)
    assert len(set(carts)) == CHECKOUTS
    leads = street.rows("SELECT owner_id, order_id, count(*), sum(value_minor) FROM network.leads GROUP BY 1, 2")
    assert len(leads) == CHECKOUTS
    assert {(count, value) for _owner, _order, count, value in leads} == {(1, BOILER_PRICE)}


def assert_routed_once(street: Street) -> None:
    """HQ's leads were decided once and wait for one dealer; the dealer's own are his."""
    states = Counter(
        (owner, state, assignee, escalated)
        for owner, state, assignee, escalated in street.rows(
            "SELECT owner_id, state, assignee_id, escalated_at IS NOT NULL FROM network.leads"
        )
    )
    assert states == {(HQ, "offered", KAZAN, False): CHECKOUTS // 2, (KAZAN, "accepted", KAZAN, False): CHECKOUTS // 2}
    for query in (
        "SELECT lead_id, count(*) FROM network.lead_offers WHERE state = 'offered' GROUP BY 1",
        "SELECT lead_id, count(*) FROM network.lead_offers GROUP BY 1",
        "SELECT lead_id, count(*) FROM network.routing_runs GROUP BY 1",
    ):
        counts = Counter(count for _lead, count in street.rows(query))
        assert counts == {1: CHECKOUTS // 2}, query


def assert_stock(street: Street) -> None:
    """What is reserved is what is held, one piece for each order."""
    held = street.rows("SELECT count(*), count(DISTINCT lead_id), sum(quantity) FROM network.reservations"
                        " WHERE state = 'held'")
    assert held == [(CHECKOUTS, CHECKOUTS, CHECKOUTS)]
    stock = street.rows(f"SELECT on_hand, reserved FROM network.stock WHERE owner_id = '{KAZAN}' AND reserved > 0")
    assert stock == [(ON_HAND, CHECKOUTS)]


def assert_mails(street: Street) -> None:
    """Each mail was asked for once and sent; one sent again after a kill bears the same Message-ID."""
    mails = street.rows(" UNION ALL ".join(
        f"SELECT '{one}', template, to_address, params->>'number', sent_at IS NOT NULL, id FROM {one}.mails"
        for one in (HQ, KAZAN)
    ))
    asked = Counter((tenant_id, template, to, number) for tenant_id, template, to, number, _sent, _id in mails)
    assert {mail: count for mail, count in asked.items() if count > 1} == {}
    assert all(sent for *_mail, sent, _id in mails)
    received = Counter(street.post.received)
    assert set(received) == {f"<{mail_id}@{tenant_id}.zveno>" for tenant_id, *_mail, mail_id in mails}
    assert sum(received.values()) - len(received) <= len(street.kills) + POSTGRES_KILLS
    wanted = Counter(template for _tenant, template, _to, _number in asked)
    assert (wanted["mail/order_placed"], wanted["mail/lead_offer"]) == (CHECKOUTS, CHECKOUTS // 2)


def report(street: Street, shopping: Shopping, shopped: float, settled: float) -> None:
    """The figures, for the record."""
    deliveries = street.rows("SELECT count(*), count(*) FILTER (WHERE attempts > 1) FROM network.deliveries")[0]
    received = street.post.received
    print(f"\n{len(shopping.acknowledged)} orders acknowledged in {shopped:.0f} s, {len(street.kills)} kills"
          f" ({_counted(street.kills)})")
    print(f"  {shopping.retries} requests tried again, {deliveries[0]} deliveries, {deliveries[1]} of them tried twice"
          f" or more, all done {settled:.1f} s after the last order")
    print(f"  {len(set(received))} mails, {len(received) - len(set(received))} of them sent again under the same id")


def _progress(street: Street, shopping: Shopping) -> int:
    street.revive()
    return len(shopping.acknowledged) + len(shopping.failures)


def _is_settled(street: Street) -> bool:
    street.revive()
    return street.rows(SETTLED) == [(0,)]


def _joined(street: Street, crowd: applicants.Crowd) -> int:
    street.revive()
    return len(crowd.settled) + len(crowd.failures)


def _counted(names: list[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(Counter(names).items()))
