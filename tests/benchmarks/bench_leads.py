"""Leads on their way to a dealer, with everything: `make bench ARGS=tests/benchmarks/bench_leads.py`.

One decision among 1,000 dealers by eight criteria, from the lock of the lead to the commit; its baseline, in the same
run, is the decision alone, without I/O. Then 10,000 leads, opened before relay and worker are started, until each is
offered, and until all work that follows from it, mails too, is done; its baseline is as many events that nobody has
anything to do with. `ZVENO_BENCH_TENANTS` (50), `ZVENO_BENCH_LEADS` (10,000), `ZVENO_BENCH_HOME` (a folder to keep
the network in).
"""

from __future__ import annotations

import json
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import pytest
from flask import Flask

from app.factory import create_app
from app.kernel import garbage
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.identity import network_worker, speaking_as, tenant
from app.kernel.ids import HQ
from app.kernel.money import Money
from blueprints.leads.queries import Contact, lock_lead
from blueprints.leads.service import open_lead
from blueprints.routing import queries, rules, service
from blueprints.routing.candidates import candidates_for
from tests.benchmarks.bench_orders import HOME, Network, standing
from tests.factories.routing import profile_of
from tests.trust.street import wait_for

DEALERS, ROUNDS = 1_000, 60
LEADS = int(os.environ.get("ZVENO_BENCH_LEADS", "10000"))
AIM_MS, AIM_RATE = 25.0, 100
CITIES = 40
EIGHT = profile_of(
    ("territory", {"outside": "last"}), ("stock_now", {"missing": "last"}), ("freshness", {"precision": 0.25}),
    ("distance", {"precision": 0.05}), "rating", "capacity", "working_hours", "tier",
)
MORE_DEALERS = f"""
INSERT INTO network.tenants (id, number, slug, kind, state, name, legal_name, inn, city_id, timezone, tier, profile)
SELECT 't_' || lpad(n::text, 6, '0'), n, 'more-' || n, 'dealer', 'active', 'Dealer ' || n, 'Dealer ' || n,
       pattern.inn, pattern.city_id, pattern.timezone, pattern.tier, pattern.profile
FROM generate_series((SELECT max(number) + 1 FROM network.tenants), {DEALERS + 1}) AS n
JOIN (SELECT *, row_number() OVER (ORDER BY number) - 1 AS place, count(*) OVER () AS of
      FROM network.tenants WHERE kind = 'dealer') AS pattern ON pattern.place = n % pattern.of
"""
OPEN = "UPDATE network.tenants SET state = 'active' WHERE slug LIKE 'more-%'"
CLOSED = (
    "UPDATE network.tenants SET state = 'closed' WHERE slug LIKE 'more-%';"
    "DELETE FROM network.reservations USING network.tenants t WHERE t.id = owner_id AND slug LIKE 'more-%';"
    "DELETE FROM network.stock USING network.tenants t WHERE t.id = owner_id AND slug LIKE 'more-%'"
)
"""Dealers without a schema, who are asked about and given nothing to do."""
THEIR_GOODS = """
INSERT INTO network.stock (owner_id, product_id, on_hand, reported_at)
SELECT id, product_id, 100000, now() - number % 90 * interval '1 hour'
FROM network.tenants, unnest(CAST('{products}' AS bigint[])) AS product_id
WHERE slug LIKE 'more-%' ON CONFLICT DO NOTHING
"""
LEFT = "SELECT count(*) FROM network.leads WHERE state = 'new' AND escalated_at IS NULL"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """The network in the folder that was named, or in a new one, its processes not yet started."""
    with ExitStack() as stack:
        home = Path(HOME or stack.enter_context(tempfile.TemporaryDirectory(prefix="zveno-leads-")))
        yield stack.enter_context(standing(home))


@pytest.fixture(scope="module")
def app(network: Network) -> Flask:
    """The worker's application, with the eight criteria in force."""
    network.change(CLOSED)
    app = create_app(network.settings, login="worker")
    with app.app_context(), speaking_as(network_worker()), unit_of_work():
        service.ensure_profile(at=now())
    network.change("UPDATE network.sourcing_profiles SET state = 'retired' WHERE state = 'active'")
    network.change(
        "INSERT INTO network.sourcing_profiles (owner_id, id, version, name, definition, state, activated_at)"
        f" SELECT '{HQ}', gen_random_uuid(), max(version) + 1, 'eight', '{json.dumps(EIGHT.to_dict())}', 'active',"
        " now() FROM network.sourcing_profiles"
    )
    return app


def goods(network: Network) -> list[int]:
    """Two products that many dealers keep."""
    rows = network.ask(
        "SELECT product_id FROM network.stock JOIN network.products p ON p.id = product_id AND p.state = 'published'"
        " WHERE on_hand - reserved > 1000 GROUP BY product_id ORDER BY count(*) DESC, product_id LIMIT 2"
    )
    return [product_id for (product_id,) in rows]


