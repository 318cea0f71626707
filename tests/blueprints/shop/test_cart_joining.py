"""What a guest chose is his when he signs in, and nobody else's when he signed out."""

from __future__ import annotations

import pytest

from app.kernel.clock import now
from app.kernel.db import db
from blueprints.accounts.models import Customer
from blueprints.accounts.passwords import hash_password
from tests.blueprints.orders.shelf import fill_shelf, put_stock
from tests.blueprints.shop.test_cart import put
from tests.house import KAZAN, Browser, House, token_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
def goods(house: House) -> tuple[int, int]:
    """A boiler and a pump in Kazan, and Anna, a customer there."""
    boiler, pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 9, pump: 9})
    with house.speaking(KAZAN):
        db.session.add(Customer(
            email="anna@example.ru", name="Anna", password_hash=hash_password(PASSWORD), consent_at=now()
        ))
    return boiler, pump


def sign_in(visitor: Browser) -> None:
    page = visitor.get("/account/sign-in").text
    answer = visitor.post("/account/sign-in", data={
        "csrf_token": token_of(page), "email": "anna@example.ru", "password": PASSWORD,
    })
    assert answer.status_code == 303


def carts(house: House) -> list[tuple[object, ...]]:
    return house.rows(
        f"SELECT c.customer_id IS NOT NULL, l.product_id, l.quantity FROM {KAZAN}.carts c"
        f" JOIN {KAZAN}.cart_lines l ON l.cart_id = c.id ORDER BY 1, 2"
    )


def test_guests_cart_becomes_the_customers(house: House, goods: tuple[int, int]) -> None:
    boiler, _pump = goods
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 2)
    sign_in(visitor)
    assert carts(house) == [(True, boiler, 2)]
    assert f"/cart/lines/{boiler}" in visitor.get("/cart").text


def test_carts_of_two_browsers_are_joined(house: House, goods: tuple[int, int]) -> None:
    boiler, pump = goods
    for wanted in ([(boiler, 2)], [(boiler, 1), (pump, 1)]):
        visitor = house.visit(KAZAN)
        for product_id, quantity in wanted:
            put(visitor, product_id, quantity)
        sign_in(visitor)
    assert carts(house) == [(True, boiler, 3), (True, pump, 1)]


def test_signed_out_browser_sees_an_empty_cart(house: House, goods: tuple[int, int]) -> None:
    boiler, _pump = goods
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 2)
    sign_in(visitor)
    visitor.post("/account/sign-out", data={"csrf_token": token_of(visitor.get("/account").text)})
    assert "/cart/lines/" not in visitor.get("/cart").text


def test_checkout_knows_the_customer_and_the_account_lists_his_order(house: House, goods: tuple[int, int]) -> None:
    boiler, _pump = goods
    visitor = house.visit(KAZAN)
    sign_in(visitor)
    put_signed_in(visitor, boiler)
    page = visitor.get("/checkout").text
    assert 'value="anna@example.ru"' in page
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.carts WHERE customer_id IS NOT NULL") == 1


def put_signed_in(visitor: Browser, product_id: int) -> None:
    data = {"csrf_token": token_of(visitor.get("/account").text), "product_id": product_id, "quantity": 1}
    assert visitor.post("/cart/lines", data=data).status_code == 302
