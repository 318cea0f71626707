"""Areas as they stand now, and by number also those that ended: kept decisions speak of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.routing.territories.wording import area_name
from tenants.models import City, Region, Territory


class Named(NamedTuple):
    """An area and what people call it."""

    area: Territory
    name: str


def area_names(numbers: Collection[int]) -> dict[int, str]:
    """Names by number, of those areas the speaker may see."""
    return {one.area.id: one.name for one in _named(Territory.id.in_(numbers))} if numbers else {}


def areas_of(dealer_id: str) -> list[Named]:
    """The areas of a dealer that stand, the strongest kind first."""
    return _named(Territory.owner_id == dealer_id, Territory.ended_at.is_(None))


def _named(*conditions: sa.ColumnElement[bool]) -> list[Named]:
    rows: Sequence[Any] = db.session.execute(
        sa.select(Territory, Region, City)
        .outerjoin(Region, Region.code == Territory.region_code).outerjoin(City, City.id == Territory.city_id)
        .where(*conditions).order_by(Territory.owner_id, Territory.kind, Territory.id)
    ).all()
    return [Named(area, area_name(area, region, city)) for area, region, city in rows]
