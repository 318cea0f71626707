"""Areas and towns as the map on the page takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from app.kernel.words import _
from app.web.locale import localized
from blueprints.routing.rules import areas as rules
from blueprints.routing.territories.queries import Named
from blueprints.routing.territories.wording import KINDS
from tenants.models import City

ON_MAP = 300
"""Circles and outlines a map can still be read with."""

HUES = 8
"""Dealers' lines take turns with so many colours."""


def map_data(
    areas: Iterable[Named], cities: Sequence[City], best: Mapping[int, str], leads: Mapping[int, int],
    labels: Mapping[int, str] | None = None, bare: str = "", shared: Collection[int] | None = None,
) -> dict[str, Any]:
    """Towns with the kind of the best area that holds each (`best`), the areas that have a shape, and where these meet.

    `shared` are the towns several dealers serve; without them the map does not speak of them.
    """
    drawn = [one for one in areas if one.area.shape in ("circle", "polygon")][:ON_MAP]
    crossings = rules.crossings([one.as_rules_know() for one in drawn]) if shared is not None else []
    return {
        "towns": [
            [city.lat, city.lon, labels[city.id] if labels else localized(city), city.population,
             best.get(city.id, ""), leads.get(city.id, 0), city.id in (shared or ())]
            for city in cities
        ],
        "areas": [_drawn(one) for one in drawn],
        "crossings": [[[lat, lon] for lon, lat in ring] for ring in crossings],
        "words": {
            "people": _("inhabitants"), "leads": _("leads in 90 days"), "none": bare or _("nobody serves it"),
            "several": "" if shared is None else _("several dealers"),
            **{kind: str(word) for kind, word in KINDS.items()},
        },
    }


def _drawn(one: Named) -> dict[str, Any]:
    area = one.area
    shape: dict[str, Any] = {"lat": area.lat, "lon": area.lon, "km": area.radius_km}
    if area.outline:
        shape = {"points": [[lat, lon] for lon, lat in area.outline]}
    return {
        "id": area.id, "name": one.name, "dealer": one.dealer, "kind": area.kind, "goods": one.goods,
        "hue": int(area.owner_id[2:]) % HUES, **shape,
    }
