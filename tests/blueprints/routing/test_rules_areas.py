"""What areas hold, where they meet, and which outlines are none."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as some

from blueprints.routing.rules.areas import Area, Town, conflicts, cover, crossings, is_shared, served
from blueprints.routing.rules.outlines import BadOutline, checked, read_outline, write_outline
from tests.house import HQ, KAZAN, SIBIR, House

MOSCOW, KALUGA, TVER = (
    Town(1, "77", 55.7558, 37.6173, 13_000_000), Town(2, "40", 54.5293, 36.2754, 330_000),
    Town(3, "69", 56.8584, 35.9006, 400_000),
)
TOWNS = (MOSCOW, KALUGA, TVER)
BOX = ((36.0, 54.0), (38.5, 54.0), (38.5, 56.0), (36.0, 56.0))


def area(number: int, dealer: str = KAZAN, kind: str = "primary", **where: object) -> Area:
    return Area(number, dealer, kind, **where)  # type: ignore[arg-type]


def test_areas_of_every_shape_hold_their_towns() -> None:
    areas = [
        area(1, shape="region", region_code="40"), area(2, shape="city", city_id=3),
        area(3, shape="circle", lat=54.53, lon=36.28, radius_km=170), area(4, shape="polygon", outline=BOX),
    ]
    assert cover(areas, TOWNS) == {
        1: frozenset({2}), 2: frozenset({3}), 3: frozenset({1, 2}), 4: frozenset({1, 2}),
    }


def test_best_area_of_each_working_dealer_serves_a_town() -> None:
    areas = [
        area(1, shape="polygon", kind="shared", outline=BOX), area(2, kind="exclusive", shape="city", city_id=1),
        area(3, SIBIR, shape="city", city_id=1), area(4, HQ, shape="city", city_id=1, is_working=False),
    ]
    found = served(areas, cover(areas, TOWNS))
    assert {town: [one.number for one in of_town] for town, of_town in found.items()} == {1: [2, 3], 2: [1]}


def test_two_exclusive_dealers_in_one_town_contradict() -> None:
    areas = [
        area(1, kind="exclusive", shape="polygon", outline=BOX), area(2, SIBIR, "exclusive", shape="city", city_id=2),
        area(3, kind="exclusive", shape="city", city_id=2), area(4, SIBIR, "exclusive", shape="city", city_id=3),
    ]
    found = conflicts(areas, cover(areas, TOWNS))
    assert [(each.one.number, each.other.number, each.towns) for each in found] == [
        (1, 2, frozenset({2})), (2, 3, frozenset({2})),
    ]


BOILERS, PUMPS = frozenset({1, 11}), frozenset({2})


def test_exclusive_rights_for_other_goods_do_not_contradict() -> None:
    areas = [
        area(1, kind="exclusive", shape="city", city_id=1, goods=BOILERS),
        area(2, SIBIR, "exclusive", shape="city", city_id=1, goods=PUMPS),
        area(3, HQ, "exclusive", shape="city", city_id=1, goods=frozenset({11})),
    ]
    found = conflicts(areas, cover(areas, TOWNS))
    assert [(each.one.number, each.other.number) for each in found] == [(1, 3)]


def test_town_is_shared_where_dealers_serve_it_for_the_same_goods() -> None:
    boilers, pumps, also_pumps, everything = (
        area(number, dealer, shape="city", city_id=1, goods=goods)
        for number, (dealer, goods) in enumerate(
            [(KAZAN, BOILERS), (SIBIR, PUMPS), (KAZAN, PUMPS), (HQ, None)], start=1
        )
    )
    assert [is_shared(each) for each in ([boilers, pumps], [boilers, also_pumps, pumps], [boilers, everything])] == [
        False, True, True,
    ]
    found = served([boilers, pumps, also_pumps], cover([boilers, pumps, also_pumps], TOWNS))
    assert [one.number for one in found[1]] == [1, 2, 3]


def test_crossings_are_where_different_dealers_meet_for_the_same_goods() -> None:
    square = ((36.0, 54.0), (38.0, 54.0), (38.0, 56.0), (36.0, 56.0))
    right = ((37.0, 55.0), (39.0, 55.0), (39.0, 57.0), (37.0, 57.0))
    one, other = area(1, shape="polygon", outline=square), area(2, SIBIR, shape="polygon", outline=right)
    (ring,) = crossings([one, other])
    assert set(ring) == {(37.0, 55.0), (38.0, 55.0), (38.0, 56.0), (37.0, 56.0)}
    assert crossings([one, area(2, shape="polygon", outline=right)]) == []
    assert crossings([replace(one, goods=BOILERS), replace(other, goods=PUMPS)]) == crossings([]) == []


def test_circle_is_drawn_as_far_as_it_reaches() -> None:
    """Its drawn edge and the towns it holds are told by the same kilometres."""
    circle = area(1, shape="circle", lat=60.0, lon=30.0, radius_km=100)
    (ring,) = crossings([circle, area(2, SIBIR, shape="circle", lat=60.0, lon=30.0, radius_km=100)])
    edge = [Town(number, "47", lat, lon, 1) for number, (lon, lat) in enumerate(ring)]
    reach = {km: cover([area(1, shape="circle", lat=60.0, lon=30.0, radius_km=km)], edge)[1] for km in (99, 101)}
    assert (len(reach[99]), len(reach[101])) == (0, len(ring))


@pytest.mark.parametrize(
    "text",
    [
        "54, 36\n54, 38.5\n56, 38.5\n56, 36", "54 36; 54 38.5; 56 38.5; 56 36; 54 36",
        "54.0°, 36\n\n54,38.5\n56,38.5\n56,36\n",
        json.dumps([[*map(list, BOX), list(BOX[0])]]), json.dumps(list(map(list, BOX))),
        json.dumps({"type": "Polygon", "coordinates": [list(map(list, BOX))]}),
        json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [list(map(list, BOX))]}}
        ]}),
    ],
)
def test_outline_is_read_as_people_write_and_paste_it(text: str) -> None:
    assert read_outline(text) == BOX
    assert read_outline(write_outline(BOX)) == BOX


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 0;1 1;0 1;1 0", "The outline crosses itself at 0.5, 0.5."),
        ("0 0;0 2;1 1;2 2;2 0;1 1", "The outline crosses itself at 1, 1."),
        ("0 0;1 1;2 2", "The points lie on one line and hold no ground."),
        ("0 0;0 0;0 0", "An outline needs at least three points; here are 1."),
        ("[[NaN, 1], [2, 2], [3, 1]]", "There is no such place on earth: 1, nan."),
        (f"[[1{'0' * 400}, 1], [2, 2], [3, 1]]", "This is not an outline in GeoJSON"),
        ("[" * 50_000, "This is not an outline in GeoJSON"),
        ("1 1;" * 30_000, "An outline has at most 500 points"),
        ('{"type": "MultiPolygon", "coordinates": []}', "This is not an outline in GeoJSON"),
        ("54, 36\n54, x38", "Line 2 is not a point."),
    ],
)
def test_bad_outline_ends_in_a_sentence(apps: dict[str, Flask], text: str, said: str) -> None:
    with apps["web"].app_context(), force_locale("en"), pytest.raises(BadOutline) as told:
        read_outline(text)
    assert (told.value.field, said in told.value.sentence) == ("points", True)


@given(some.text(max_size=300))
@settings(max_examples=300)
def test_whatever_is_pasted_is_an_outline_or_refused(apps: dict[str, Flask], text: str) -> None:
    with apps["web"].app_context(), force_locale("en"):
        for told in (text, f"[{text}", f"{{{text}"):
            try:
                assert len(read_outline(told)) >= 3
            except BadOutline as refusal:
                assert refusal.sentence


def test_database_and_rules_agree_on_what_an_area_holds(house: House) -> None:
    chance = Random(5)
    cities = house.rows("SELECT id, region_code, lat, lon, population FROM network.cities")
    towns = [Town(*row) for row in cities]  # type: ignore[arg-type]
    areas = [_random(number, chance, towns) for number in range(1, 121)]
    for one in areas:
        outline = one.outline and "(" + ",".join(f"({lon},{lat})" for lon, lat in one.outline) + ")"
        house.rows(
            "INSERT INTO network.territories (owner_id, id, shape, region_code, city_id, lat, lon, radius_km, outline)"
            f" OVERRIDING SYSTEM VALUE VALUES ('{SIBIR}', {90_000 + one.number}, %(shape)s, %(region)s, %(city)s,"
            " %(lat)s, %(lon)s, %(km)s, %(outline)s::polygon) RETURNING 1",
            shape=one.shape, region=one.region_code, city=one.city_id, lat=one.lat, lon=one.lon, km=one.radius_km,
            outline=outline,
        )
    held = house.rows(
        "SELECT a.id - 90000, array_agg(c.id) FROM network.cities c"
        " CROSS JOIN LATERAL network.areas_at(c.id, c.region_code, c.lat, c.lon) a WHERE a.id > 90000 GROUP BY 1"
    )
    expected = {number: found for number, found in cover(areas, towns).items() if found}
    assert {number: frozenset(found) for number, found in held} == expected  # type: ignore[arg-type,misc]
    assert len(expected) > 60


def _random(number: int, chance: Random, towns: list[Town]) -> Area:
    town = towns[number]
    if number % 10 == 0:
        return area(number, shape="city", city_id=town.id)
    if number % 2:
        lat, radius = town.lat + chance.random(), chance.randint(1, 1000)
        return area(number, shape="circle", lat=lat, lon=town.lon, radius_km=radius)
    corners = [(town.lon + chance.uniform(-5, 5), town.lat + chance.uniform(-3, 3)) for _ in range(3)]
    return area(number, shape="polygon", outline=checked(corners))
