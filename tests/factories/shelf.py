"""A small catalogue to look at in tests of shop pages: categories, attributes, products, prices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.catalog.models import Attribute, Category, Price, Product
from tenants.registry import forget
from tests.house import House

NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
FUELS = {"gas": {"ru": "природный газ", "en": "natural gas"}, "wood": {"ru": "дрова", "en": "wood"}}


def fill_catalogue(house: House, number: int = 6) -> list[int]:
    """Boilers of 10, 12, 14 … kW in two categories, a radiator and a pump at the end; answers their ids."""
    with house.speaking(HQ):
        boilers = category("boilers", "Котлы", "Boilers")
        gas = category("gas-boilers", "Газовые котлы", "Gas boilers", boilers)
        wood = category("wood-boilers", "Дровяные котлы", "Wood boilers", boilers)
        others = category("radiators", "Радиаторы", "Radiators")
        attributes()
        made = [_boiler(place, gas if place % 3 else wood) for place in range(number)]
        made.append(product("radiator", "Радиатор Волна 500", "Volna 500 radiator", others, 1_200_000, sections=10))
        made.append(product("pump", "Насос Тихий 25-60", None, others, 731_050))
        db.session.flush()
        ids = [one.id for one in made]
    forget()
    return ids


def category(slug: str, ru: str, en: str, parent: Category | None = None) -> Category:
    """A category under another."""
    above = parent.id if parent else None
    made = Category(owner_id=HQ, external_id=slug, slug=slug, name_ru=ru, name_en=en, parent_id=above, path="")
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path if parent else ''}{made.id}."
    return made


def attributes() -> None:
    """Power, fuel, Wi-Fi, sections as facets, colour as a mere fact."""
    rows: tuple[dict[str, Any], ...] = (
        {"code": "power", "name_ru": "Мощность", "name_en": "Power", "kind": "number", "unit_ru": "кВт",
         "unit_en": "kW"},
        {"code": "fuel", "name_ru": "Топливо", "name_en": "Fuel", "kind": "choice", "choices": FUELS},
        {"code": "wifi", "name_ru": "Управление с телефона", "name_en": "Phone control", "kind": "bool"},
        {"code": "sections", "name_ru": "Число секций", "name_en": "Sections", "kind": "number"},
        {"code": "ip", "name_ru": "Степень защиты", "name_en": "Ingress protection", "kind": "text"},
    )
    for position, row in enumerate(rows):
        db.session.add(Attribute(owner_id=HQ, position=position, is_facet=row["kind"] != "text", **row))


def product(slug: str, ru: str, en: str | None, inside: Category, minor: int | None, **values: Any) -> Product:
    """A published product with its price."""
    made = Product(
        owner_id=HQ, external_id=slug, sku=slug.upper(), slug=slug, name_ru=ru, name_en=en, category_id=inside.id,
        attributes=values, images=[], barcode=None,
    )
    db.session.add(made)
    db.session.flush()
    if minor is not None:
        db.session.add(Price(product_id=made.id, owner_id=HQ, minor=minor, valid_from=NOON.replace(year=2025)))
    return made


def _boiler(place: int, inside: Category) -> Product:
    power = 10 + 2 * place
    return product(
        f"plamya-{power}", f"Котёл газовый Очаг Пламя {power}D", f"Ochag Plamya {power}D gas boiler", inside,
        3_000_000 + 100_000 * place, power=power, fuel="gas" if place % 3 else "wood", wifi=place % 2 == 0, ip="IPX4D",
    )
