"""Loads the demo network into a database whose schemas stand: HQ «Очаг», dealers, catalogue, half a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from app.config import Settings
from app.demo.data.catalogue import catalogue
from app.demo.data.dealers import dealers as make_dealers
from app.demo.data.pictures import pictures
from app.demo.load import goods, past, people, showcase
from app.demo.load.bulk import bulk
from app.demo.load.studio import studio
from app.kernel.ids import HQ
from tenants.models import Host, Tenant
from tenants.owner import owner_engine

Progress = Callable[[str], object]

DEALERS, PRODUCTS, ORDERS, SEED = 24, 300, 3000, 7
SHOWN_DEALERS = 3
HQ_EMAIL = "hq@example.ru"


def stands(settings: Settings) -> bool:
    """Whether a network was loaded already."""
    with owner_engine(settings.database_owner).connect() as connection:
        return connection.execute(sa.text("SELECT 1 FROM network.products LIMIT 1")).first() is not None


def load_demo(
    settings: Settings, *, password: str, dealers: int = DEALERS, products: int = PRODUCTS, orders: int = ORDERS,
    seed: int = SEED, progress: Progress = lambda words: None, until: datetime | None = None, shows: bool = False,
) -> None:
    """Load a network of that size; the same seed makes the same one, ending at `until` (now).

    One that `shows` what the house can do has more than its history; one to measure has not.
    """
    until = until or datetime.now(UTC)
    goods_of, who = catalogue(products, seed), make_dealers(dealers, seed)
    owner = owner_engine(settings.database_owner)
    with studio() as drawing:
        looks = pictures(goods_of.products)
        goods.order_pictures(drawing, settings, looks)
        ids = people.make_tenants(owner, settings, who, until, progress)
        people.give_areas(owner, ids, who, until)
        people.make_staff(owner, settings, ids, who, password=password)
        people.furnish_sites(owner, drawing, settings, ids, who)
        with bulk(owner) as copy:
            progress(f"  {len(goods_of.products)} products with prices")
            numbers = goods.load_catalogue(copy, goods_of, looks, until)
        with bulk(owner) as copy:
            progress(f"  half a year with {orders} orders")
            reserved = past.load_history(copy, goods_of, numbers, who, ids, orders=orders, seed=seed, until=until)
            progress("  stock, reservations, visits")
            goods.load_stock(copy, goods_of, numbers, who, ids, reserved.held, seed=seed, until=until)
            past.load_reservations(copy, reserved)
            past.load_visits(copy, who, ids, orders=orders, seed=seed, until=until)
        _analyse(owner)
        progress("  ratings from what happened")
        past.rate(settings, ids, until)
        if shows:
            progress("  rules, papers, letters, an order in two parts")
            showcase.show(settings, ids, who, until)
        progress("  the last pictures")


def _analyse(owner: sa.Engine) -> None:
    """Tell the planner what came; tables of a single dealer are small enough to be planned for without."""
    tables = sa.text(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('network', :hq)"
    )
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        names = connection.execute(tables, {"hq": HQ}).scalars().all()
        connection.execute(sa.text(f"ANALYZE {', '.join(names)}"))


def shown_logins(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Whose log-ins to print: (name, host, path, mail) of HQ and the first dealers."""
    with owner_engine(settings.database_owner).connect() as connection:
        rows = connection.execute(
            sa.select(Tenant.id, Tenant.name, Host.host, Tenant.profile["email"].astext)
            .join(Host, sa.and_(Host.tenant_id == Tenant.id, Host.is_primary))
            .order_by(Tenant.number).limit(SHOWN_DEALERS + 1)
        ).all()
    return [
        ("HQ's desk", host, "/hq", HQ_EMAIL) if tenant_id == HQ else (name, host, "/desk", email)
        for tenant_id, name, host, email in rows
    ]
