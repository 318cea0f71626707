"""The checkout: one page, one order a cart, nothing silent and nothing typed lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from app.kernel.db import db
from blueprints.catalog.models import Offer
from tests.blueprints.orders.cards import GOOD, joined, running_bank, token
from tests.blueprints.orders.shelf import BOILER_PRICE, KAZAN_CITY, fill_shelf, put_stock
from tests.blueprints.orders.test_placing import at_once
from tests.blueprints.shop.test_cart import put
from tests.house import HQ, KAZAN, SIBIR, Browser, House, sa, token_of

NOVOSIBIRSK = 1496747
ANNA = {
    "delivery_method": "courier", "address": "ул. Баумана, 1", "name": "Анна Петрова", "phone": "8 916 123-45-67",
    "email": "anna@example.ru", "comment": "Позвоните за час", "payment_method": "on_delivery", "consent": "y",
}


@pytest.fixture
def boiler(house: House) -> int:
    """A boiler of which Kazan has five."""
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    return boiler


@pytest.fixture
def visitor(house: House, boiler: int) -> Browser:
    """Somebody in Kazan's shop with two boilers in his cart."""
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 2)
    return visitor


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def filled(visitor: Browser, **changes: Any) -> dict[str, Any]:
    page = visitor.get("/checkout?lang=en").text
    known = {"csrf_token": token_of(page), "key": hidden(page, "key"), "seen": hidden(page, "seen")}
    return {**ANNA, **known, **changes}


def test_guest_orders_on_delivery_and_follows_the_link(house: House, visitor: Browser) -> None:
    answer = visitor.post("/checkout", data=filled(visitor))
    assert answer.status_code == 302
    page = visitor.get(answer.location)
    assert page.status_code == 200
    assert "Thank you! Order 2-" in page.text
    assert "Анна Петрова" in page.text
    contact = house.scalar(f"SELECT contact FROM {KAZAN}.orders")
    assert contact == {
        "name": "Анна Петрова", "email": "anna@example.ru", "phone": "+79161234567", "address": "ул. Баумана, 1",
        "comment": "Позвоните за час", "company": None,
    }
    assert house.rows(f"SELECT template, to_address FROM {KAZAN}.mails") == [("mail/order_placed", "anna@example.ru")]
    assert "/cart/lines/" not in visitor.get("/cart").text


def test_posting_twice_leads_to_the_same_order(house: House, visitor: Browser) -> None:
    form = filled(visitor)
    first, second = (visitor.post("/checkout", data=form).location for _time in range(2))
    assert order_of(first) == order_of(second)
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 1


def test_posting_at_once_from_many_windows_is_one_order(house: House, visitor: Browser) -> None:
    form, answers, domain = filled(visitor), [], "teplo-kazan.localhost"
    cookies = {name: visitor.get_cookie(name, domain=domain).value for name in ("zveno", "cart")}

    def press(_number: int) -> None:
        window = house.visit(KAZAN)
        for name, value in cookies.items():
            window.set_cookie(name, value, domain=domain)
        answers.append(window.post("/checkout", data=form).status_code)

    assert at_once(4, press) == []
    assert answers == [302] * 4
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 1
    assert house.rows("SELECT reserved FROM network.stock") == [(2,)]


def test_changed_price_is_said_before_anything_is_ordered(house: House, visitor: Browser, boiler: int) -> None:
    form = filled(visitor)
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=boiler, minor=BOILER_PRICE + 100))
    answer = visitor.post("/checkout", data=form)
    assert answer.status_code == 409
    assert "Prices or quantities have changed" in answer.text
    assert "Позвоните за час" in answer.text
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 0
    again = {**form, "seen": hidden(answer.text, "seen")}
    assert visitor.post("/checkout", data=again).status_code == 302
    assert house.scalar(f"SELECT total_minor FROM {KAZAN}.orders") == 2 * (BOILER_PRICE + 100)


def test_sold_out_meanwhile_is_said_at_the_line_and_nothing_typed_is_lost(house: House, visitor: Browser) -> None:
    form = filled(visitor)
    with house.speaking(KAZAN):
        db.session.execute(sa.text("UPDATE network.stock SET on_hand = 1"))
    answer = visitor.post("/checkout", data=form)
    assert answer.status_code == 409
    assert "Only 1 piece is left" in answer.text
    assert "ул. Баумана, 1" in answer.text
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 0
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.carts WHERE ordered_at IS NULL") == 1


