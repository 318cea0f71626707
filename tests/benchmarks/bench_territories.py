"""Who serves a place among 1,000 dealers with 4,000 areas: `make bench ARGS=tests/benchmarks/bench_territories.py`.

The baseline, measured in turn in the same run, is what was asked when a territory was a region: one indexed column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from app.kernel.ids import HQ, TenantId
from blueprints.routing import candidates, rules
from blueprints.routing.territories.survey import survey
from tenants.models import City
from tests.factories import plenty
from tests.house import House

DEALERS, ROUNDS = 1_000, 100
AREAS = sa.text("SELECT owner_id, kind, id FROM network.areas_at(:city_id, :region_code, :lat, :lon)")
CORNERS = 60
BASELINE = sa.text("SELECT owner_id, kind, id FROM network.territories WHERE shape = 'region' AND ended_at IS NULL"
                   " AND region_code = :region")


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1_000


def give_areas(house: House) -> None:
    """Each dealer has a town, a circle of 50 to 300 km and an outline of sixty corners, beside his region."""
    chance = Random(3)
    cities = house.rows("SELECT id, lat, lon FROM network.cities ORDER BY population DESC")
    with house.speaking(hq()):
        for (owner_id,) in house.rows("SELECT id FROM network.tenants WHERE kind = 'dealer'"):
            city_id, lat, lon = cities[min(len(cities) - 1, int(chance.expovariate(1 / 150)))]
            ring = [(lon + chance.uniform(1, 3) * x, lat + chance.uniform(0.5, 2) * y) for x, y in _circle()]
            outline = "(" + ",".join(f"({x},{y})" for x, y in ring) + ")"
            db.session.execute(
                sa.text(
                    "INSERT INTO network.territories (owner_id, shape, kind, city_id, lat, lon, radius_km, outline)"
                    " VALUES"
                    " (:o, 'city', 'shared', :c, NULL, NULL, NULL, NULL),"
                    " (:o, 'circle', 'primary', NULL, :lat, :lon, :km, NULL),"
                    " (:o, 'polygon', 'shared', NULL, NULL, NULL, NULL, CAST(:outline AS polygon))"
                ),
                {"o": owner_id, "c": city_id, "lat": lat, "lon": lon, "km": chance.randint(50, 300), "outline": outline}
            )


def areas_at(demand: rules.Demand) -> Sequence[Any]:
    """What the database tells of a place."""
    return db.session.execute(AREAS, vars_of(demand)).all()


def vars_of(demand: rules.Demand) -> dict[str, Any]:
    """Where the customer is, as the statement names it."""
    return {name: getattr(demand, name) for name in ("city_id", "region_code", "lat", "lon")}


def _circle() -> list[tuple[float, float]]:
    from math import cos, sin, tau

    return [(cos(tau * step / CORNERS), sin(tau * step / CORNERS)) for step in range(CORNERS)]


def test_who_serves_a_place(house: House) -> None:
    """Print the medians, and what a look at the whole country costs HQ."""
    plenty.fill_tenants(house, DEALERS + 1)
    give_areas(house)
    profile, chance = rules.DEFAULT_PROFILE, Random(1)
    with house.speaking(network_worker()):
        db.session.execute(sa.text("SELECT 1"))
        cities = db.session.scalars(sa.select(City).order_by(City.population.desc()).limit(200)).all()
        rounds, held = [], []
        for _round in range(ROUNDS):
            city = chance.choice(cities)
            demand = rules.Demand(
                "lead", TenantId(HQ), now(), lat=city.lat, lon=city.lon, region_code=city.region_code, city_id=city.id
            )
            asked = {"region": city.region_code}
            rounds.append((
                milliseconds(lambda demand=demand: held.append(len(areas_at(demand)))),
                milliseconds(lambda asked=asked: db.session.execute(BASELINE, asked).all()),
                milliseconds(lambda demand=demand: candidates.candidates_for(demand, profile)),
            ))
    grounds, baseline, whole = (median(column) for column in zip(*rounds, strict=True))
    with house.speaking(hq()):
        looking = median(milliseconds(lambda: survey(now())) for _round in range(5))
    print(f"\nareas of a place, {DEALERS} dealers, {4 * DEALERS} areas: {grounds:.2f} ms median of {ROUNDS},"
          f" {median(held):.0f} dealers there; by region alone {baseline:.2f} ms, ratio {grounds / baseline:.1f}")
    print(f"all candidates with their areas: {whole:.2f} ms; HQ's look at the country: {looking:.0f} ms")
    house.clean()
    plenty.empty(house)
    assert max(held) > 1
