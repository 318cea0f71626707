"""What an area would mean before it is kept: who comes in, and whom it meets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from blueprints.routing.rules import areas as rules
from blueprints.routing.territories import queries
from blueprints.routing.territories.queries import Named
from blueprints.routing.territories.survey import Survey
from tenants.models import City, Territory

SHOWN = 12


class Meeting(NamedTuple):
    """Another dealer's area that shares towns, how many, and whether both would be exclusive."""

    other: Named
    count: int
    is_clash: bool


class Preview(NamedTuple):
    """The towns that come in, the largest of them, their people, leads of ninety days, and those nobody serves yet."""

    count: int
    largest: Sequence[City]
    people: int
    leads: int
    bare: int
    meetings: Sequence[Meeting]


def preview(area: Territory, found: Survey, replaced: int | None = None) -> Preview:
    """The area as it is drawn, beside all others but the one it replaces."""
    plain = Named(area, "", "", queries.WORKING).as_rules_know()
    inside = rules.cover([plain], queries.towns_of(found.cities))[plain.number]
    cities = [city for city in found.cities if city.id in inside]
    return Preview(
        len(cities), cities[:SHOWN], sum(city.population for city in cities),
        sum(found.leads.get(city.id, 0) for city in cities),
        sum(city.id not in found.served for city in cities), _meetings(area, inside, found, replaced),
    )


def _meetings(area: Territory, inside: frozenset[int], found: Survey, replaced: int | None) -> list[Meeting]:
    mine = Named(area, "", "", queries.WORKING).as_rules_know()
    others = (one for one in found.areas if one.area.id != replaced and mine.meets(one.as_rules_know()))
    counted = ((one, len(inside & found.covered[one.area.id])) for one in others)
    meetings = [
        Meeting(one, count, area.kind == one.area.kind == "exclusive") for one, count in counted if count
    ]
    return sorted(meetings, key=lambda each: (not each.is_clash, -each.count))
