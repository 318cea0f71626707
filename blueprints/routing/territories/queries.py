"""Areas as they stand now, and by number also those that ended: kept decisions speak of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.ids import HQ
from app.kernel.words import _
from blueprints.catalog.tree import category_tree
from blueprints.leads.models import Lead
from blueprints.routing.rules.areas import Area, Town
from blueprints.routing.territories.wording import area_name, goods_names
from tenants.models import City, Region, Tenant, Territory

WORKING = "active"


class Named(NamedTuple):
    """An area, what people call it, and whose it is."""

    area: Territory
    name: str
    dealer: str
    state: str

    @property
    def goods(self) -> str:
        """The groups it is for, in words; empty where it is for all."""
        return goods_names(category_tree().by_id[one] for one in self.area.category_ids if one in category_tree().by_id)

    def is_for(self, group: int) -> bool:
        """Whether it is for all goods of a group."""
        return not self.area.category_ids or any(
            each.id in self.area.category_ids for each in category_tree().by_id[group].trail
        )

    def as_rules_know(self) -> Area:
        """The area for `rules.areas`; 0 is the number of one that is not kept yet."""
        row = self.area
        return Area(
            row.id or 0, row.owner_id, row.kind, row.shape, row.region_code, row.city_id, row.lat, row.lon,
            row.radius_km, row.outline, self.state == WORKING, _with_those_below(row.category_ids),
        )


class NoArea(NotFound):
    """There is no such area, or it ended."""


def area_names(numbers: Collection[int]) -> dict[int, str]:
    """Names by number, of those areas the speaker may see."""
    return {one.area.id: one.name for one in _named(Territory.id.in_(numbers))} if numbers else {}


def areas_of(dealer_id: str) -> list[Named]:
    """The areas of a dealer that stand, the strongest kind first."""
    return _named(Territory.owner_id == dealer_id, Territory.ended_at.is_(None))


def standing() -> list[Named]:
    """Every area that stands, by dealer. As HQ."""
    return _named(Territory.ended_at.is_(None), Tenant.state.in_((WORKING, "suspended", "closed")))


def get_area(number: int) -> Named:
    """An area that stands, or `NoArea`."""
    found = _named(Territory.id == number, Territory.ended_at.is_(None))
    if not found:
        raise NoArea(_("There is no such area any more."))
    return found[0]


def all_cities() -> Sequence[City]:
    """Every town of the country, the largest first."""
    return db.session.scalars(sa.select(City).order_by(City.population.desc(), City.id)).all()


def towns_of(cities: Sequence[City]) -> list[Town]:
    """Towns for `rules.areas`."""
    return [Town(city.id, city.region_code, city.lat, city.lon, city.population) for city in cities]


def leads_by_city(since: datetime) -> dict[int, int]:
    """HQ's leads that came from each town since then."""
    rows = db.session.execute(
        sa.select(Lead.city_id, sa.func.count())
        .where(Lead.owner_id == HQ, Lead.created_at >= since, Lead.city_id.is_not(None)).group_by(Lead.city_id)
    )
    return {row[0]: row[1] for row in rows}


def dealers() -> list[tuple[str, str]]:
    """`(id, name)` of dealers who may be given an area, by name."""
    rows = db.session.execute(
        sa.select(Tenant.id, Tenant.name)
        .where(Tenant.kind == "dealer", Tenant.state.in_((WORKING, "suspended"))).order_by(Tenant.name)
    )
    return [(row[0], row[1]) for row in rows]


def all_regions() -> Sequence[Region]:
    """The regions of the country, by name."""
    return db.session.scalars(sa.select(Region).order_by(Region.name_ru)).all()


def _with_those_below(category_ids: Sequence[int]) -> frozenset[int] | None:
    if not category_ids:
        return None
    known = category_tree().by_id
    return frozenset(below for one in category_ids if one in known for below in known[one].all_ids)


def _named(*conditions: sa.ColumnElement[bool]) -> list[Named]:
    rows: Sequence[Any] = db.session.execute(
        sa.select(Territory, Region, City, Tenant.name, Tenant.state).join(Tenant, Tenant.id == Territory.owner_id)
        .outerjoin(Region, Region.code == Territory.region_code).outerjoin(City, City.id == Territory.city_id)
        .where(*conditions).order_by(Tenant.name, Territory.owner_id, Territory.kind, Territory.id)
    ).all()
    return [Named(area, area_name(area, region, city), dealer, state) for area, region, city, dealer, state in rows]