@pytest.mark.parametrize(("change", "sentence"), [
    ({"name": " "}, "Tell us your name."),
    ({"phone": "12"}, "Write the phone number with its area code"),
    ({"email": "anna"}, "This does not look like an e-mail address."),
    ({"address": ""}, "Write the street and the house"),
    ({"consent": ""}, "We need your consent"),
    ({"delivery_method": ""}, "Choose how you want to get the goods."),
    ({"payment_method": "invoice"}, "Not a valid choice"),
])
def test_what_is_missing_is_said_at_its_field(
    house: House, visitor: Browser, change: dict[str, str], sentence: str
) -> None:
    form = {key: value for key, value in filled(visitor, **change).items() if value}
    answer = visitor.post("/checkout", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 0


def test_pickup_needs_no_address(house: House, visitor: Browser) -> None:
    form = filled(visitor, delivery_method="pickup", address="")
    assert visitor.post("/checkout", data=form).status_code == 302


def test_brand_offers_pickup_where_a_dealer_near_has_everything(house: House, boiler: int) -> None:
    visitor = house.visit(HQ)
    put(visitor, boiler, 1)
    choose_city(visitor)
    page = visitor.post("/checkout", data=filled(
        visitor, delivery_method="pickup", address="", point=f"{KAZAN}:main",
    ))
    assert "Тепло Казань" in visitor.get(page.location).text
    assert house.scalar("SELECT delivery_method FROM network.leads") == "pickup"


def test_brand_offers_no_pickup_where_nobody_near_has_it(house: House, boiler: int) -> None:
    visitor = house.visit(HQ)
    put(visitor, boiler, 1)
    choose_city(visitor, NOVOSIBIRSK)
    assert 'value="pickup"' not in visitor.get("/checkout").text


def test_customer_dealer_and_hq_call_an_order_by_one_number(house: House, boiler: int) -> None:
    visitor = house.visit(HQ)
    put(visitor, boiler, 1)
    choose_city(visitor)
    page = visitor.get(visitor.post("/checkout", data=filled(visitor)).location).text
    number = house.scalar(f"SELECT number FROM {HQ}.orders")
    assert house.scalar("SELECT number FROM network.leads") == number
    assert f"Order {number}" in page
    assert "Kazan, ул. Баумана, 1" in page
    assert "s service answers" in page


def test_guest_without_a_city_is_told_why_he_is_asked_for_it(house: House, boiler: int) -> None:
    visitor = house.visit(HQ)
    put(visitor, boiler, 1)
    asked = visitor.get("/checkout?lang=en", follow_redirects=True)
    assert "Choose your city, and we go on with the order" in asked.text
    city = {"csrf_token": token_of(asked.text), "city_id": KAZAN_CITY, "next": "/checkout"}
    assert visitor.post("/city", data=city).location == "/checkout"


def test_brand_site_orders_for_the_city_that_was_picked(house: House, boiler: int) -> None:
    visitor = house.visit(HQ)
    put(visitor, boiler, 1)
    assert "/city" in visitor.get("/checkout").location
    choose_city(visitor)
    assert visitor.post("/checkout", data=filled(visitor)).status_code == 302
    assert house.rows("SELECT owner_id, state, city_id, source FROM network.leads") == [
        (HQ, "new", KAZAN_CITY, "brand_site")
    ]


def test_link_of_one_tenant_is_nothing_at_another(house: House, visitor: Browser) -> None:
    path = visitor.post("/checkout", data=filled(visitor)).location
    assert house.visit(KAZAN).get(path).status_code == 200
    for stranger in (SIBIR, HQ):
        assert house.visit(stranger).get(path).status_code == 403


def test_customer_cancels_once_and_repeats(house: House, visitor: Browser, boiler: int) -> None:
    path = visitor.post("/checkout", data=filled(visitor)).location
    page = visitor.get(path).text
    answer = visitor.post(f"{path}/cancellation", data={"csrf_token": token_of(page)})
    assert answer.status_code == 302
    assert house.rows(f"SELECT state, cancel_reason FROM {KAZAN}.orders") == [("cancelled", "customer")]
    assert house.rows("SELECT on_hand, reserved FROM network.stock") == [(5, 0)]
    repeated = path.replace("/l/order/", "/cart/repetition/")
    assert visitor.post(repeated, data={"csrf_token": token_of(page)}).status_code == 302
    assert house.rows(
        f"SELECT product_id, quantity FROM {KAZAN}.cart_lines l JOIN {KAZAN}.carts c ON c.id = l.cart_id"
        " WHERE c.ordered_at IS NULL"
    ) == [(boiler, 2)]


def test_customer_writes_to_the_dealer(house: House, visitor: Browser) -> None:
    path = visitor.post("/checkout", data=filled(visitor)).location
    data = {"csrf_token": token_of(visitor.get(path).text), "body": "Когда привезёте?"}
    assert visitor.post(f"{path}/messages", data=data).status_code == 302
    assert "Когда привезёте?" in visitor.get(path).text


def test_guest_pays_by_card(house: House, visitor: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_bank(tmp_path_factory.mktemp("bank")) as bank, joined(house.settings, bank):
        path = visitor.post("/checkout", data=filled(visitor, payment_method="card")).location
        assert path.startswith("/checkout/pay/")
        page = visitor.get(path)
        assert bank in page.headers["Content-Security-Policy"]
        assert bank not in visitor.get("/cart").headers["Content-Security-Policy"]
        declined = {"csrf_token": token_of(page.text), "card_token": token(bank, "4000000000000002")}
        assert visitor.post(path, data=declined).status_code == 409
        paid = visitor.post(path, data={**declined, "card_token": token(bank, GOOD)})
        assert paid.location.startswith("/l/order/")
    assert house.rows(f"SELECT state FROM {KAZAN}.orders") == [("placed",)]
    assert "Paid" in visitor.get(paid.location).text


def choose_city(visitor: Browser, city_id: int = KAZAN_CITY) -> None:
    with visitor.session_transaction(base_url=visitor.site) as session:
        session["city_id"] = city_id


def order_of(path: str) -> uuid.UUID | str:
    """The signed part of an order's address, without its time."""
    return path.rsplit("/", 1)[1].split(".")[0]


def test_city_of_the_brand_is_a_question_until_the_visitor_says_it(house: House, boiler: int) -> None:
    visitor = house.visit(HQ)
    assert "Is it Moscow?" in visitor.get("/cart?lang=en").text
    choose_city(visitor)
    page = visitor.get("/cart?lang=en").text
    assert "Is it" not in page and "Kazan" in page
    assert "Is it" not in house.visit(KAZAN).get("/cart?lang=en").text
