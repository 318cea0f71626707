"""Outlines drawn on a map: read from what people write or paste, and refused with a sentence where they cannot be.

Corners are `(lon, lat)` in degrees, as GeoJSON writes them; people write latitude first. Sides are straight on the map
of degrees, as PostgreSQL and the map on the page take them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from shapely import Polygon
from shapely.validation import explain_validity

from app.kernel.errors import Invalid
from app.kernel.words import _

Point = tuple[float, float]
Outline = tuple[Point, ...]

LEAST_POINTS, MOST_POINTS, MOST_TEXT = 3, 500, 60_000
FARTHEST_EAST = 200.0
"""Chukotka goes beyond the 180th meridian, and a map that shows it whole goes on counting."""
DIGITS = 5
"""About a metre."""
NO_GROUND = 1e-7
"""Square degrees: less than a thousand square metres."""

NUMBER = re.compile(r"[-+]?\d{1,3}(?:\.\d+)?")
PLACE = re.compile(r"\[(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)\]")


class BadOutline(Invalid):
    """No area can be made of this."""


def read_outline(text: str, *, field: str = "points") -> Outline:
    """Corners from GeoJSON, or from lines `latitude, longitude`; `BadOutline` says what to mend."""
    try:
        if len(text) > MOST_TEXT:
            raise _too_many(text.count("\n") + 1)
        points = _from_json(text) if text.lstrip()[:1] in ("{", "[") else _from_lines(text)
        return checked(points)
    except BadOutline as refusal:
        raise BadOutline(refusal.sentence, field=field) from None


def write_outline(points: Iterable[Sequence[float]]) -> str:
    """Corners as people read them, one on a line, latitude first."""
    return "\n".join(f"{_short(lat)}, {_short(lon)}" for lon, lat in points)


def checked(points: Iterable[Point]) -> Outline:
    """The corners without repetitions, if they bound a piece of ground; `BadOutline` if not."""
    corners = _without_repetitions([(round(lon, DIGITS), round(lat, DIGITS)) for lon, lat in points])
    for lon, lat in corners:
        if not (isfinite(lon) and isfinite(lat) and -90 <= lat <= 90 and -180 <= lon <= FARTHEST_EAST):
            raise BadOutline(_("There is no such place on earth: %(place)s.", place=_place(lon, lat)))
    if len(corners) < LEAST_POINTS:
        raise BadOutline(_("An outline needs at least three points; here are %(count)s.", count=len(corners)))
    if len(corners) > MOST_POINTS:
        raise _too_many(len(corners))
    _need_ground(Polygon(corners))
    return tuple(corners)


def _need_ground(shape: Polygon) -> None:
    if shape.convex_hull.area < NO_GROUND:
        raise BadOutline(_("The points lie on one line and hold no ground."))
    if not shape.is_valid:
        raise BadOutline(_crossing(explain_validity(shape)))


def _crossing(explained: str) -> str:
    found = PLACE.search(explained)
    if found is None:
        return _("The outline crosses itself. Move a point so that its sides do not cross.")
    place = _place(float(found[1]), float(found[2]))
    return _("The outline crosses itself at %(place)s. Move a point so that its sides do not cross.", place=place)


def _from_lines(text: str) -> list[Point]:
    points = []
    lines = [line.strip() for line in re.split(r"[\n;]", text)]
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        found = NUMBER.findall(line)
        if len(found) != 2 or NUMBER.sub("", line).strip(" \t,°"):
            raise BadOutline(_(
                "Line %(number)s is not a point. Write latitude and longitude: 55.79, 49.12", number=number
            ))
        points.append((float(found[1]), float(found[0])))
    return points


def _from_json(text: str) -> list[Point]:
    unknown = BadOutline(_("This is not an outline in GeoJSON: a Polygon with one ring is wanted."))
    try:
        ring = _ring(json.loads(text))
        return [(_degree(point[0]), _degree(point[1])) for point in ring]
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        raise unknown from None


def _ring(told: Any) -> list[Any]:
    """The one ring of a geometry, a feature, a collection of one feature, or of bare coordinates."""
    if isinstance(told, dict):
        kind = told["type"]
        if kind == "FeatureCollection":
            (feature,) = told["features"]
            return _ring(feature)
        if kind == "Feature":
            return _ring(told["geometry"])
        (ring,) = {"Polygon": told["coordinates"]}[kind]
        return list(ring)
    if isinstance(told[0][0], list):
        (told,) = told
    return list(told)


def _degree(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise TypeError
    return float(told)


def _without_repetitions(points: list[Point]) -> list[Point]:
    kept = [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def _too_many(count: int) -> BadOutline:
    return BadOutline(_(
        "An outline has at most %(most)s points; here are %(count)s. Leave out those that change little.",
        most=MOST_POINTS, count=count,
    ))


def _place(lon: float, lat: float) -> str:
    return f"{lat:.5g}, {lon:.5g}"


def _short(degrees: float) -> str:
    return f"{degrees:.{DIGITS}f}".rstrip("0").rstrip(".")
