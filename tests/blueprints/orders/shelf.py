"""Goods to sell in tests of orders, carts and payments: products, prices, VAT, stock, and a draft of them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ, new_id
from app.kernel.money import Money
from blueprints.catalog.models import Price, Product, Stock
from blueprints.leads.service import Contact
from blueprints.orders.models import Order
from blueprints.orders.rules import PricedLine
from blueprints.orders.service import Draft
from tests.house import House

KAZAN_CITY = 551487
NOON = datetime(2030, 3, 4, 9, tzinfo=UTC)
"""After the present, so that a house whose clock is set to it finds everything due."""
BOILER_PRICE, PUMP_PRICE = 4_599_000, 731_050
ANNA = Contact("Анна Петрова", "anna@example.ru", "+79161234567", "Казань, ул. Баумана, 1", "Позвоните за час")


def fill_shelf(house: House) -> tuple[int, int]:
    """A boiler and a pump in HQ's catalogue. Answers the products' ids."""
    with house.speaking(HQ):
        boiler, pump = _product("boiler", "Котёл «Очаг 24»", "Boiler Ochag 24"), _product("pump", "Насос 25-60", None)
        db.session.add_all([boiler, pump])
        db.session.flush()
        for product, minor in ((boiler, BOILER_PRICE), (pump, PUMP_PRICE)):
            db.session.add(Price(product_id=product.id, owner_id=HQ, minor=minor, valid_from=NOON.replace(year=2025)))
        ids = boiler.id, pump.id
    return ids


def put_stock(house: House, owner_id: str, levels: dict[int, int]) -> None:
    """Let the owner have so many of each product."""
    with house.speaking(owner_id):
        for product_id, on_hand in levels.items():
            db.session.add(Stock(owner_id=owner_id, product_id=product_id, on_hand=on_hand))


def draft(*lines: tuple[int, int], payment_method: str = "on_delivery", cart_id: uuid.UUID | None = None) -> Draft:
    """An order of `(product_id, quantity)` lines at the boiler's price, by Anna of Kazan."""
    return Draft(
        cart_id=cart_id or new_id(), city_id=KAZAN_CITY, delivery_method="courier", payment_method=payment_method,
        lines=tuple(priced(product_id, quantity) for product_id, quantity in lines), contact=ANNA,
        source="brand_site" if current_tenant() == HQ else "dealer_site",
    )


def priced(product_id: int, quantity: int, unit: int = BOILER_PRICE) -> PricedLine:
    """A line at 22 % VAT."""
    return PricedLine(
        product_id=product_id, sku=f"SKU-{product_id}", name_ru="Котёл «Очаг 24»", name_en="Boiler Ochag 24",
        quantity=quantity, unit=Money(unit), vat_rate=Decimal(22),
    )


def the_order() -> Order:
    """The only order of the tenant that speaks."""
    return db.session.scalars(sa.select(Order)).one()


def _product(code: str, name_ru: str, name_en: str | None) -> Product:
    return Product(
        owner_id=HQ, external_id=code, sku=code.upper(), slug=code, name_ru=name_ru, name_en=name_en, images=[],
    )
