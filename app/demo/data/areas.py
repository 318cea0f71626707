"""What some dealers serve beside their regions: circles, a town, an outline, so that there is something to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.demo.data.dealers import Dealer, TerritoryKind
from tenants.geography import City, cities, distance_km

NORTH_OF_MOSCOW = (
    (36.6, 56.05), (37.35, 56.75), (38.3, 56.7), (38.9, 56.2), (38.2, 55.87), (37.4, 55.92), (36.9, 55.9),
)
"""From Istra over Dubna to Sergiyev Posad, `(lon, lat)`."""


@dataclass(frozen=True, slots=True)
class DemoArea:
    """An area as `network.territories` keeps it; a circle lies around its city, an outline has `points`."""

    dealer: int
    kind: TerritoryKind
    city: City | None = None
    radius_km: int | None = None
    points: tuple[tuple[float, float], ...] = ()
    name: str = ""
    note: str = ""

    @property
    def shape(self) -> str:
        """As the table calls it."""
        return "polygon" if self.points else "circle" if self.radius_km else "city"


def areas(who: Sequence[Dealer]) -> list[DemoArea]:
    """A handful for the first dealers: circles that meet, a town across the border, an outline."""
    found = []
    for dealer in who[:7]:
        if dealer.city.name_ru == "Москва":
            found.append(DemoArea(
                dealer.number, "primary", points=NORTH_OF_MOSCOW, name="Север Подмосковья",
                note="По соглашению от 3 марта: монтажная бригада стоит в Дмитрове.",
            ))
        elif dealer.number % 2:
            found.append(DemoArea(dealer.number, "shared", dealer.city, 60 + 40 * dealer.number))
        else:
            found.append(DemoArea(dealer.number, "primary", dealer.city, 90))
        found.append(DemoArea(dealer.number, "shared", _across_the_border(dealer)))
    return found


def _across_the_border(dealer: Dealer) -> City:
    """The nearest town of another region."""
    others = (city for city in cities() if city.region_code != dealer.city.region_code)
    return min(others, key=lambda city: distance_km(city.lat, city.lon, dealer.lat, dealer.lon))
