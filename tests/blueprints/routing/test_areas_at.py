"""Who serves a place, as the database tells it: areas of every shape, and that they never change."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.types.json import Json

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from app.kernel.ids import HQ, ProductId, TenantId
from blueprints.catalog.models import Category, Product
from blueprints.routing import rules
from blueprints.routing.candidates import candidates_for
from blueprints.routing.fairness import fairness_of
from blueprints.routing.territories.queries import area_names
from tenants.models import City, Territory
from tests.house import KAZAN, SIBIR, House

SAMARA, OREL = 499099, 514734
AROUND_SAMARA = ((49.0, 52.5), (51.5, 52.5), (51.5, 54.0), (49.0, 54.0))


def draw(house: House, owner_id: str, shape: str, kind: str = "shared", **more: Any) -> int:
    """An area of a dealer, drawn by HQ; its number."""
    with house.speaking(hq()):
        area = Territory(owner_id=owner_id, shape=shape, kind=kind, **more)
        db.session.add(area)
        db.session.flush()
        return area.id


def candidates(house: House, city_id: int) -> dict[str, rules.Candidate]:
    """Dealers as routing sees them for a lead from a city."""
    with house.speaking(network_worker()):
        city = db.session.get_one(City, city_id)
        demand = rules.Demand(
            "lead", TenantId(HQ), now(), lat=city.lat, lon=city.lon, region_code=city.region_code, city_id=city_id
        )
        return {each.dealer_id: each for each in candidates_for(demand, rules.DEFAULT_PROFILE)}


@pytest.mark.parametrize(
    ("shape", "more"),
    [
        ("city", {"city_id": SAMARA}),
        ("circle", {"lat": 53.2, "lon": 50.15, "radius_km": 30}),
        ("polygon", {"outline": AROUND_SAMARA}),
        ("region", {"region_code": "65"}),
    ],
)
def test_area_of_any_shape_holds_the_place_in_it_and_no_other(house: House, shape: str, more: dict[str, Any]) -> None:
    number = draw(house, SIBIR, shape, "primary", **more)
    assert candidates(house, SAMARA)[SIBIR].territory == rules.Ground("primary", number)
    assert candidates(house, SAMARA)[KAZAN].territory is None
    assert candidates(house, OREL)[SIBIR].territory is None


def test_best_kind_counts_and_an_exclusive_one_shuts_out_the_others(house: House) -> None:
    draw(house, SIBIR, "circle", "shared", lat=53.2, lon=50.15, radius_km=300)
    number = draw(house, SIBIR, "city", "exclusive", city_id=SAMARA)
    draw(house, KAZAN, "city", "primary", city_id=SAMARA)
    found = candidates(house, SAMARA)
    assert found[SIBIR].territory == rules.Ground("exclusive", number)
    assert (found[SIBIR].is_shut_out, found[KAZAN].is_shut_out) == (False, True)
    house.rows("UPDATE network.tenants SET state = 'suspended' WHERE id = 't_000003' RETURNING 1")
    assert candidates(house, SAMARA)[KAZAN].is_shut_out is False


def group_of(house: House, path: str) -> int:
    """A category of the master catalogue under that chain of names, made by HQ."""
    with house.speaking(hq()):
        above = ""
        for name in path.split("/"):
            one = db.session.scalar(sa.select(Category).where(Category.external_id == name))
            if one is None:
                one = Category(owner_id=HQ, external_id=name, slug=name, name_ru=name, path="")
                db.session.add(one)
                db.session.flush()
                one.path = f"{above}{one.id}."
            above = one.path
        return one.id


def wanted(house: House, city_id: int, *groups: int) -> dict[str, rules.Candidate]:
    """Dealers as routing sees them for an order of a product of each group."""
    with house.speaking(hq()):
        products = [
            Product(owner_id=HQ, external_id=f"p{one}", sku=f"p{one}", slug=f"p{one}", name_ru="x", category_id=one)
            for one in groups
        ]
        db.session.add_all(products)
        db.session.flush()
        lines = tuple(rules.Line(ProductId(one.id), 1) for one in products)
    with house.speaking(network_worker()):
        city = db.session.get_one(City, city_id)
        demand = rules.Demand(
            "lead", TenantId(HQ), now(), lat=city.lat, lon=city.lon, region_code=city.region_code, city_id=city_id,
            lines=lines,
        )
        return {each.dealer_id: each for each in candidates_for(demand, rules.DEFAULT_PROFILE)}


def test_area_for_some_goods_holds_for_these_and_what_is_below_them(house: House) -> None:
    heating, boilers, taps = (group_of(house, path) for path in ("heating", "heating/boilers", "taps"))
    number = draw(house, SIBIR, "city", "exclusive", city_id=SAMARA, category_ids=[heating])
    draw(house, KAZAN, "city", "primary", city_id=SAMARA)
    found = wanted(house, SAMARA, boilers)
    assert found[SIBIR].territory == rules.Ground("exclusive", number)
    assert (found[SIBIR].is_shut_out, found[KAZAN].is_shut_out) == (False, True)
    for other in (wanted(house, SAMARA, taps), candidates(house, SAMARA)):
        assert other[SIBIR].territory == rules.Ground("exclusive", number, is_for_goods=False)
        assert other[KAZAN].is_shut_out is False


def test_area_for_all_goods_counts_before_a_stronger_one_for_others(house: House) -> None:
    taps = group_of(house, "taps")
    draw(house, SIBIR, "city", "exclusive", city_id=SAMARA, category_ids=[taps])
    number = draw(house, SIBIR, "circle", "shared", lat=53.2, lon=50.15, radius_km=30)
    assert candidates(house, SAMARA)[SIBIR].territory == rules.Ground("shared", number)


def test_ended_area_holds_nothing_and_keeps_its_name_for_those_who_may_see_it(house: House) -> None:
    number = draw(house, SIBIR, "circle", city_id=SAMARA, lat=53.2, lon=50.15, radius_km=50)
    with house.speaking(hq()):
        ended = sa.update(Territory).where(Territory.id == number).values(ended_at=now(), ended_by="staff:x")
        db.session.execute(ended)
    assert candidates(house, SAMARA)[SIBIR].territory is None
    with house.speaking(SIBIR):
        assert area_names({number}) == {number: "Самара и 50 км вокруг"}
    with house.speaking(KAZAN):
        assert area_names({number}) == {}


def test_dealer_reads_of_leads_that_passed_him_by_in_any_area_of_his(house: House) -> None:
    lead_id = uuid.uuid4()
    house.rows(
        "INSERT INTO network.leads (owner_id, id, number, assignee_id, visible_to, source, city_id, region_code,"
        " value_minor, state) VALUES (%(hq)s, %(lead)s, '1-1', %(kazan)s, '{}', 'brand_site', %(city)s, '65', 1, 'new')"
        " RETURNING 1", hq=HQ, lead=lead_id, kazan=KAZAN, city=SAMARA,
    )
    explanation = (
        '{"reason": "decision.chosen", "marks": ["distance.km"], "ranked": 2,'
        ' "lines": {"t_000003": "2a50,700", "t_000002": "1a90,300"}}'
    )
    house.rows(
        "INSERT INTO network.routing_runs (owner_id, lead_id, id, profile_id, profile_version, chosen_id, explanation,"
        " at) VALUES (%(hq)s, %(lead)s, %(lead)s, %(lead)s, 1, %(kazan)s, %(told)s::jsonb, now()) RETURNING 1",
        hq=HQ, lead=lead_id, kazan=KAZAN, told=explanation,
    )
    with house.speaking(SIBIR):
        assert list(fairness_of(days=30, at=now()).passed) == []
    draw(house, SIBIR, "circle", lat=53.2, lon=50.15, radius_km=30)
    with house.speaking(SIBIR):
        (one,) = fairness_of(days=30, at=now()).passed
        assert (one.city_id, one.told.rank) == (SAMARA, 2)


def test_leads_of_a_dealers_own_ground_are_those_of_his_goods(house: House) -> None:
    heating, boilers, taps = (group_of(house, path) for path in ("heating", "heating/boilers", "taps"))
    draw(house, SIBIR, "city", city_id=SAMARA, category_ids=[heating])
    wanted(house, SAMARA, boilers, taps)
    products = dict(house.rows("SELECT category_id, id FROM network.products"))
    for lines in ([{"product_id": products[boilers]}], [{"product_id": products[taps]}], [{"name_ru": "x"}], []):
        house.rows(
            "INSERT INTO network.leads (owner_id, id, number, visible_to, source, city_id, region_code, value_minor,"
            " state, lines) VALUES (%(hq)s, gen_random_uuid(), '1-1', '{}', 'brand_site', %(city)s, '65', 7, 'new',"
            " %(lines)s) RETURNING 1", hq=HQ, city=SAMARA, lines=Json(lines),
        )
    seen = sa.text("SELECT count(*) FROM network.leads_of_my_ground(now() - interval '1 day', 100)")
    with house.speaking(SIBIR):
        assert db.session.scalar(seen) == 1
    draw(house, SIBIR, "circle", lat=53.2, lon=50.15, radius_km=30)
    with house.speaking(SIBIR):
        assert db.session.scalar(seen) == 4


def test_area_never_changes(house: House) -> None:
    number = draw(house, SIBIR, "city", city_id=SAMARA)
    for change in ("kind = 'exclusive'", "radius_km = 5", "note = 'x'", "category_ids = '{1}'"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            house.rows(f"UPDATE network.territories SET {change} WHERE id = {number} RETURNING 1")
    house.rows(f"UPDATE network.territories SET ended_at = now() WHERE id = {number} RETURNING 1")
    with pytest.raises(psycopg.errors.RestrictViolation):
        house.rows(f"UPDATE network.territories SET ended_at = NULL WHERE id = {number} RETURNING 1")
