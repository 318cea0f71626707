"""Products, stock and leads for tests that run on the real house."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import holidays
import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.ids import HQ
from app.kernel.money import Money
from blueprints.accounts.models import Staff
from blueprints.catalog import stock
from blueprints.catalog.models import Product
from blueprints.leads import service
from blueprints.leads.models import Lead
from tests.house import KAZAN, House

KAZAN_CITY = 551487


def _coming_tuesday() -> datetime:
    """Ten in the morning in Moscow on the next Tuesday, at least an hour away, in a week without a holiday."""
    earliest = datetime.now(UTC) + timedelta(hours=1)
    day = earliest.replace(hour=7, minute=0, second=0, microsecond=0)
    free = holidays.country_holidays("RU")
    while day < earliest or day.weekday() != 1 or any(day.date() + timedelta(days=ahead) in free for ahead in range(7)):
        day += timedelta(days=1)
    return day


# Ahead of the real clock: PostgreSQL stamps by its own, and a delivery stamped after a frozen "now" is not due in it.
MORNING = _coming_tuesday()
"""A Tuesday, ten o'clock in Moscow and Kazan, two in the afternoon in Novosibirsk."""

CUSTOMER = service.Contact(
    name="Анна Ковалёва", email="anna@example.ru", phone="+79161234567", address="Казань, ул. Баумана, 5",
    comment="После шести",
)


def add_products(house: House, count: int = 2) -> list[int]:
    """So many products of HQ; answers their ids."""
    with house.speaking(HQ):
        rows = [
            Product(
                owner_id=HQ, external_id=f"p{number}", sku=f"SKU-{number}", slug=f"pump-{number}",
                name_ru=f"Насос {number}", name_en=f"Pump {number}",
            )
            for number in range(1, count + 1)
        ]
        db.session.add_all(rows)
        db.session.flush()
        return [row.id for row in rows]


def give_stock(house: House, dealer: str, levels: Mapping[int, int], at: datetime | None = None) -> None:
    """What a dealer reports to have."""
    with house.speaking(dealer):
        stock.report(owner_id=dealer, levels=levels, at=at or now())


def line(product_id: int, quantity: int = 1) -> dict[str, object]:
    """A line of a lead, a thousand roubles a piece."""
    return {
        "product_id": product_id, "sku": f"SKU-{product_id}", "name_ru": f"Насос {product_id}",
        "name_en": f"Pump {product_id}", "quantity": quantity, "minor": 100_000 * quantity,
    }


def open_lead(house: House, owner: str, lines: Mapping[int, int], at: datetime | None = None) -> uuid.UUID:
    """A lead on the owner's site from Kazan; answers its id."""
    with house.speaking(owner):
        lead = service.open_lead(
            kind="order", source="brand_site" if owner == HQ else "dealer_site", campaign=None, city_id=KAZAN_CITY,
            lines=[line(product_id, quantity) for product_id, quantity in lines.items()],
            value=Money(100_000 * sum(lines.values())), contact=CUSTOMER, payment_method="on_delivery",
            locale="ru", at=at or now(),
        )
        return lead.id


def the_lead(owner: str, lead_id: uuid.UUID) -> Lead:
    """The lead for who speaks; it must be visible to him."""
    lead = db.session.get(Lead, (owner, lead_id))
    assert lead is not None
    return lead


def hire(house: House, tenant_id: str = KAZAN, role: str = "owner", locale: str = "ru") -> str:
    """A member of staff; answers the mail address."""
    address = f"{role}@{tenant_id.replace('_', '-')}.example.ru"
    with house.speaking(tenant_id):
        db.session.add(Staff(email=address, name="Ольга Иванова", role=role, locale=locale))
    return address


def levels(house: House, dealer: str) -> dict[int, tuple[int, int]]:
    """`{product: (on hand, reserved)}` as the database has it."""
    rows = house.rows(
        "SELECT product_id, on_hand, reserved FROM network.stock WHERE owner_id = %(owner)s", owner=dealer
    )
    return {product: (on_hand, reserved) for product, on_hand, reserved in rows}  # type: ignore[misc]


__all__ = ["CUSTOMER", "MORNING", "add_products", "give_stock", "hire", "levels", "line", "open_lead", "sa", "the_lead"]
