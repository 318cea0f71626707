"""Areas over the towns of the country: what each holds, where they meet, where nobody serves.

A lead comes from a town, so the towns an area holds are what it is worth: two areas meet where they share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import shapely

from blueprints.routing.rules.criteria import EARTH_DIAMETER_KM
from blueprints.routing.rules.facts import TerritoryKind
from blueprints.routing.rules.outlines import Outline

Shape = Literal["region", "city", "circle", "polygon"]

MOST_AREAS, MOST_KM = 50, 1_000
"""Of one dealer, and around one point."""

CORNERS = 72
"""Of a circle where it is drawn."""

RANK = {"exclusive": 0, "primary": 1, "shared": 2}


class Town(NamedTuple):
    """A town with its place and the people in it."""

    id: int
    region_code: str
    lat: float
    lon: float
    population: int


@dataclass(frozen=True, slots=True)
class Area:
    """Where a dealer serves; only what its shape asks for is there. `number` 0 is one that is not kept yet."""

    number: int
    dealer_id: str
    kind: TerritoryKind
    shape: Shape
    region_code: str | None = None
    city_id: int | None = None
    lat: float | None = None
    lon: float | None = None
    radius_km: int | None = None
    outline: Outline | None = None
    is_working: bool = True
    """Whether its dealer is given leads at all."""
    goods: frozenset[int] | None = None
    """The categories it is for, with all below them; none: it is for all goods."""

    def meets(self, other: Area) -> bool:
        """Whether another dealer's area is for some of the same goods."""
        if self.dealer_id == other.dealer_id:
            return False
        return self.goods is None or other.goods is None or not self.goods.isdisjoint(other.goods)


class Conflict(NamedTuple):
    """Two dealers who are both promised to be the only one, and the towns where."""

    one: Area
    other: Area
    towns: frozenset[int]


def cover(areas: Iterable[Area], towns: Sequence[Town]) -> dict[int, frozenset[int]]:
    """The towns each area holds, by its number."""
    ground = _Ground(towns)
    return {area.number: ground.towns_of(area) for area in areas}


def served(areas: Iterable[Area], covered: Mapping[int, frozenset[int]]) -> dict[int, list[Area]]:
    """By town, the areas of working dealers that hold it: the best of each dealer for the same goods, the strongest
    kind first."""
    best: dict[int, dict[object, Area]] = defaultdict(dict)
    for area in sorted(areas, key=lambda one: (-RANK[one.kind], one.number)):
        if area.is_working:
            for town in covered[area.number]:
                best[town][area.dealer_id, area.goods] = area
    return {
        town: sorted(of_town.values(), key=lambda one: (RANK[one.kind], one.number)) for town, of_town in best.items()
    }


def conflicts(areas: Iterable[Area], covered: Mapping[int, frozenset[int]]) -> list[Conflict]:
    """Pairs of exclusive areas of different dealers that share a town and goods, those that share most first."""
    exclusive = [area for area in areas if area.kind == "exclusive" and covered[area.number]]
    found = [
        Conflict(one, other, covered[one.number] & covered[other.number])
        for place, one in enumerate(exclusive)
        for other in exclusive[place + 1 :]
        if one.meets(other) and not covered[one.number].isdisjoint(covered[other.number])
    ]
    return sorted(found, key=lambda each: -len(each.towns))


def is_shared(areas: Sequence[Area]) -> bool:
    """Whether any two of the areas that serve a town meet in their goods."""
    return any(one.meets(other) for place, one in enumerate(areas) for other in areas[place + 1 :])


def crossings(areas: Iterable[Area]) -> list[Outline]:
    """What the circles and outlines of different dealers for the same goods have in common: rings of `(lon, lat)`."""
    drawn = [area for area in areas if area.is_working and area.shape in ("circle", "polygon")]
    shapes = np.array([_shape_of(area) for area in drawn], dtype=object)
    pairs = zip(*shapely.STRtree(shapes).query(shapes, predicate="intersects").tolist(), strict=True)
    common = [shapes[one] & shapes[other] for one, other in pairs if one < other and drawn[one].meets(drawn[other])]
    whole = shapely.union_all(common)
    return [
        tuple((round(lon, 3), round(lat, 3)) for lon, lat in part.exterior.coords[:-1])
        for part in shapely.get_parts(whole) if part.geom_type == "Polygon"
    ]


def _shape_of(area: Area) -> shapely.Polygon:
    """The area on the map of degrees; a circle with as many corners as one does not see."""
    if area.outline is not None:
        return shapely.Polygon(area.outline)
    assert area.lat is not None and area.lon is not None and area.radius_km is not None
    north, reach = np.radians(area.lat), area.radius_km / EARTH_DIAMETER_KM * 2
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    lat = np.arcsin(np.sin(north) * np.cos(reach) + np.cos(north) * np.sin(reach) * np.cos(turn))
    east = np.arctan2(np.sin(turn) * np.sin(reach) * np.cos(north), np.cos(reach) - np.sin(north) * np.sin(lat))
    return shapely.Polygon(np.column_stack((area.lon + np.degrees(east), np.degrees(lat))))


class _Ground:
    """The towns laid out so that many can be asked for at once."""

    def __init__(self, towns: Sequence[Town]) -> None:
        self.ids = np.array([town.id for town in towns], dtype=np.int64)
        self.lat, self.lon = (np.array([getattr(town, side) for town in towns], dtype=float) for side in ("lat", "lon"))
        self.rad = np.radians(self.lat)
        self.by_region: dict[str, set[int]] = defaultdict(set)
        for town in towns:
            self.by_region[town.region_code].add(town.id)

    def towns_of(self, area: Area) -> frozenset[int]:
        """The towns an area holds; a side of an outline belongs to it."""
        if area.shape == "region":
            return frozenset(self.by_region.get(area.region_code or "", ()))
        if area.shape == "city":
            return frozenset(() if area.city_id is None else (area.city_id,))
        inside = self._near(area) if area.shape == "circle" else self._within(area)
        return frozenset(self.ids[inside].tolist())

    def _near(self, area: Area) -> np.ndarray:
        lat = np.radians(area.lat)
        north, east = np.sin((self.rad - lat) / 2), np.sin(np.radians(self.lon - area.lon) / 2)
        chord = np.minimum(1, np.sqrt(north**2 + np.cos(lat) * np.cos(self.rad) * east**2))
        return EARTH_DIAMETER_KM * np.arcsin(chord) <= area.radius_km

    def _within(self, area: Area) -> np.ndarray:
        shape = shapely.Polygon(area.outline)
        shapely.prepare(shape)
        return shapely.intersects_xy(shape, self.lon, self.lat)
