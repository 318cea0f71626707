"""A dealer who has a little of everything, each bearing a canary: a word nobody else may be found with."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import psycopg
import redis

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.ids import HQ
from app.web.models import Mail
from blueprints.accounts import keys
from blueprints.accounts.models import Customer, Staff
from blueprints.analytics.models import Visits
from blueprints.catalog.models import Offer, Stock
from blueprints.leads.service import write
from blueprints.orders.service import place_order
from tenants.models import Site
from tenants.owner import owner_engine
from tenants.provisioning import NewTenant, provision
from tests.blueprints.orders.shelf import NOON, draft
from tests.factories.leads import the_lead
from tests.house import House

URAL_CITY = 1486209


def open_shop(house: House, slug: str, products: tuple[int, ...], **more: object) -> str:
    """A new dealer, furnished; answers his id."""
    with owner_engine(house.settings.database_owner).begin() as connection:
        dealer = provision(connection, NewTenant(
            slug=slug, name=f"canary-{slug}", legal_name=f"ООО canary-{slug}", inn="6670000000",
            hosts=(f"{slug}.localhost", f"www.{slug}.localhost"), city_id=URAL_CITY,
            territories=(("71", "primary"),), profile={"phone": f"canary-{slug}"}, **more,
        ))
    furnish(house, dealer, slug, products)
    return dealer


def furnish(house: House, dealer: str, slug: str, products: tuple[int, ...]) -> None:
    """People, a shop, an order with lead, reservation and messages, mails, a key, visits, files, a counted address."""
    canary = f"canary-{slug}"
    with house.speaking(dealer):
        db.session.add_all([
            Staff(email=f"{slug}@example.ru", name=canary, role="owner", password_hash="then"),
            Customer(email=f"buyer@{slug}.ru", name=canary, password_hash="then"),
            Site(id=1, texts={"slogan": canary}, logo="a" * 32 + ".webp"),
            Mail(to_address=f"{slug}@example.ru", template="mail/none", locale="ru", params={"name": canary}),
            Visits(owner_id=dealer, day=date(2026, 11, 1), source="search", visits=7),
            *(Offer(product_id=product, minor=500_000, external_id=f"{canary}-{product}") for product in products),
            *(Stock(owner_id=dealer, product_id=product, on_hand=10) for product in products),
        ])
        keys.make_key(name=canary, scopes=["orders:read"], at=now())
    with house.speaking(dealer):
        order = place_order(draft=draft((products[0], 2)), at=NOON)
        write(lead=the_lead(dealer, order.lead_id), author="customer", body=canary, at=NOON)
    for place in files(house, dealer):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(canary.encode() * 1000)
    redis.Redis.from_url(house.settings.queue).set(f"limit:LIMITER/{dealer}:127.0.0.1/sign-in", canary, ex=600)


def files(house: House, dealer: str) -> list[Path]:
    """Files of the dealer: two pictures, and an upload on its way."""
    data = Path(house.settings.data_dir)
    return [
        data / "media" / dealer / f"{'a' * 32}.webp", data / "media" / dealer / "goods" / f"{'b' * 32}.webp",
        data / "imports" / dealer / "c0ffee",
    ]


def prints(house: House, schema: str) -> dict[str, str]:
    """Each table of a schema and a hash of its rows; in `network` too."""
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
        return {name: _print(connection, f"{schema}.{name}", "true") for (name,) in names}


def network_prints(house: House, dealer: str, *, others: bool) -> dict[str, str]:
    """Each table of `network` with a hash of the dealer's rows, or of everybody else's."""
    from tenants.belongings import SHARES

    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        found = {}
        for name, share in SHARES.items():
            names_him = " OR ".join(f"{column} = '{dealer}'" for column in share.columns) if share else "false"
            rows = f"({names_him}) IS NOT TRUE" if others else names_him
            found[name] = _print(connection, f"network.{name}", rows)
        return found


def _print(connection: psycopg.Connection, table: str, rows: str) -> str:
    query = f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t WHERE {rows}"
    row = connection.execute(query).fetchone()
    assert row is not None
    return hashlib.md5(str(row[0]).encode()).hexdigest()




__all__ = ["HQ", "files", "furnish", "network_prints", "open_shop", "prints"]
