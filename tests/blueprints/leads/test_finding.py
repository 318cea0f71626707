"""Goods others named become products where one is meant; they rank dealers by stock, and nothing is kept for them."""

from __future__ import annotations

import pytest

from app.kernel.clock import frozen, now
from app.kernel.db import db
from app.kernel.identity import network_worker
from blueprints.catalog.models import Product
from blueprints.leads import service
from blueprints.leads.finding import find_goods
from blueprints.leads.intake import Asking, take
from blueprints.leads.queries import Contact
from blueprints.routing import queries as routing_queries
from blueprints.routing import rules
from blueprints.routing import service as routing
from tests.factories.leads import KAZAN_CITY, MORNING, add_products, give_stock, levels, the_lead
from tests.factories.routing import put_in_force
from tests.house import HQ, KAZAN, SIBIR, House


@pytest.fixture
def goods(house: House) -> dict[str, int]:
    """Products by article number: one called with a comma and «ё», two called alike, a hidden one."""
    told = [
        ("BL-24", "Котёл «Ясень», белый", "Boiler Ash, white", "published"), ("TW-1", "Тройник", "Tee", "published"),
        ("TW-2", "Тройник", "Tee", "published"), ("OLD-1", "Снятый насос", None, "hidden"),
    ]
    with house.speaking(HQ):
        rows = [
            Product(owner_id=HQ, external_id=sku, sku=sku, slug=sku, name_ru=ru, name_en=en, state=state)
            for sku, ru, en, state in told
        ]
        db.session.add_all(rows)
        db.session.flush()
        return {row.sku: row.id for row in rows}


@pytest.mark.parametrize(
    ("text", "found", "strange"),
    [
        ("BL-24 x 2; TW-1", {"BL-24": 2, "TW-1": 1}, []),
        ("bl-24 х3, TW-2", {"BL-24": 3, "TW-2": 1}, []),
        ("котел «ясень», белый × 4", {"BL-24": 4}, []),
        ("Boiler Ash, white\nTW-1 x 2\nTW-1", {"BL-24": 1, "TW-1": 3}, []),
        ("TW-1, Котёл «Ясень», белый", {"TW-1": 1}, ["Котёл", "«Ясень»", "белый"]),
        ("Тройник", {}, ["Тройник"]),
        ("Снятый насос; OLD-1", {}, ["Снятый", "насос", "OLD-1"]),
        ("100% _котёл_", {}, ["100%", "_котёл_"]),
        ("", {}, []),
        (" ; ;\n", {}, []),
    ],
)
def test_goods_are_found_by_number_and_by_exact_name_of_one(
    house: House, goods: dict[str, int], text: str, found: dict[str, int], strange: list[str]
) -> None:
    with house.speaking(HQ):
        lines, unknown = find_goods(text, now())
    assert {line["sku"]: line["quantity"] for line in lines} == found
    assert [line["product_id"] for line in lines] == [goods[line["sku"]] for line in lines]
    assert unknown == strange


def wish(house: House, owner: str, text: str) -> str:
    with house.speaking(owner):
        lines, _strange = find_goods(text, MORNING)
        asking = Asking(
            kind="quote", source="mail", contact=Contact("Анна", None, "+79160000001", None, None), lines=lines,
            city_id=KAZAN_CITY,
        )
        return str(take(asking, at=MORNING).lead.id)


def test_a_wish_goes_to_who_has_the_goods_first_and_shuts_nobody_out(house: House) -> None:
    (pump,) = add_products(house, 1)
    give_stock(house, SIBIR, {pump: 2}, MORNING)
    lead_id = wish(house, HQ, "SKU-1 x 2")
    profile = rules.Profile.from_dict({
        "id": "p", "version": 1, "strategies": [{"name": "all", "criteria": [{"code": "stock_now"}]}],
    })
    with house.speaking(network_worker()):
        demand = routing_queries.demand_of(the_lead(HQ, lead_id), MORNING)  # type: ignore[arg-type]
        assert demand.is_wish and demand.lines == (rules.Line(pump, 2),)
        decision = rules.decide(demand, routing.candidates_for(demand, profile), profile)
    assert [(one.dealer_id, one.verdicts[0].reason) for one in decision.ranking] == [
        (SIBIR, "stock_now.all"), (KAZAN, "stock_now.none"),
    ]


def test_nothing_is_kept_for_a_wish(house: House) -> None:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    lead_id = wish(house, HQ, "SKU-1 x 9")
    with frozen(MORNING), house.speaking(network_worker()):
        assert routing.route(owner_id=HQ, lead_id=lead_id, at=MORNING) == KAZAN  # type: ignore[arg-type]
    with frozen(MORNING), house.speaking(KAZAN):
        service.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")  # type: ignore[arg-type]
    wish(house, SIBIR, "SKU-1 x 2")
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 0)})


def test_several_who_are_asked_about_a_wish_are_not_told_that_they_lack_the_goods(house: House) -> None:
    (pump,) = add_products(house, 1)
    give_stock(house, SIBIR, {pump: 1}, MORNING)
    put_in_force(house, "broadcast")
    lead_id = wish(house, HQ, "SKU-1 x 2")
    with frozen(MORNING), house.speaking(network_worker()):
        routing.route(owner_id=HQ, lead_id=lead_id, at=MORNING)  # type: ignore[arg-type]
    assert sorted(house.rows("SELECT dealer_id FROM network.lead_offers")) == [(KAZAN,), (SIBIR,)]
    assert house.scalar("SELECT count(*) FROM network.lead_events WHERE data ? 'missing'") == 0
    with frozen(MORNING), house.speaking(KAZAN):
        service.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")  # type: ignore[arg-type]
    assert levels(house, SIBIR) == {pump: (1, 0)}
