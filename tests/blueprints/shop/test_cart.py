"""The cart: a guest's by his cookie, priced this moment, each line that cannot be had says why."""

from __future__ import annotations

from app.kernel.db import db
from blueprints.catalog.models import Offer
from tests.blueprints.orders.shelf import BOILER_PRICE, fill_shelf, put_stock
from tests.house import HQ, KAZAN, SIBIR, House, sa, token_of


def test_guest_fills_changes_and_empties_his_cart(house: House) -> None:
    boiler, pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5, pump: 5})
    visitor = house.visit(KAZAN)
    assert visitor.get("/cart").status_code == 200
    put(visitor, boiler, 2)
    put(visitor, pump, 1)
    page = visitor.get("/cart").text
    assert "99 290,50" in page.replace("\xa0", " ")
    change(visitor, f"/cart/lines/{boiler}", quantity=3)
    assert house.rows(f"SELECT product_id, quantity FROM {KAZAN}.cart_lines ORDER BY 1") == [(boiler, 3), (pump, 1)]
    change(visitor, f"/cart/lines/{pump}/removal")
    assert house.rows(f"SELECT product_id FROM {KAZAN}.cart_lines") == [(boiler,)]


def test_cookie_is_a_secret_of_which_we_keep_a_hash(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 1)
    cookie = visitor.get_cookie("cart", domain="teplo-kazan.localhost")
    assert cookie is not None
    assert cookie.http_only
    assert house.scalar(f"SELECT secret_hash FROM {KAZAN}.carts") != cookie.value
    stranger = house.visit(KAZAN)
    assert "/cart/lines/" not in stranger.get("/cart").text


def test_line_that_cannot_be_had_says_why(house: House) -> None:
    boiler, pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 2, pump: 0})
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 3)
    put(visitor, pump, 1)
    page = visitor.get("/cart?lang=en").text
    assert "Only 2 pieces are left" in page
    assert "Out of stock now" in page
    assert "/checkout" not in page
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=boiler, is_listed=False))
    assert "no longer sold here" in visitor.get("/cart?lang=en").text


def test_what_a_dealer_reports_no_stock_of_is_sold_to_order(house: House) -> None:
    boiler, pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 2})
    visitor = house.visit(KAZAN)
    put(visitor, pump, 40)
    page = visitor.get("/cart?lang=en").text
    assert "Out of stock now" not in page
    assert "/checkout" in page


def test_price_is_the_dealers_and_of_this_moment(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 2})
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 1)
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=boiler, minor=BOILER_PRICE - 100_000))
    assert "44 990" in visitor.get("/cart").text.replace("\xa0", " ")


def test_partial_answer_carries_the_cart_and_its_count(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 9})
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 1)
    answer = change(visitor, f"/cart/lines/{boiler}", headers={"HX-Request": "true"}, quantity=4)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="cart-count"' in answer.text


def test_product_page_keeps_the_quantity_beside_what_is_in_the_cart(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 9})
    visitor, partial = house.visit(KAZAN), {"HX-Request": "true"}
    put(visitor, boiler, 2)
    assert 'value="2"' in visitor.get("/p/boiler").text
    answer = change(visitor, f"/cart/lines/{boiler}", headers=partial, quantity=4, with_quantity=1)
    assert 'value="4"' in answer.text
    assert 'href="/cart"' in answer.text
    assert 'id="cart-count"' in answer.text


def test_foreign_product_is_refused(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    visitor = house.visit(SIBIR)
    assert put(visitor, 999_999, 1).status_code == 422
    assert put(visitor, boiler, 1).status_code == 302


def test_cart_costs_the_same_queries_whatever_its_length(house: House) -> None:
    boiler, pump = fill_shelf(house)
    put_stock(house, HQ, {boiler: 9, pump: 9})
    visitor = house.visit(HQ)
    put(visitor, boiler, 1)
    short = queries_of(house, visitor)
    put(visitor, pump, 1)
    assert queries_of(house, visitor) == short


def put(visitor, product_id: int, quantity: int):  # noqa: ANN001, ANN201
    """Press “into the cart”."""
    data = {"csrf_token": csrf(visitor), "product_id": product_id, "quantity": quantity}
    return visitor.post("/cart/lines", data=data)


def change(visitor, path: str, *, headers: dict[str, str] | None = None, **data: int):  # noqa: ANN001, ANN201
    """Send one of the cart's forms."""
    return visitor.post(path, data={"csrf_token": csrf(visitor), **data}, headers=headers)


def csrf(visitor) -> str:  # noqa: ANN001
    """A token of this browser's session."""
    with visitor.application.test_request_context(base_url=visitor.site):
        pass
    return token_of(visitor.get("/account/sign-in").text)


def queries_of(house: House, visitor) -> int:  # noqa: ANN001
    """How many statements the cart's page needs."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:  # noqa: ANN001, ANN002
        seen.append(statement)

    with house.web.app_context():
        engine = db.engine
    visitor.get("/cart")
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        visitor.get("/cart")
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)
