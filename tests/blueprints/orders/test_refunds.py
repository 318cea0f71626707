"""Money that does not match its order goes back by a button: once, noted with who asked, told to the customer."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.kernel.clock import frozen
from app.kernel.money import Money
from app.kernel.ports import payment_gateway
from blueprints.orders.service import cancel_order, settle
from tests.blueprints.accounts.conftest import People
from tests.blueprints.orders.cards import WITH_3DS, answer_bank
from tests.blueprints.orders.shelf import BOILER_PRICE
from tests.blueprints.orders.test_payments import LATER, charge, events, order_id, reference, saying, tries
from tests.house import HQ, KAZAN, SIBIR, Browser, House, token_of

__all__ = ["order_id"]


@pytest.fixture
def mismatched(house: House, bank: str, order_id: uuid.UUID) -> uuid.UUID:
    """An order whose money came in another sum; answers the payment."""
    charge(house, order_id, bank, WITH_3DS)
    answer_bank(bank, reference(house), agrees=True)
    with house.speaking(KAZAN), saying(amount=Money(100)):
        assert settle(reference(house), at=LATER) == "mismatched"
    return uuid.UUID(str(house.scalar(f"SELECT id FROM {KAZAN}.payments")))


def desk(house: House, role: str = "manager", at: str = KAZAN) -> Browser:
    people = People(house)
    people.staff(f"olga-{role}", role, at)
    return people.sign_in(f"olga-{role}", at)


def press(browser: Browser, order: uuid.UUID, payment: uuid.UUID) -> Any:
    page = browser.get("/desk/orders").text
    address = f"/desk/orders/{order}/payments/{payment}/refund"
    return browser.post(address, data={"csrf_token": token_of(page)})


def work(house: House) -> None:
    with frozen(LATER):
        house.work()


def mails(house: House) -> list[tuple[object, ...]]:
    return house.rows(
        f"SELECT locale, params->'minor', params->>'currency' FROM {KAZAN}.mails WHERE template = 'mail/order_refunded'"
    )


def test_pressed_twice_the_money_goes_back_once_and_the_customer_reads_of_it(
    house: House, bank: str, order_id: uuid.UUID, mismatched: uuid.UUID
) -> None:
    olga = desk(house)
    assert "Вернуть деньги" in olga.get(f"/desk/orders/{order_id}?lang=ru").text
    for _time in range(2):
        assert press(olga, order_id, mismatched).status_code == 302
    page = olga.get(f"/desk/orders/{order_id}?lang=ru").text
    assert "Возврат запрошен" in page and "Вернуть деньги" not in page
    work(house)
    assert tries(house) == [("refunded", BOILER_PRICE)]
    assert payment_gateway().find(reference(house)).state == "refunded"
    assert events(house).count("RefundDue") == 1
    assert mails(house) == [("ru", BOILER_PRICE, "RUB")]
    assert house.scalar(f"SELECT refund_asked_by LIKE 'staff:%%' AND refund_asked_at IS NOT NULL FROM {KAZAN}.payments")


def test_after_it_went_back_there_is_nothing_to_return(
    house: House, bank: str, order_id: uuid.UUID, mismatched: uuid.UUID
) -> None:
    olga = desk(house)
    press(olga, order_id, mismatched)
    work(house)
    press(olga, order_id, mismatched)
    assert "возвращать нечего" in olga.get(f"/desk/orders/{order_id}?lang=ru").text
    assert events(house).count("RefundDue") == 1


def test_it_goes_back_for_an_order_that_was_given_up_too(
    house: House, bank: str, order_id: uuid.UUID, mismatched: uuid.UUID
) -> None:
    with house.speaking(KAZAN):
        cancel_order(order_id=order_id, reason="staff", actor="staff", at=LATER)
    assert press(desk(house), order_id, mismatched).status_code == 302
    work(house)
    assert tries(house) == [("refunded", BOILER_PRICE)]


def test_money_with_another_tenants_name_on_it_stays(
    house: House, bank: str, order_id: uuid.UUID, mismatched: uuid.UUID
) -> None:
    press(desk(house), order_id, mismatched)
    with saying(metadata={"tenant_id": SIBIR}):
        work(house)
    assert house.scalar("SELECT error FROM network.deliveries WHERE event = 'RefundDue'").startswith("NotRefundable")
    assert payment_gateway().find(reference(house)).state == "paid"


def test_clerks_others_and_strangers_return_nothing(
    house: House, bank: str, order_id: uuid.UUID, mismatched: uuid.UUID
) -> None:
    clerk = desk(house, "clerk")
    assert "Вернуть деньги" not in clerk.get(f"/desk/orders/{order_id}?lang=ru").text
    assert press(clerk, order_id, mismatched).status_code == 403
    assert press(desk(house, "owner", HQ), order_id, mismatched).status_code == 404
    assert press(desk(house, "owner", KAZAN), uuid.uuid4(), mismatched).status_code == 404
    assert events(house).count("RefundDue") == 0
