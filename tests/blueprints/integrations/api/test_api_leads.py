"""The API's orders and leads, and calls that are repeated."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import network_worker
from blueprints.leads.models import LeadOffer
from tests.blueprints.integrations.api.conftest import Machine
from tests.factories.leads import add_products, give_stock, levels, open_lead, the_lead
from tests.house import HQ, KAZAN, SIBIR, House

Machines = Callable[..., Machine]
NEW: dict[str, Any] = {
    "kind": "order", "customer": {"name": "Анна Ковалёва", "phone": "+79161234567"},
    "lines": [{"sku": "SKU-1", "quantity": 2}],
}


@pytest.fixture
def products(house: House) -> list[int]:
    """Two pumps, five of each at Kazan."""
    found = add_products(house)
    give_stock(house, KAZAN, dict.fromkeys(found, 5))
    return found


def offered(house: House, products: list[int], dealer: str = KAZAN) -> uuid.UUID:
    """A lead of HQ that is offered to the dealer."""
    lead_id = open_lead(house, HQ, {products[0]: 1})
    until = now() + timedelta(hours=1)
    with house.speaking(network_worker()):
        lead = the_lead(HQ, lead_id)
        lead.state, lead.assignee_id, lead.visible_to = "offered", dealer, [dealer]
        lead.offered_at, lead.deadline_at, lead.rounds = now(), until, 1
        db.session.add(LeadOffer(
            owner_id=HQ, lead_id=lead_id, round=1, dealer_id=dealer, state="offered", offered_at=now(),
            deadline_at=until,
        ))
    return lead_id


def test_an_offered_lead_is_taken_shipped_and_delivered(
    house: House, products: list[int], machine: Machines
) -> None:
    lead_id, caller = offered(house, products), machine()
    before = caller.get(f"/leads/{lead_id}").get_json()
    assert (before["state"], before["contact"], before["next_steps"]) == ("offered", None, ["acceptance", "refusal"])
    taken = caller.post(f"/leads/{lead_id}/acceptance")
    assert (taken.status_code, taken.get_json()["state"]) == (201, "accepted")
    assert caller.post(f"/leads/{lead_id}/shipment").get_json()["shipped_at"]
    assert caller.post(f"/leads/{lead_id}/delivery").get_json()["state"] == "won"
    again = caller.post(f"/leads/{lead_id}/delivery", language="en")
    assert (again.status_code, again.get_json()["message"]) == (
        409, "This cannot be done now: the lead stands at “Delivered”.",
    )


def test_a_lead_is_declined_with_a_reason(house: House, products: list[int], machine: Machines) -> None:
    lead_id, caller = offered(house, products), machine()
    wrong = caller.post(f"/leads/{lead_id}/refusal", json={"reason": "mood"})
    assert (wrong.status_code, wrong.get_json()["field"]) == (422, "reason")
    assert caller.post(f"/leads/{lead_id}/refusal", json={"reason": "out_of_stock"}).status_code == 201
    assert levels(house, KAZAN)[products[0]] == (0, 0)
    assert caller.get(f"/leads/{lead_id}").status_code == 404
    assert house.scalar("SELECT reason FROM network.lead_offers") == "out_of_stock"


def test_a_lead_is_lost_and_written_about(house: House, products: list[int], machine: Machines) -> None:
    lead_id, caller = open_lead(house, KAZAN, {products[0]: 1}), machine()
    said = caller.post(f"/leads/{lead_id}/messages", json={"body": "Здравствуйте!"})
    assert (said.status_code, said.get_json()["author"]) == (201, "dealer")
    assert caller.get(f"/leads/{lead_id}").get_json()["messages"] == [said.get_json()]
    lost = caller.post(f"/leads/{lead_id}/loss", json={"reason": "price"}).get_json()
    assert (lost["state"], lost["lost_reason"], lost["next_steps"]) == ("lost", "price", [])


def test_leads_of_others_are_not_there(house: House, products: list[int], machine: Machines) -> None:
    lead_id = offered(house, products)
    stranger = machine(SIBIR)
    assert stranger.get("/leads").get_json() == {"items": [], "next": None}
    assert stranger.get(f"/leads/{lead_id}").status_code == 404
    assert stranger.post(f"/leads/{lead_id}/acceptance").status_code == 404
    assert len(machine(HQ).get("/leads?state=offered").get_json()["items"]) == 1


def test_leads_are_listed_newest_first_by_pages(house: House, products: list[int], machine: Machines) -> None:
    numbers = [str(open_lead(house, KAZAN, {products[0]: 1})) for _each in range(3)]
    caller = machine()
    first = caller.get("/leads?limit=2").get_json()
    second = caller.get(f"/leads?limit=2&cursor={first['next']}").get_json()
    assert [one["id"] for one in first["items"] + second["items"]] == numbers[::-1]
    assert (second["next"], second["items"][0]["contact"]["phone"]) == (None, "+79161234567")


def test_a_lead_from_another_system_is_opened_once(house: House, products: list[int], machine: Machines) -> None:
    caller = machine()
    first = caller.post("/leads", json=NEW, key="order-77")
    again = caller.post("/leads", json=NEW, key="order-77")
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.get_json() == first.get_json()
    assert (first.get_json()["source"], first.get_json()["city"]["id"]) == ("api", "551487")
    assert levels(house, KAZAN)[products[0]] == (5, 2)
    assert house.scalar("SELECT count(*) FROM network.leads") == 1


def test_the_same_key_for_another_call_is_refused(house: House, products: list[int], machine: Machines) -> None:
    caller = machine()
    caller.post("/leads", json=NEW, key="order-77")
    other = caller.post("/leads", json={**NEW, "kind": "quote"}, key="order-77")
    assert (other.status_code, other.get_json()["field"]) == (422, "Idempotency-Key")
    missing = caller.post("/leads", json=NEW)
    assert (missing.status_code, missing.get_json()["field"]) == (422, "Idempotency-Key")
    assert house.scalar("SELECT count(*) FROM network.leads") == 1


def test_a_refused_call_may_be_mended_under_its_key(house: House, products: list[int], machine: Machines) -> None:
    caller = machine()
    assert caller.post("/leads", json={**NEW, "lines": [{"sku": "NO"}]}, key="k").get_json()["field"] == "lines"
    assert caller.post("/leads", json={**NEW, "city_id": "1"}, key="k").get_json()["field"] == "city_id"
    assert caller.post("/leads", json=NEW, key="k").status_code == 201


def test_calls_at_the_same_time_have_one_effect(house: House, products: list[int], machine: Machines) -> None:
    caller = machine()
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _n: Machine.post(caller, "/leads", json=NEW, key="k").status_code, range(6)))
    assert set(codes) <= {201, 409}
    assert codes.count(201) >= 1
    assert house.scalar("SELECT count(*) FROM network.leads") == 1


def test_keys_of_two_programs_do_not_meet(house: House, products: list[int], machine: Machines) -> None:
    for caller in (machine(), machine(), machine(SIBIR)):
        assert caller.post("/leads", json=NEW, key="k").status_code == 201
    assert house.scalar("SELECT count(*) FROM network.leads") == 3


def test_external_id_is_opened_once_whatever_key_is_shown(house: House, machine: Machines) -> None:
    caller = machine(HQ)
    wish = {**NEW, "kind": "callback", "lines": [], "external_id": "crm-1", "wished_on": "2030-01-09",
            "wished_hours": "9-12", "dealer": "sibir"}
    first = caller.post("/leads", json=wish, key="a").get_json()
    assert (first["external_id"], first["wished_on"], first["asked"]) == ("crm-1", "2030-01-09", 1)
    again = caller.post("/leads", json={**wish, "kind": "quote"}, key="b").get_json()
    assert (again["id"], again["asked"]) == (first["id"], 1)
    assert house.rows("SELECT preferred_id FROM network.leads") == [(SIBIR,)]


def test_repeated_wish_is_answered_with_the_lead_it_is_joined_to(house: House, machine: Machines) -> None:
    caller = machine(HQ)
    wish = {**NEW, "kind": "question", "lines": []}
    first = caller.post("/leads", json=wish, key="a").get_json()
    again = caller.post("/leads", json=wish, key="b").get_json()
    assert (again["id"], again["asked"]) == (first["id"], 2)
    listed = caller.get("/leads").get_json()["items"]
    assert sorted((one["state"], one["joined_to"]) for one in listed) == [("invalid", first["id"]), ("new", None)]


def test_dealer_names_no_other_dealer_and_nobody_an_unknown_one(house: House, machine: Machines) -> None:
    wish = {**NEW, "kind": "question", "lines": []}
    for caller, slug in ((machine(KAZAN), "sibir"), (machine(HQ), "nobody")):
        assert caller.post("/leads", json={**wish, "dealer": slug}, key="a").get_json()["field"] == "dealer"
