"""A network of any size is loaded whole, and the same seed makes the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.commands.database import prepare
from app.config import Settings
from app.demo.load import load_demo, shown_logins, stands
from tenants import registry
from tenants.bootstrap import upgrade
from tenants.cluster import OWNER, WEB, WORKER_LOGIN
from tenants.owner import owner_engine
from tests.conftest import PASSWORDS

UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEALERS, PRODUCTS, ORDERS = 5, 60, 400
FACTS = {
    "tenants": "SELECT id, slug, inn, legal_name, city_id, tier, profile FROM network.tenants ORDER BY id",
    "territories": "SELECT owner_id, id, shape, kind, region_code, city_id, lat, lon, radius_km, outline::text, name"
    " FROM network.territories ORDER BY 1, 2",
    "products": "SELECT sku, name_ru, attributes, images, popularity FROM network.products ORDER BY sku",
    "prices": "SELECT * FROM network.prices ORDER BY product_id, valid_from",
    "stock": "SELECT * FROM network.stock ORDER BY owner_id, product_id",
    "leads": "SELECT to_jsonb(l) - 'changed_at' FROM network.leads l ORDER BY id",
    "contacts": "SELECT * FROM network.lead_contacts ORDER BY lead_id",
    "events": "SELECT * FROM network.lead_events ORDER BY id",
    "offers": "SELECT * FROM network.lead_offers ORDER BY lead_id, round",
    "reservations": "SELECT * FROM network.reservations ORDER BY id",
    "runs": "SELECT * FROM network.routing_runs ORDER BY id",
    "visits": "SELECT * FROM network.visits ORDER BY owner_id, day, source",
    "ratings": "SELECT * FROM network.dealer_ratings ORDER BY tenant_id",
    "orders": "SELECT * FROM t_000001.orders ORDER BY id",
    "lines": "SELECT * FROM t_000001.order_lines ORDER BY order_id, position",
    "own prices": "SELECT product_id, minor FROM t_000003.offers ORDER BY product_id",
    "own orders": "SELECT * FROM t_000003.orders ORDER BY id",
}
"""What must come out alike; moments of the loading itself and staff's ids are made anew each time."""


@dataclass
class Loaded:
    """What stood after loading a network."""

    facts: dict[str, list[tuple[object, ...]]]
    files: dict[str, bytes]
    logins: list[tuple[str, str, str, str]]


def loaded(
    superuser: str, settings: Settings, home: Path, seed: int, dealers: int = DEALERS,
    queries: Mapping[str, str] = FACTS, *, shows: bool = False,
) -> Loaded:
    """A small network, loaded into the database `small` that is thrown away afterwards."""
    prepare(superuser, "small", PASSWORDS)
    registry.forget()
    there = _settings_of(superuser, settings, home)
    owner = owner_engine(there.database_owner)
    try:
        upgrade(owner)
        assert not stands(there)
        load_demo(
            there, password="four quiet small words", dealers=dealers, products=PRODUCTS, orders=ORDERS, seed=seed,
            until=UNTIL, shows=shows,
        )
        assert stands(there)
        with psycopg.connect(_address(superuser)) as connection:
            facts = {name: connection.execute(query).fetchall() for name, query in queries.items()}
        files = {str(file.relative_to(home)): file.read_bytes() for file in home.rglob("*.*")}
        return Loaded(facts, files, shown_logins(there))
    finally:
        owner.dispose()
        registry.forget()
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("DROP DATABASE small WITH (FORCE)")


def _address(superuser: str) -> str:
    return sa.make_url(superuser).set(database="small").render_as_string(hide_password=False)


def _settings_of(superuser: str, settings: Settings, home: Path) -> Settings:
    def login(name: str) -> str:
        address = sa.make_url(_address(superuser)).set(username=name, password=PASSWORDS[name])
        return address.render_as_string(hide_password=False)

    return replace(
        settings, database_web=login(WEB), database_worker=login(WORKER_LOGIN), database_owner=login(OWNER),
        data_dir=str(home),
    )


@pytest.fixture(scope="module")
def first(services: tuple[str, str], settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A network of seed 11."""
    return loaded(services[0], settings, tmp_path_factory.mktemp("first"), seed=11)


def test_network_is_as_large_as_asked(first: Loaded) -> None:
    counts = {name: len(rows) for name, rows in first.facts.items()}
    assert (counts["tenants"], counts["products"]) == (DEALERS + 1, PRODUCTS)
    assert counts["leads"] >= ORDERS and counts["ratings"] == DEALERS
    assert all(counts.values()), counts
    assert len(first.logins) == 4


def test_every_picture_that_is_named_is_drawn(first: Loaded) -> None:
    named = {f"media/t_000001/catalogue/{images[0]}" for _sku, _name, _facts, images, _sold in first.facts["products"]}
    assert named <= set(first.files)
    assert sum(name.endswith(".png") for name in first.files) == DEALERS + 1


def test_the_same_seed_makes_the_same_network(
    services: tuple[str, str], settings: Settings, tmp_path: Path, first: Loaded
) -> None:
    second = loaded(services[0], settings, tmp_path, seed=11)
    for name, rows in first.facts.items():
        assert second.facts[name] == rows, name
    assert second.files == first.files


def test_another_seed_makes_another(
    services: tuple[str, str], settings: Settings, tmp_path: Path, first: Loaded
) -> None:
    other = loaded(services[0], settings, tmp_path, seed=12)
    assert other.facts["leads"] != first.facts["leads"] and other.facts["stock"] != first.facts["stock"]
