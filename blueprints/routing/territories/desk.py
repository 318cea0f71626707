"""The dealer's own territory, to look at."""

from __future__ import annotations

from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.access import Section
from app.web.templating import render
from blueprints.routing.rules import areas as rules
from blueprints.routing.territories import queries
from blueprints.routing.territories.drawing import map_data
from blueprints.routing.territories.wording import KINDS, SHAPES, TONES

desk = Section("territory_desk", __name__)
SHOWN = 12


@desk.get("/territory", access="clerk")
def mine() -> str:
    """His areas on a map and in words, with the towns in them."""
    areas, cities = queries.areas_of(current_tenant()), queries.all_cities()
    plain = [one.as_rules_know() for one in areas]
    covered = rules.cover(plain, queries.towns_of(cities))
    best = {town: found[0].kind for town, found in rules.served(plain, covered).items()}
    inside = {number: [city for city in cities if city.id in towns] for number, towns in covered.items()}
    return render(
        "routing/territory.html", areas=areas, inside=inside, shown=SHOWN, kinds=KINDS, tones=TONES, shapes=SHAPES,
        drawn=map_data(areas, cities, best, {}, bare=_("not yours")),
    )
