"""What other programs read of parts of an order and of points of pick-up, and how they hand leads on and answer HQ."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from app.kernel.clock import now
from app.kernel.identity import network_worker
from blueprints.integrations.onec import orders as onec
from blueprints.leads import service as leads
from blueprints.orders.service import place_order
from blueprints.routing import service as routing
from tests.blueprints.integrations.api.conftest import Machine
from tests.blueprints.integrations.api.test_api_leads import offered
from tests.blueprints.orders.shelf import draft, fill_shelf
from tests.blueprints.routing.test_splitting import allow
from tests.factories.leads import add_products, give_stock, the_lead
from tests.house import HQ, KAZAN, SIBIR, House

Machines = Callable[..., Machine]
POINT = {"dealer_id": KAZAN, "id": "main", "name": "Тепло Казань", "address": "ул. Баумана, 1", "hours": "9–18"}


@pytest.fixture
def divided(house: House) -> uuid.UUID:
    """An order on HQ's site, two boilers from Kazan and a pump from Novosibirsk; answers its id."""
    boiler, pump = fill_shelf(house)
    give_stock(house, KAZAN, {boiler: 5})
    give_stock(house, SIBIR, {pump: 5})
    allow(house, max_split=2)
    with house.speaking(HQ):
        order = place_order(draft=draft((boiler, 2), (pump, 1)), at=now())
        order_id, lead_id = order.id, order.lead_id
        assert lead_id
    with house.speaking(network_worker()):
        assert routing.route(owner_id=HQ, lead_id=lead_id, at=now()) == KAZAN
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    return order_id


def test_an_order_tells_its_parts_and_who_serves_them(
    house: House, machine: Machines, divided: uuid.UUID
) -> None:
    caller = machine(HQ)
    order = caller.get(f"/orders/{divided}").get_json()
    parts = [(one["number"], one["part"], one["state"], one["dealer"]) for one in order["parts"]]
    number = order["number"]
    assert parts == [(number, 1, "accepted", "teplo-kazan"), (f"{number}/2", 2, "offered", None)]
    assert sum(one["value"]["minor"] for one in order["parts"]) == order["goods"]["minor"]
    assert caller.get("/orders").get_json()["items"] == [order]


def test_leads_name_their_part_and_those_of_others_only_to_their_owner(
    house: House, machine: Machines, divided: uuid.UUID
) -> None:
    seen = {}
    for tenant in (HQ, KAZAN, SIBIR):
        items = machine(tenant).get("/leads").get_json()["items"]
        seen[tenant] = sorted((one["part"], [other["part"] for other in one["other_parts"]]) for one in items)
    assert seen == {HQ: [(1, [2]), (2, [1])], KAZAN: [(1, [])], SIBIR: [(2, [])]}


def test_a_point_of_pick_up_is_told(house: House, machine: Machines) -> None:
    boiler, _pump = fill_shelf(house)
    give_stock(house, KAZAN, {boiler: 5})
    with house.speaking(HQ):
        fetched = replace(draft((boiler, 1)), delivery_method="pickup", pickup=POINT)
        order_id = place_order(draft=fetched, at=now()).id
    caller, told = machine(HQ), {key: POINT[key] for key in ("name", "address", "hours")}
    assert caller.get(f"/orders/{order_id}").get_json()["pickup"] == told
    assert caller.get("/leads").get_json()["items"][0]["pickup"] == told
    assert ("Пункт самовывоза", "Тепло Казань, ул. Баумана, 1") in requisites(house)


def test_1c_reads_the_parts_and_reads_anew_what_was_divided_since(house: House, divided: uuid.UUID) -> None:
    with house.speaking(HQ):
        onec.confirm([divided], now())
    assert requisites(house) == []
    house.scalar(f"UPDATE {HQ}.orders SET exchanged_at = exchanged_at - interval '1 day' RETURNING id")
    told = dict(requisites(house))
    assert told["Частей заказа"] == "2"
    assert told["Часть 1"].endswith(" × 2; Тепло Казань") and told["Часть 2"].endswith(" × 1; дилер ещё не найден")


def requisites(house: House) -> list[tuple[str, str]]:
    """What the file for 1C says of the orders that wait."""
    with house.speaking(HQ):
        root = etree.fromstring(onec.document(onec.waiting_orders(now()), at=now(), zone="Europe/Moscow"))
    found = root.iterfind("Документ/ЗначенияРеквизитов/ЗначениеРеквизита")
    return [(one.findtext("Наименование") or "", one.findtext("Значение") or "") for one in found]


def test_a_lead_is_handed_on_to_a_branch(house: House, machine: Machines) -> None:
    products = add_products(house)
    give_stock(house, KAZAN, dict.fromkeys(products, 5))
    lead_id, caller = offered(house, products), machine()
    assert "handing" not in caller.get(f"/leads/{lead_id}").get_json()["next_steps"]
    house.scalar(
        "UPDATE network.tenants SET parent_id = %(parent)s WHERE id = %(id)s RETURNING id", parent=KAZAN, id=SIBIR
    )
    assert caller.get("/branches").get_json()["items"] == [{"slug": "sibir", "name": "Сибирь Тепло"}]
    assert caller.get(f"/leads/{lead_id}").get_json()["next_steps"] == ["acceptance", "refusal", "handing"]
    wrong = caller.post(f"/leads/{lead_id}/handing", json={"dealer": "kazan", "note": "Ближе"})
    assert (wrong.status_code, wrong.get_json()["field"]) == (422, "dealer")
    body: dict[str, Any] = {"dealer": "sibir", "note": "Вы ближе"}
    assert caller.post(f"/leads/{lead_id}/handing", json=body, key="h").status_code == 201
    assert caller.post(f"/leads/{lead_id}/handing", json=body, key="h").headers["Idempotent-Replayed"] == "true"
    house.work()
    assert machine(SIBIR).get(f"/leads/{lead_id}").get_json()["state"] == "offered"


@pytest.mark.parametrize(("answer", "body", "state"), [
    ("agreement", None, "won"), ("objection", {"words": "Он не пришёл"}, "lost"),
])
def test_a_program_answers_hqs_question(
    house: House, machine: Machines, answer: str, body: dict[str, str] | None, state: str
) -> None:
    products = add_products(house)
    lead_id, caller = offered(house, products), machine()
    caller.post(f"/leads/{lead_id}/acceptance")
    caller.post(f"/leads/{lead_id}/loss", json={"reason": "price"})
    early = caller.post(f"/leads/{lead_id}/{answer}", json=body)
    assert early.status_code == 409
    house.scalar("UPDATE network.leads SET contradiction = 'lost_but_bought', questioned_at = now(),"
               " customer_bought = true, customer_contacted = true, customer_value_minor = 700000 RETURNING id")
    asked = caller.get(f"/leads/{lead_id}").get_json()
    assert asked["next_steps"] == ["agreement", "objection"]
    assert (asked["question"]["code"], asked["question"]["value_minor"]) == ("lost_but_bought", 700_000)
    told = caller.post(f"/leads/{lead_id}/{answer}", json=body)
    assert (told.status_code, told.get_json()["state"], told.get_json()["question"]) == (201, state, None)
