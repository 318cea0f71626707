"""Three hundred checkouts while twenty processes die without warning: none lost, none double, everything adds up."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.config import Settings
from app.factory import create_app
from tenants import registry
from tests.blueprints.orders.shelf import BOILER_PRICE, fill_shelf, put_stock
from tests.conftest import network_settings
from tests.factories.leads import hire
from tests.house import HQ, KAZAN, House
from tests.trust.street import Shopping, Street, built, wait_for

pytestmark = pytest.mark.crash

CHECKOUTS, THREADS, ON_HAND = 300, 4, 1000
KILLS = (
    "worker-1", "web worker", "valkey", "relay", "worker-2", "web", "worker-1", "valkey", "web worker", "relay",
    "worker-2", "scheduler", "web worker", "valkey", "worker-1", "web worker", "relay", "worker-2", "valkey", "web",
)
SETTLED = "SELECT (SELECT count(*) FROM network.outbox WHERE dispatched_at IS NULL)" \
          " + (SELECT count(*) FROM network.deliveries WHERE state <> 'done')"


@pytest.fixture
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
    (boiler,) = rows(street, "SELECT id FROM network.products WHERE slug = 'boiler'")[0]
    shopping = Shopping(street.settings.site_port, boiler, CHECKOUTS, [], [])
    begun = time.monotonic()
    threads = shopping.run(THREADS)
    for number, victim in enumerate(KILLS, 1):
        threshold = number * CHECKOUTS // (len(KILLS) + 1)
        wait_for(lambda due=threshold: _progress(street, shopping) >= due, 120, f"checkout {threshold}")
        street.strike(victim)
    while any(thread.is_alive() for thread in threads):
        street.revive()
        time.sleep(0.2)
    shopped = time.monotonic() - begun
    settled = wait_for(lambda: _is_settled(street), 60, "the outbox to be empty")
    report(street, shopping, shopped, settled)

    assert shopping.failures == []
    assert_orders(street, shopping)
    assert_routed_once(street)
    assert_stock(street)
    assert_mails(street)


def assert_orders(street: Street, shopping: Shopping) -> None:
    """Each acknowledged order stands once, with one lead of the same value."""
    carts = [str(cart) for (cart,) in rows(street, f"SELECT cart_id FROM {HQ}.orders UNION ALL"
                                                   f" SELECT cart_id FROM {KAZAN}.orders")]
    assert sorted(carts) == sorted(shopping.acknowledged)
    assert len(set(carts)) == CHECKOUTS
    leads = rows(street, "SELECT owner_id, order_id, count(*), sum(value_minor) FROM network.leads GROUP BY 1, 2")
    assert len(leads) == CHECKOUTS
    assert {(count, value) for _owner, _order, count, value in leads} == {(1, BOILER_PRICE)}


def assert_routed_once(street: Street) -> None:
    """HQ's leads were decided once and wait for one dealer; the dealer's own are his."""
    states = Counter(
        (owner, state, assignee, escalated)
        for owner, state, assignee, escalated in rows(
            street, "SELECT owner_id, state, assignee_id, escalated_at IS NOT NULL FROM network.leads"
        )
    )
    assert states == {(HQ, "offered", KAZAN, False): CHECKOUTS // 2, (KAZAN, "accepted", KAZAN, False): CHECKOUTS // 2}
    for query in (
        "SELECT lead_id, count(*) FROM network.lead_offers WHERE state = 'offered' GROUP BY 1",
        "SELECT lead_id, count(*) FROM network.lead_offers GROUP BY 1",
        "SELECT lead_id, count(*) FROM network.routing_runs GROUP BY 1",
    ):
        counts = Counter(count for _lead, count in rows(street, query))
        assert counts == {1: CHECKOUTS // 2}, query


def assert_stock(street: Street) -> None:
    """What is reserved is what is held, one piece for each order."""
    held = rows(street, "SELECT count(*), count(DISTINCT lead_id), sum(quantity) FROM network.reservations"
                        " WHERE state = 'held'")
    assert held == [(CHECKOUTS, CHECKOUTS, CHECKOUTS)]
    stock = rows(street, f"SELECT on_hand, reserved FROM network.stock WHERE owner_id = '{KAZAN}' AND reserved > 0")
    assert stock == [(ON_HAND, CHECKOUTS)]


def assert_mails(street: Street) -> None:
    """Each mail was asked for once and sent; one sent again after a kill bears the same Message-ID."""
    mails = rows(street, " UNION ALL ".join(
        f"SELECT '{one}', template, to_address, params->>'number', sent_at IS NOT NULL, id FROM {one}.mails"
        for one in (HQ, KAZAN)
    ))
    asked = Counter((tenant_id, template, to, number) for tenant_id, template, to, number, _sent, _id in mails)
    assert {mail: count for mail, count in asked.items() if count > 1} == {}
    assert all(sent for *_mail, sent, _id in mails)
    received = Counter(street.post.received)
    assert set(received) == {f"<{mail_id}@{tenant_id}.zveno>" for tenant_id, *_mail, mail_id in mails}
    assert sum(received.values()) - len(received) <= len(street.kills)
    wanted = Counter(template for _tenant, template, _to, _number in asked)
    assert (wanted["mail/order_placed"], wanted["mail/lead_offer"]) == (CHECKOUTS, CHECKOUTS // 2)


def report(street: Street, shopping: Shopping, shopped: float, settled: float) -> None:
    """The figures, for the record."""
    deliveries = rows(street, "SELECT count(*), count(*) FILTER (WHERE attempts > 1) FROM network.deliveries")[0]
    received = street.post.received
    print(f"\n{len(shopping.acknowledged)} orders acknowledged in {shopped:.0f} s, {len(street.kills)} kills"
          f" ({', '.join(f'{count} {name}' for name, count in sorted(Counter(street.kills).items()))})")
    print(f"  {shopping.retries} requests tried again, {deliveries[0]} deliveries, {deliveries[1]} of them tried twice"
          f" or more, all done {settled:.1f} s after the last order")
    print(f"  {len(set(received))} mails, {len(received) - len(set(received))} of them sent again under the same id")


def rows(street: Street, query: str) -> list[tuple]:
    """What stands, as the superuser sees it."""
    with psycopg.connect(street.superuser, dbname="zveno") as connection:
        return connection.execute(query).fetchall()


def _progress(street: Street, shopping: Shopping) -> int:
    street.revive()
    return len(shopping.acknowledged) + len(shopping.failures)


def _is_settled(street: Street) -> bool:
    street.revive()
    return rows(street, SETTLED) == [(0,)]
