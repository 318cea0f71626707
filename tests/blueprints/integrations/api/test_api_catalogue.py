"""The API's products, stock and prices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event

from app.kernel.db import db
from tests.blueprints.integrations.api.conftest import Machine
from tests.factories.leads import give_stock, levels, open_lead
from tests.factories.shelf import fill_catalogue
from tests.house import HQ, KAZAN, SIBIR, House

Machines = Callable[..., Machine]


@pytest.fixture
def shelf(house: House) -> list[int]:
    """Six boilers, a radiator, a pump."""
    return fill_catalogue(house)


def queries_of(house: House, machine: Machine, path: str) -> int:
    """How many statements a call takes."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with house.web.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert machine.get(path).status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_products_are_read_page_by_page(house: House, shelf: list[int], machine: Machines) -> None:
    caller, found, cursor = machine(), [], ""
    while cursor is not None:
        page = caller.get(f"/products?limit=3&cursor={cursor}").get_json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert sorted(found, key=int) == [str(one) for one in shelf]


def test_a_product_says_what_the_site_shows(shelf: list[int], machine: Machines) -> None:
    said = machine().get("/products/PLAMYA-10").get_json()
    assert said["name"] == {"ru": "Котёл газовый Очаг Пламя 10D", "en": "Ochag Plamya 10D gas boiler"}
    assert said["price"] == {
        "minor": 3_000_000, "currency": "RUB", "compare_at_minor": None, "vat_rate": "22.00", "source": "hq",
    }
    assert said["updated_at"].endswith("Z")


def test_products_are_found_by_words_category_and_time(shelf: list[int], machine: Machines) -> None:
    caller = machine()
    skus = [one["sku"] for one in caller.get("/products?search=Волна").get_json()["items"]]
    assert skus == ["RADIATOR"]
    assert len(caller.get("/products?category=boilers").get_json()["items"]) == 6
    assert caller.get("/products?category=nothing").get_json()["items"] == []
    assert caller.get("/products?updated_since=2099-01-01T00:00:00Z").get_json()["items"] == []
    names = {one["slug"]: one["parent_id"] is None for one in caller.get("/categories").get_json()["items"]}
    assert names == {"boilers": True, "gas-boilers": False, "wood-boilers": False, "radiators": True}


def test_cities_are_found_by_their_beginning(machine: Machines) -> None:
    found = machine().get("/cities?search=Казан").get_json()["items"]
    assert found[0] == {"id": "551487", "name": {"ru": "Казань", "en": "Kazan"}, "region_code": "73"}


@pytest.mark.parametrize("cursor", ["nonsense", "bnVsbA", "WzEsMl0", "WyIyMDI2LTAxLTAxIiwgIjEiXQ", "0", "💥"])
def test_a_strange_cursor_is_refused(machine: Machines, cursor: str) -> None:
    answer = machine().get("/products", query_string={"cursor": cursor})
    assert (answer.status_code, answer.get_json()["field"]) == (422, "cursor")


def test_own_stock_is_reported_and_read(house: House, shelf: list[int], machine: Machines) -> None:
    caller = machine()
    assert caller.get("/stock/PUMP").status_code == 404
    said = caller.call("PUT", "/stock/PUMP", json={"on_hand": 7}).get_json()
    assert {**said, "reported_at": ""} == {
        "sku": "PUMP", "on_hand": 7, "reserved": 0, "available": 7, "lead_time_days": 0, "reported_at": "",
    }
    assert caller.get("/stock").get_json()["items"] == [said]
    assert machine(SIBIR).get("/stock").get_json() == {"items": [], "next": None}


