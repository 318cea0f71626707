"""What all areas together come to: towns nobody serves, towns that several do, promises that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from blueprints.routing.rules import areas as rules
from blueprints.routing.territories import queries
from blueprints.routing.territories.queries import Named
from tenants.models import City

QUARTER = timedelta(days=90)


class Spot(NamedTuple):
    """A town, the leads of ninety days that came from it, and who serves it."""

    city: City
    leads: int
    areas: Sequence[Named] = ()


class Clash(NamedTuple):
    """Two areas that cannot both be exclusive, and the largest towns they share."""

    one: Named
    other: Named
    cities: Sequence[City]
    count: int


@dataclass(frozen=True)
class Survey:
    """The country with its areas, as one look at the database found them."""

    areas: Sequence[Named]
    cities: Sequence[City]
    leads: Mapping[int, int]
    covered: Mapping[int, frozenset[int]]
    served: Mapping[int, Sequence[Named]]
    clashes: Sequence[Clash]

    @property
    def idle(self) -> list[Named]:
        """Areas of dealers who are given no leads."""
        return [one for one in self.areas if one.state != queries.WORKING]

    def white_spots(self, by: str = "leads") -> list[Spot]:
        """Towns that no working dealer serves, those with most leads or most people first."""
        bare = [Spot(city, self.leads.get(city.id, 0)) for city in self.cities if city.id not in self.served]
        return sorted(bare, key=lambda spot: -spot.leads) if by == "leads" else bare

    def overlaps(self) -> list[Spot]:
        """Towns that several dealers serve, the most served first."""
        shared = [
            Spot(city, self.leads.get(city.id, 0), self.served[city.id])
            for city in self.cities if len(self.served.get(city.id, ())) > 1
        ]
        return sorted(shared, key=lambda spot: -len(spot.areas))

    def share(self) -> float:
        """The part of the people of all towns who live where somebody serves."""
        everybody = sum(city.population for city in self.cities)
        return sum(city.population for city in self.cities if city.id in self.served) / everybody if everybody else 0.0


def survey(at: datetime) -> Survey:
    """The whole country; three queries. As HQ."""
    areas, cities = queries.standing(), queries.all_cities()
    known = {one.area.id: one for one in areas}
    plain = [one.as_rules_know() for one in areas]
    covered = rules.cover(plain, queries.towns_of(cities))
    served = {
        town: [known[area.number] for area in of_town] for town, of_town in rules.served(plain, covered).items()
    }
    clashes = [_clash(each, known, cities) for each in rules.conflicts(plain, covered)]
    return Survey(areas, cities, queries.leads_by_city(at - QUARTER), covered, served, clashes)


def _clash(found: rules.Conflict, known: Mapping[int, Named], cities: Sequence[City]) -> Clash:
    shared = [city for city in cities if city.id in found.towns]
    return Clash(known[found.one.number], known[found.other.number], shared[:5], len(shared))
