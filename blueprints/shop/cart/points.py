"""Where the goods of a cart can be fetched: points of the dealers near, and whether the goods are there already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from app.kernel.db import db
from app.web.here import here
from blueprints.catalog.promise import FACTORY_DAYS, Promise
from blueprints.orders.rules import PricedLine
from blueprints.shop.city import CityFacts
from tenants.geography import distance_km
from tenants.models import City, Tenant
from tenants.points import Point, points_of

NEAR_KM = 50
"""As far as routing lets who fetches his goods go."""
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """A point on offer; the goods are there, or come there from the manufacturer's stock."""

    point: Point
    city: City | None
    is_now: bool

    @property
    def promise(self) -> Promise:
        """When the goods can be fetched there."""
        return Promise("point", 1) if self.is_now else Promise("to_point", FACTORY_DAYS)


def choices_for(lines: Iterable[PricedLine], city: CityFacts) -> list[Choice]:
    """Points for these goods, those that have them first, then the nearer; of a dealer's site his own, if several."""
    if not here().is_hq:
        facts = here()
        own = points_of(facts.id, facts.name, facts.city_id, facts.profile)
        return [Choice(point, db.session.get(City, point.city_id), True) for point in own] if len(own) > 1 else []
    near = {one.id: one for one in _cities_near(city)}
    has_all = _dealers(near, list(lines))
    found = [
        Choice(point, near[point.city_id], has_all[dealer.id])
        for dealer in db.session.scalars(sa.select(Tenant).where(Tenant.id.in_(has_all)))
        for point in points_of(dealer.id, dealer.name, dealer.city_id, dealer.profile) if point.city_id in near
    ]
    return sorted(found, key=lambda one: (not one.is_now, _away(city, one), one.point.name))[:SHOWN]


def _cities_near(city: CityFacts) -> list[City]:
    box = (City.lat.between(city.lat - 0.5, city.lat + 0.5), City.lon.between(city.lon - 1.5, city.lon + 1.5))
    return [one for one in db.session.scalars(sa.select(City).where(*box)) if _km(city, one) <= NEAR_KM]


def _dealers(cities: Iterable[int], lines: list[PricedLine]) -> dict[str, bool]:
    rows = db.session.execute(
        sa.text("SELECT dealer_id, has_all FROM network.pickup_dealers(:cities, :products, :quantities)").bindparams(
            sa.bindparam("cities", type_=sa.ARRAY(sa.Integer)),
            sa.bindparam("products", type_=sa.ARRAY(sa.BigInteger)),
            sa.bindparam("quantities", type_=sa.ARRAY(sa.Integer)),
        ),
        {"cities": list(cities), "products": [line.product_id for line in lines],
         "quantities": [line.quantity for line in lines]},
    )
    return {row.dealer_id: row.has_all for row in rows}


def _away(city: CityFacts, choice: Choice) -> float:
    if choice.point.lat and choice.point.lon:
        return distance_km(city.lat, city.lon, choice.point.lat, choice.point.lon)
    return _km(city, choice.city) if choice.city else 0


def _km(city: CityFacts, other: City) -> float:
    return distance_km(city.lat, city.lon, other.lat, other.lon)
