"""Giving dealers areas, changing and taking them. As HQ.

An area never changes: a changed one is ended, and another takes its place, so that kept decisions go on naming what
they were made by. The database says so too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid, Refused
from app.kernel.words import _, ngettext
from app.web.audit import audit
from app.web.locale import localized
from blueprints.routing.rules import areas as rules
from blueprints.routing.territories import queries
from blueprints.routing.territories.queries import Named
from tenants.models import Territory

LOCK = "territories"
DRAWN = (
    "owner_id", "shape", "kind", "region_code", "city_id", "lat", "lon", "radius_km", "outline", "category_ids",
    "name", "note",
)


class TooMany(Refused):
    """The dealer has as many areas as one may have."""


class TwiceExclusive(Refused):
    """Two dealers cannot both be the only one in the same place."""


class GivenAlready(Refused):
    """The dealer has this region or city for the same goods already."""


class NoDealer(Invalid):
    """There is no such dealer, or he left."""


def draw(area: Territory, *, author: str, at: datetime) -> Territory:
    """Give a dealer an area that nothing stands against."""
    _lock()
    _need_room(area, None)
    _add(area, author, at)
    audit("network.area_drawn", f"area:{area.id}", **_details(area))
    return area


def redraw(number: int, area: Territory, *, author: str, at: datetime) -> Territory:
    """Put another area in the place of one that stands; the same again changes nothing."""
    _lock()
    old = queries.get_area(number).area
    if all(getattr(old, column) == getattr(area, column) for column in DRAWN):
        return old
    _need_room(area, number)
    old.ended_by, old.ended_at = author, at
    db.session.flush()
    _add(area, author, at)
    audit("network.area_changed", f"area:{area.id}", before=number, **_details(area))
    return area


def end(number: int, *, author: str, at: datetime) -> Named:
    """Take an area from its dealer; leads on their way keep their offers."""
    _lock()
    found = queries.get_area(number)
    found.area.ended_by, found.area.ended_at = author, at
    audit("network.area_ended", f"area:{number}", **_details(found.area))
    return found


def _add(area: Territory, author: str, at: datetime) -> None:
    area.drawn_by, area.drawn_at = author, at
    db.session.add(area)
    db.session.flush()


def _lock() -> None:
    """One area at a time: who is exclusive is decided by what all others have."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(LOCK))))


def _need_room(area: Territory, replaced: int | None) -> None:
    """Whether the area may stand beside all others but the one it replaces."""
    names = dict(queries.dealers())
    if area.owner_id not in names:
        raise NoDealer(_("Choose a dealer of the network."), field="dealer")
    others = [one for one in queries.standing() if one.area.id != replaced]
    own = [one for one in others if one.area.owner_id == area.owner_id]
    if len(own) >= rules.MOST_AREAS:
        raise TooMany(ngettext("A dealer has at most %(num)s area.", "A dealer has at most %(num)s areas.",
                               rules.MOST_AREAS), field="dealer")
    for one in own:
        if area.shape in ("region", "city") and _place_of(one.area) == _place_of(area):
            field = "region" if area.shape == "region" else "city"
            raise GivenAlready(_("The dealer has “%(place)s” already: change that area.", place=one.name), field=field)
    if area.kind == "exclusive":
        _need_to_be_alone(area, others)


def _need_to_be_alone(area: Territory, others: list[Named]) -> None:
    cities = queries.all_cities()
    known: Mapping[int, Named] = {one.area.id: one for one in others}
    mine = Named(area, "", "", queries.WORKING).as_rules_know()
    plain = [mine, *(one.as_rules_know() for one in others if one.area.kind == "exclusive")]
    covered = rules.cover(plain, queries.towns_of(cities))
    for found in rules.conflicts(plain, covered):
        if 0 in (found.one.number, found.other.number):
            other = known[found.other.number or found.one.number]
            city = next(each for each in cities if each.id in found.towns)
            raise TwiceExclusive(_(
                "%(city)s lies in “%(area)s”, where %(dealer)s is exclusive already: two dealers cannot both be alone.",
                dealer=other.dealer, area=other.name, city=localized(city),
            ), field="kind")


def _place_of(area: Territory) -> tuple[Any, ...]:
    return area.shape, area.region_code if area.shape == "region" else area.city_id, area.category_ids


def _details(area: Territory) -> dict[str, Any]:
    return {"dealer": area.owner_id, "shape": area.shape, "kind": area.kind, "goods": area.category_ids}
