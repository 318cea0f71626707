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
    shared: frozenset[int]
    """Towns that several dealers serve for the same goods."""
    clashes: Sequence[Clash]
    clashing: frozenset[int]
    """Towns promised to two working dealers."""

    @property
    def idle(self) -> list[Named]:
        """Areas of dealers who are given no leads."""
        return [one for one in self.areas if one.state != queries.WORKING]

    def white_spots(self, by: str = "leads") -> list[Spot]:
        """Towns that no working dealer serves, those with most leads or most people first."""
        bare = [Spot(city, self.leads.get(city.id, 0)) for city in self.cities if city.id not in self.served]
        return sorted(bare, key=lambda spot: -spot.leads) if by == "leads" else bare

    def overlaps(self) -> list[Spot]:
        """Towns that several dealers serve for the same goods, the most served first."""
        shared = [
            Spot(city, self.leads.get(city.id, 0), self.served[city.id])
            for city in self.cities if city.id in self.shared
        ]
        return sorted(shared, key=lambda spot: -len(spot.areas))

    def share(self) -> float:
        """The part of the people of all towns who live where somebody serves."""
        everybody = sum(city.population for city in self.cities)
        return sum(city.population for city in self.cities if city.id in self.served) / everybody if everybody else 0.0


def survey(at: datetime, group: int | None = None) -> Survey:
    """The whole country, or who serves it with all goods of a group; three queries. As HQ."""
    areas, cities = [one for one in queries.standing() if group is None or one.is_for(group)], queries.all_cities()
    known = {one.area.id: one for one in areas}
    plain = [one.as_rules_know() for one in areas]
    covered = rules.cover(plain, queries.towns_of(cities))
    found = rules.served(plain, covered)
    served = {town: [known[area.number] for area in of_town] for town, of_town in found.items()}
    shared = frozenset(town for town, of_town in found.items() if rules.is_shared(of_town))
    conflicts = rules.conflicts(plain, covered)
    clashing = frozenset().union(*(each.towns for each in conflicts if each.one.is_working and each.other.is_working))
    clashes = [_clash(each, known, cities) for each in conflicts]
    return Survey(areas, cities, queries.leads_by_city(at - QUARTER), covered, served, shared, clashes, clashing)


def _clash(found: rules.Conflict, known: Mapping[int, Named], cities: Sequence[City]) -> Clash:
    shared = [city for city in cities if city.id in found.towns]
    return Clash(known[found.one.number], known[found.other.number], shared[:5], len(shared))