def opened(network: Network, app: Flask, count: int) -> list[uuid.UUID]:
    """So many orders of the brand's site from the greatest cities in turn, a hundred in a transaction."""
    cities = [each[0] for each in network.ask(f"SELECT id FROM network.cities ORDER BY population DESC LIMIT {CITIES}")]
    lines = [
        {"product_id": each, "sku": str(each), "name_ru": "Котёл", "name_en": "Boiler", "quantity": 1, "minor": 100}
        for each in goods(network)
    ]
    contact = Contact(name="Анна", email="anna@example.ru", phone="+79161234567", address=None, comment=None)
    leads = []
    for first in range(0, count, 100):
        with speaking(app, HQ):
            leads += [
                open_lead(
                    kind="order", source="brand_site", campaign=None, city_id=cities[number % CITIES], lines=lines,
                    value=Money(200), contact=contact, locale="ru", at=now(), delivery_method="courier",
                ).id
                for number in range(first, min(first + 100, count))
            ]
    return leads


@contextmanager
def speaking(app: Flask, who: str = "") -> Iterator[None]:
    """One unit of work, as a tenant or as the network's worker."""
    with app.app_context(), speaking_as(tenant(who) if who else network_worker()), unit_of_work():
        yield


def test_one_decision_with_everything(network: Network, app: Flask) -> None:
    network.change(MORE_DEALERS)
    network.change(OPEN)
    network.change(THEIR_GOODS.format(products=str(set(goods(network)))))
    leads = opened(network, app, ROUNDS + 1)
    garbage.set_aside()  # as a worker does
    wall, ours, deciding = [], [], []
    service_began = 0.0
    for number, lead_id in enumerate(leads):
        backend = network.cpu()["postgres"]  # before the clocks: to ask that takes longer than the rules
        started, busy = perf_counter(), process_time()
        with speaking(app):
            assert service.route(owner_id=HQ, lead_id=lead_id, at=now())
        wall.append((perf_counter() - started) * 1_000)
        ours.append((process_time() - busy) * 1_000)
        service_began += network.cpu()["postgres"] - backend if number else 0
        deciding.append(decided(app, lead_id, now()))
    told, kept = network.ask(
        "SELECT (explanation->>'ranked')::int + (explanation->>'excluded')::int, pg_column_size(explanation)"
        " FROM network.routing_runs ORDER BY at DESC LIMIT 1"
    )[0]
    print(
        f"\none decision among {told} dealers, with everything: {median(wall[1:]):.1f} ms, of it {median(ours[1:]):.1f}"
        f" ms of the worker's processor and {service_began * 1_000 / ROUNDS:.1f} of the database's (aim {AIM_MS:g} ms);"
        f" the first {wall[0]:.0f} ms\nbaseline, the decision alone: {median(deciding[1:]):.1f} ms;"
        f" ratio {median(wall[1:]) / median(deciding[1:]):.1f}; explanation kept {kept} bytes"
    )
    network.change(CLOSED)


def decided(app: Flask, lead_id: uuid.UUID, at: datetime) -> float:
    """Milliseconds of the processor that the rules alone take for this lead."""
    with speaking(app):
        lead = lock_lead(HQ, lead_id)
        assert lead is not None
        active, demand = service.ensure_profile(at=at), queries.demand_of(lead, at)
        candidates = candidates_for(demand, active.profile)
        started = process_time()
        rules.decide(demand, candidates, active.profile)
        return (process_time() - started) * 1_000


def test_ten_thousand_leads(network: Network, app: Flask) -> None:
    opened(network, app, LEADS)
    with app.app_context():
        db.engine.dispose()
    network.start("relay")
    network.start("worker")
    before, started = network.cpu(), perf_counter()
    wait_for(lambda: network.ask(LEFT) == [(0,)], 3_600, "the last offer")
    offering, then = perf_counter() - started, network.cpu()
    settling = network.settle()
    spent = {name: (then[name] - before[name]) * 1_000 / LEADS for name in then}
    whole = {name: (after - before[name]) * 1_000 / LEADS for name, after in network.cpu().items()}
    ((nobody,),) = network.ask("SELECT count(*) FROM network.leads WHERE escalated_at IS NOT NULL")
    print(
        f"\n{LEADS} leads, opened to offered: {LEADS / offering:.0f}/s (aim {AIM_RATE}/s), {nobody} left to HQ;"
        f" all that follows, mails too, done {settling:.0f} s later\n"
        f"  processor, ms a lead until offered: {_said(spent)}\n  and until all was done: {_said(whole)}"
    )


def _said(spent: dict[str, float]) -> str:
    return ", ".join(f"{name} {took:.1f}" for name, took in spent.items()) + f"; together {sum(spent.values()):.1f}"
