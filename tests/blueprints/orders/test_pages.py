"""The desk's list of orders and a customer's own: what they find, and at what cost."""

from __future__ import annotations

import pytest

from app.kernel.clock import now
from app.kernel.db import db
from app.web.mail import compose
from app.web.models import Mail
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.orders.queries import list_orders
from blueprints.orders.service import cancel_order, place_order
from tests.blueprints.orders.shelf import NOON, draft, fill_shelf, put_stock, the_order
from tests.house import KAZAN, Browser, House, sa, token_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
def boiler(house: House) -> int:
    """A boiler of which Kazan has nine."""
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 9})
    return boiler


@pytest.fixture
def clerk(house: House, boiler: int) -> Browser:
    """The owner of Kazan, signed in at his desk."""
    with house.speaking(KAZAN):
        create_staff(email="o@example.ru", name="Olga", role="owner", password_hash=hash_password(PASSWORD), at=now())
    browser = house.visit(KAZAN)
    page = browser.get("/desk/sign-in").text
    browser.post("/desk/sign-in", data={
        "csrf_token": token_of(page), "email": "o@example.ru", "password": PASSWORD,
    })
    return browser


def order(house: House, boiler: int, method: str = "on_delivery") -> None:
    with house.speaking(KAZAN):
        place_order(draft=draft((boiler, 1), payment_method=method), at=NOON)


def test_desk_lists_orders_at_the_same_cost_whatever_their_number(house: House, clerk: Browser, boiler: int) -> None:
    assert "No orders yet" in clerk.get("/desk/orders?lang=en").text
    order(house, boiler)
    one = statements(house, clerk, "/desk/orders")
    order(house, boiler)
    order(house, boiler)
    assert statements(house, clerk, "/desk/orders") == one


def test_desk_shows_and_cancels_an_order(house: House, clerk: Browser, boiler: int) -> None:
    order(house, boiler, "card")
    with house.speaking(KAZAN):
        path = f"/desk/orders/{the_order().id}"
    page = clerk.get(path).text
    assert "Анна Петрова" in page
    clerk.post(f"{path}/cancellation", data={"csrf_token": token_of(page)})
    assert house.rows(f"SELECT state, cancel_reason FROM {KAZAN}.orders") == [("cancelled", "staff")]
    assert house.rows("SELECT on_hand, reserved FROM network.stock") == [(9, 0)]


@pytest.mark.parametrize(("words", "found"), [("петрова", 1), ("+7916", 1), ("anna@", 1), ("100%", 0), ("Иванов", 0)])
def test_orders_are_found_by_what_people_say(house: House, boiler: int, words: str, found: int) -> None:
    order(house, boiler)
    with house.speaking(KAZAN):
        assert list_orders(words=words).total == found


def test_every_mail_is_worded_in_the_language_of_the_order(house: House, boiler: int) -> None:
    order(house, boiler, "card")
    with house.speaking(KAZAN):
        cancel_order(order_id=the_order().id, reason="expired", actor="system", at=NOON)
    with house.speaking(KAZAN):
        mails = {mail.template: compose(mail) for mail in db.session.scalars(sa.select(Mail))}
    assert set(mails) == {"mail/order_payment", "mail/order_cancelled"}
    assert "ждёт оплаты" in mails["mail/order_payment"]["Subject"]
    plain = mails["mail/order_payment"].get_body(("plain",))
    assert plain is not None
    assert "http://teplo-kazan.localhost:8000/checkout/pay/" in plain.get_content()


def statements(house: House, browser: Browser, path: str) -> int:
    """How many statements a page needs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with house.web.app_context():
        engine = db.engine
    browser.get(path)
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)