def test_a_batch_is_answered_line_by_line(house: House, shelf: list[int], machine: Machines) -> None:
    lines = [
        {"sku": "PUMP", "on_hand": 3}, {"sku": "NOBODY", "on_hand": 1}, {"sku": "RADIATOR", "on_hand": -1},
        {"sku": "RADIATOR", "on_hand": "5"}, {"on_hand": 5}, "rubbish", {"sku": "PUMP", "on_hand": 9},
        {"sku": "RADIATOR", "on_hand": 1.5}, {"sku": "RADIATOR", "on_hand": True}, {"sku": "RADIATOR", "on_hand": 4},
    ]
    answer = machine().call("PATCH", "/stock", json={"items": lines}, language="ru")
    said = answer.get_json()
    assert (answer.status_code, said["taken"], said["refused"]) == (200, 2, 8)
    assert [(one["line"], one["state"], one["field"]) for one in said["items"]] == [
        (0, "taken", None), (1, "refused", "sku"), (2, "refused", "on_hand"), (3, "refused", "on_hand"),
        (4, "refused", "sku"), (5, "refused", None), (6, "refused", "sku"), (7, "refused", "on_hand"),
        (8, "refused", "on_hand"), (9, "taken", None),
    ]
    assert said["items"][1]["message"] == "Нет товара с артикулом NOBODY."
    assert levels(house, KAZAN) == {shelf[-1]: (3, 0), shelf[-2]: (4, 0)}


def test_a_batch_has_bounds(machine: Machines) -> None:
    caller = machine()
    for lines in ([], [{"sku": "PUMP", "on_hand": 1}] * 1001):
        assert caller.call("PATCH", "/stock", json={"items": lines}).get_json()["field"] == "items"


def test_what_is_reserved_stays_on_hand(house: House, shelf: list[int], machine: Machines) -> None:
    give_stock(house, KAZAN, {shelf[-1]: 5})
    open_lead(house, KAZAN, {shelf[-1]: 2})
    said = machine().call("PATCH", "/stock", json={"items": [{"sku": "PUMP", "on_hand": 0}]}).get_json()
    assert said["items"][0]["available"] == 0
    assert levels(house, KAZAN) == {shelf[-1]: (2, 2)}


def test_an_own_price_is_set_and_given_up(house: House, shelf: list[int], machine: Machines) -> None:
    caller = machine()
    assert caller.get("/prices/PUMP").get_json()["in_force"]["source"] == "hq"
    said = caller.call("PUT", "/prices/PUMP", json={"minor": 700_000, "compare_at_minor": 731_050}).get_json()
    assert (said["minor"], said["in_force"]["minor"], said["in_force"]["source"]) == (700_000, 700_000, "own")
    assert caller.get("/products/PUMP").get_json()["price"]["compare_at_minor"] == 731_050
    assert [one["sku"] for one in caller.get("/prices").get_json()["items"]] == ["PUMP"]
    assert machine(SIBIR).get("/products/PUMP").get_json()["price"]["source"] == "hq"
    given_up = caller.call("PUT", "/prices/PUMP", json={"minor": None}).get_json()
    assert (given_up["minor"], given_up["in_force"]["minor"]) == (None, 731_050)


@pytest.mark.parametrize("body", [{}, {"minor": -1}, {"minor": 1.5}, {"minor": 10**18}, {"minor": 1, "more": 1}, []])
def test_a_wrong_price_is_told_by_field(shelf: list[int], machine: Machines, body: object) -> None:
    answer = machine().call("PUT", "/prices/PUMP", json=body)
    assert answer.status_code == 422
    assert set(answer.get_json()) <= {"code", "message", "field"}


@pytest.mark.parametrize("path", ["/products", "/stock", "/prices"])
def test_lists_take_the_same_queries_whatever_their_length(
    house: House, shelf: list[int], machine: Machines, path: str
) -> None:
    caller = machine()
    give_stock(house, KAZAN, dict.fromkeys(shelf, 1))
    for sku in ("PUMP", "RADIATOR", "PLAMYA-10"):
        caller.call("PUT", f"/prices/{sku}", json={"minor": 1})
    queries_of(house, caller, path)
    assert queries_of(house, caller, f"{path}?limit=1") == queries_of(house, caller, f"{path}?limit=3")


def test_hq_reads_its_own_catalogue(house: House, shelf: list[int], machine: Machines) -> None:
    assert len(machine(HQ).get("/products").get_json()["items"]) == 8
    assert house.scalar("SELECT count(*) FROM t_000001.api_keys") == 1
