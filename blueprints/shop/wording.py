"""Attributes and facets in the visitor's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from flask_babel import format_decimal

from app.kernel.words import _
from app.web.locale import locale, localized
from blueprints.catalog.models import Product
from blueprints.catalog.shelf import ProductFacts
from blueprints.catalog.tree import Definition

CARD_FACTS = 3
ICONS = {
    "boilers": "flame", "heat-pumps": "fan", "radiators": "heater", "underfloor-heating": "waves", "pumps": "gauge",
    "pipes-and-fittings": "pipette", "water-heaters-and-tanks": "droplets", "automation": "thermometer",
    "chimneys": "house", "accessories": "wrench",
}
"""The icon of a category by its slug; others wear a box."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a product's table."""

    name: str
    value: str


def facts_of(product: Product, known: Mapping[str, Definition]) -> list[Fact]:
    """All that is known of a product, in the order of the definitions."""
    values = product.attributes
    return [
        Fact(localized(one), value_text(one, values[code])) for code, one in known.items()
        if values.get(code) not in (None, "")
    ]


def card_facts(product: Product | ProductFacts, known: Mapping[str, Definition]) -> str:
    """The few facts by which one chooses, in one line: numbers first, but not alone."""
    said = [one for code, one in known.items() if one.is_facet and product.attributes.get(code) not in (None, "")]
    numbers = [one for one in said if one.kind == "number"]
    choices = [one for one in said if one.kind == "choice"]
    chosen = [*numbers[: CARD_FACTS - 1], *choices, *numbers[CARD_FACTS - 1 :]][:CARD_FACTS]
    units = _units(known)
    return " · ".join(_short(one, product.attributes[one.code], units) for one in chosen)


def _units(known: Mapping[str, Definition]) -> Counter[str]:
    """How many things each unit measures."""
    return Counter(localized(one, "unit") for one in known.values() if one.is_facet and one.kind == "number")


def _short(definition: Definition, value: Any, units: Mapping[str, int]) -> str:
    """A value that is understood without its name; a bare number bears it, and one whose unit measures several things.

    “24 kW” is the power, but “600 mm” may be height or length, and “22” anything.
    """
    words, unit = value_text(definition, value), localized(definition, "unit")
    is_plain = bool(unit) and units[unit] == 1 if definition.kind == "number" else any(map(str.isalpha, words))
    if is_plain and value != "none":
        return words
    name = localized(definition)
    return f"{name[:1].lower()}{name[1:]}: {words}"


def value_text(definition: Definition, value: Any) -> str:
    """A value with its unit, or by its name: «24 кВт», «природный газ», «да»."""
    if definition.kind == "bool":
        return _("yes") if value in (True, "true", "1", 1) else _("no")
    if definition.kind == "choice":
        names = definition.choices.get(str(value)) or {}
        return str(names.get(locale()) or names.get("ru") or value)
    unit = localized(definition, "unit")
    return f"{number_text(value)}\u00a0{unit}" if unit else number_text(value)


def number_text(value: Any) -> str:
    """A number as the language writes it, at most with the decimals it has."""
    return _number_text(str(value), locale())


@lru_cache(maxsize=4096)
def _number_text(digits: str, _language: str) -> str:
    try:
        return format_decimal(Decimal(digits).normalize(), format="#,##0.###").replace("-", "\u2212")
    except InvalidOperation:
        return digits


def icon_of(slug: str) -> str:
    """The icon of a category."""
    return ICONS.get(slug, "package")
