"""Areas in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel.numbers import format_decimal

from app.kernel.words import _, _l
from app.web.locale import locale, localized
from blueprints.catalog.tree import Node
from tenants.models import City, Region

KINDS = {"exclusive": _l("exclusive"), "primary": _l("primary"), "shared": _l("shared")}
TONES = {"exclusive": "brand", "primary": "good", "shared": "info"}
SHAPES = {"region": _l("Region"), "city": _l("City"), "circle": _l("Circle"), "polygon": _l("Outline on the map")}


def area_name(area: Any, region: Region | None, city: City | None) -> str:
    """What people call an area: by the name HQ gave it, or by what it holds."""
    if area.name:
        return str(area.name)
    if area.shape == "region":
        return localized(region)
    if area.shape == "city":
        return localized(city)
    if area.shape == "polygon":
        return _("drawn area № %(number)s", number=area.id) if area.id else _("drawn area")
    if city:
        return _("%(city)s and %(km)s km around", city=localized(city), km=area.radius_km)
    return _("%(km)s km around %(place)s", km=area.radius_km, place=place_name(area.lat, area.lon))


def goods_names(groups: Iterable[Node]) -> str:
    """Groups of goods as one reads them in a line."""
    return ", ".join(localized(group) for group in groups)


def place_name(lat: float, lon: float) -> str:
    """A point as a person reads it, to a kilometre."""
    return ", ".join(format_decimal(round(each, 2), locale=locale()) for each in (lat, lon))
