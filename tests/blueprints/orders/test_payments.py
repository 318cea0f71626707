"""Money by card, against the running emulator: charged once, settled in any order, never silently wrong."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.clock import frozen
from app.kernel.db import db
from app.kernel.errors import Unavailable
from app.kernel.money import Money
from app.kernel.ports import CardDeclined, PaymentGateway, payment_gateway, provide
from blueprints.orders.errors import NotPayable
from blueprints.orders.models import Payment
from blueprints.orders.queries import get_order
from blueprints.orders.service import cancel_order, pay, pay_on_delivery, place_order, settle
from tests.blueprints.orders.cards import (
    DECLINED_AT_ONCE,
    DECLINED_WHEN_CHARGED,
    GOOD,
    WITH_3DS,
    answer_bank,
    signed,
    token,
)
from tests.blueprints.orders.shelf import BOILER_PRICE, NOON, draft, fill_shelf, put_stock
from tests.blueprints.orders.test_placing import at_once
from tests.house import HQ, KAZAN, SIBIR, House, sa

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def order_id(house: House, bank: str) -> uuid.UUID:
    """An order of Kazan's last boiler, to be paid by card."""
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 1})
    with house.speaking(KAZAN):
        return place_order(draft=draft((boiler, 1), payment_method="card"), at=NOON).id


def charge(house: House, order_id: uuid.UUID, bank: str, number: str) -> str:
    with house.speaking(KAZAN):
        return pay(order_id=order_id, card_token=token(bank, number), at=LATER)


def tries(house: House) -> list[tuple[Any, ...]]:
    return house.rows(f"SELECT state, minor FROM {KAZAN}.payments ORDER BY id")


def reference(house: House) -> str:
    return str(house.scalar(f"SELECT reference FROM {KAZAN}.payments ORDER BY id DESC LIMIT 1"))


def order_state(house: House) -> str:
    return str(house.scalar(f"SELECT state FROM {KAZAN}.orders"))


def events(house: House) -> list[str]:
    return [str(name) for (name,) in house.rows("SELECT name FROM network.outbox ORDER BY created_at, id")]


def test_good_card_pays_and_opens_the_lead(house: House, bank: str, order_id: uuid.UUID) -> None:
    assert charge(house, order_id, bank, GOOD) == "paid"
    assert (order_state(house), tries(house)) == ("placed", [("paid", BOILER_PRICE)])
    assert house.rows("SELECT is_paid, payment_method, state FROM network.leads") == [(True, "card", "accepted")]
    assert house.rows("SELECT state, expires_at FROM network.reservations") == [("held", None)]
    assert {"OrderPlaced", "OrderPaid", "LeadOpened"} <= set(events(house))


@pytest.mark.parametrize("number", [DECLINED_AT_ONCE, DECLINED_WHEN_CHARGED])
def test_declined_card_says_a_sentence_and_another_may_follow(
    house: House, bank: str, order_id: uuid.UUID, number: str
) -> None:
    with pytest.raises(CardDeclined, match="карт"):
        charge(house, order_id, bank, number)
    assert order_state(house) == "awaiting_payment"
    assert charge(house, order_id, bank, GOOD) == "paid"
    assert tries(house) == [("failed", BOILER_PRICE), ("paid", BOILER_PRICE)]


@pytest.mark.parametrize(("agrees", "state", "order"), [
    (True, "paid", "placed"), (False, "failed", "awaiting_payment"),
])
def test_the_bank_asks_the_person(
    house: House, bank: str, order_id: uuid.UUID, agrees: bool, state: str, order: str
) -> None:
    assert charge(house, order_id, bank, WITH_3DS) == "processing"
    answer_bank(bank, reference(house), agrees=agrees)
    with house.speaking(KAZAN):
        assert settle(reference(house), at=LATER) == state
    assert order_state(house) == order


def test_settling_often_and_at_once_is_settling_once(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, WITH_3DS)
    answer_bank(bank, reference(house), agrees=True)
    known = reference(house)

    def tell(_number: int) -> None:
        with house.speaking(KAZAN):
            settle(known, at=LATER)

    assert at_once(4, tell) == []
    tell(5)
    assert events(house).count("OrderPaid") == 1
    assert house.scalar("SELECT count(*) FROM network.leads") == 1


def test_old_news_does_not_undo_what_is_decided(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, GOOD)
    for state in ("processing", "failed", "cancelled", "created"):
        with house.speaking(KAZAN), saying(state=state):
            assert settle(reference(house), at=LATER) == "paid"
    assert events(house).count("OrderPaid") == 1


@pytest.mark.parametrize(("wrong", "problem"), [
    ({"amount": Money(100)}, f"amount 100 instead of {BOILER_PRICE}"),
    ({"amount": Money(BOILER_PRICE, "USD")}, "currency USD instead of RUB"),
    ({"metadata": {"tenant_id": SIBIR}}, f"tenant_id '{SIBIR}' instead of '{KAZAN}'"),
])
def test_money_that_is_not_what_we_asked_for_is_recorded(
    house: House, bank: str, order_id: uuid.UUID, wrong: dict[str, Any], problem: str
) -> None:
    charge(house, order_id, bank, WITH_3DS)
    answer_bank(bank, reference(house), agrees=True)
    with house.speaking(KAZAN), saying(**wrong):
        assert settle(reference(house), at=LATER) == "mismatched"
    assert house.scalar(f"SELECT error FROM {KAZAN}.payments") == problem
    assert order_state(house) == "awaiting_payment"


def test_paying_twice_at_once_charges_once(house: House, bank: str, order_id: uuid.UUID) -> None:
    tokens = [token(bank, GOOD) for _number in range(3)]

    def click(number: int) -> None:
        with house.speaking(KAZAN):
            pay(order_id=order_id, card_token=tokens[number], at=LATER)

    at_once(3, click)
    with house.speaking(KAZAN):
        references = db.session.scalars(sa.select(Payment.reference).where(Payment.reference.is_not(None))).all()
    assert [payment_gateway().find(known).state for known in references].count("paid") == 1
    assert [state for state, _minor in tries(house)].count("paid") == 1
    assert order_state(house) == "placed"


def test_paid_order_is_not_payable_again(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, GOOD)
    with pytest.raises(NotPayable):
        charge(house, order_id, bank, GOOD)


def test_unpaid_order_is_given_up_after_half_an_hour(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, WITH_3DS)
    with frozen(LATER):
        house.work()
    assert order_state(house) == "awaiting_payment"
    with frozen(NOON + timedelta(minutes=31)):
        house.work()
    assert house.rows(f"SELECT state, cancel_reason FROM {KAZAN}.orders") == [("cancelled", "expired")]
    assert tries(house) == [("cancelled", BOILER_PRICE)]
    assert payment_gateway().find(reference(house)).state == "cancelled"
    assert house.rows("SELECT on_hand, reserved FROM network.stock") == [(1, 0)]


def test_lost_webhook_is_made_good_by_asking(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, WITH_3DS)
    answer_bank(bank, reference(house), agrees=True)
    with frozen(LATER):
        house.work()
    assert order_state(house) == "placed"


def test_money_after_the_time_for_stock_that_is_gone_is_a_recorded_shortfall(
    house: House, bank: str, order_id: uuid.UUID
) -> None:
    charge(house, order_id, bank, WITH_3DS)
    known = reference(house)
    with house.speaking(KAZAN):
        cancel_order(order_id=order_id, reason="expired", actor="system", at=LATER)
        db.session.execute(sa.text("UPDATE network.stock SET on_hand = 0"))
    answer_bank(bank, known, agrees=True)
    with house.speaking(KAZAN):
        assert settle(known, at=LATER) == "paid"
    assert order_state(house) == "placed"
    assert "shortfall" in [kind for (kind,) in house.rows("SELECT kind FROM network.lead_events")]


def test_money_for_an_order_the_customer_cancelled_goes_back(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, WITH_3DS)
    known = reference(house)
    with house.speaking(KAZAN):
        cancel_order(order_id=order_id, reason="customer", actor="customer", at=LATER)
    answer_bank(bank, known, agrees=True)
    with house.speaking(KAZAN):
        settle(known, at=LATER)
    house.work()
    assert (order_state(house), tries(house)) == ("cancelled", [("refunded", BOILER_PRICE)])
    assert payment_gateway().find(known).state == "refunded"


def test_cancelling_a_paid_order_gives_money_and_stock_back_once(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, GOOD)
    for _time in range(2):
        with house.speaking(KAZAN):
            cancel_order(order_id=order_id, reason="customer", actor="customer", at=LATER)
    house.work()
    assert tries(house) == [("refunded", BOILER_PRICE)]
    assert house.rows("SELECT on_hand, reserved FROM network.stock") == [(1, 0)]
    assert house.rows("SELECT state FROM network.leads") == [("lost",)]
    assert events(house).count("OrderCancelled") == 1


def test_customer_may_pay_on_delivery_instead(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, WITH_3DS)
    with house.speaking(KAZAN):
        pay_on_delivery(order_id=order_id, at=LATER)
    assert (order_state(house), tries(house)) == ("placed", [("cancelled", BOILER_PRICE)])
    assert house.rows("SELECT is_paid, payment_method FROM network.leads") == [(False, "on_delivery")]


def test_silent_provider_leaves_the_order_payable(house: House, bank: str, order_id: uuid.UUID) -> None:
    with pytest.raises(Unavailable), house.speaking(KAZAN), saying(error=Unavailable("no")):
        pay(order_id=order_id, card_token="tok_1", at=LATER)
    assert (order_state(house), tries(house)) == ("awaiting_payment", [("created", BOILER_PRICE)])
    assert charge(house, order_id, bank, GOOD) == "paid"
    assert [state for state, _minor in tries(house)] == ["cancelled", "paid"]


def test_webhook_settles_and_refuses_strangers(house: House, bank: str, order_id: uuid.UUID) -> None:
    charge(house, order_id, bank, WITH_3DS)
    answer_bank(bank, reference(house), agrees=True)
    event = webhook_of(house)
    body, signature = signed(event)
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    assert house.visit(SIBIR).post("/webhooks/stripe", data=body, headers=headers).status_code == 403
    forged = {"Stripe-Signature": signed(event, "whsec_guessed")[1]}
    assert house.visit(KAZAN).post("/webhooks/stripe", data=body, headers=forged).status_code == 403
    assert order_state(house) == "awaiting_payment"
    for _time in range(2):
        assert house.visit(KAZAN).post("/webhooks/stripe", data=body, headers=headers).status_code == 204
    assert order_state(house) == "placed"
    assert events(house).count("OrderPaid") == 1


def test_paid_at_the_brands_site_looks_for_its_dealer(house: House, bank: str) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 1})
    with house.speaking(HQ):
        placed = place_order(draft=draft((boiler, 1), payment_method="card"), at=NOON).id
    assert house.scalar("SELECT count(*) FROM network.leads") == 0
    with house.speaking(HQ):
        assert pay(order_id=placed, card_token=token(bank, GOOD), at=LATER) == "paid"
    assert house.rows("SELECT owner_id, state, is_paid FROM network.leads") == [(HQ, "new", True)]


def webhook_of(house: House) -> dict[str, Any]:
    intent = {
        "id": reference(house), "object": "payment_intent", "amount": 1, "currency": "rub", "status": "processing",
        "client_secret": "x", "last_payment_error": None, "latest_charge": None,
        "metadata": {"tenant_id": KAZAN},
    }
    return {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "data": {"object": intent}}


class saying:
    """The provider says something else than it would, or nothing at all, inside the block."""

    def __init__(self, *, error: Exception | None = None, **changes: Any) -> None:
        self.error, self.changes = error, changes

    def __enter__(self) -> None:
        self.before = payment_gateway()
        provide(PaymentGateway, self)

    def __exit__(self, *_: object) -> None:
        provide(PaymentGateway, self.before)

    provider = "stripe"

    def read_webhook(self, body: bytes, signature: str) -> Any:
        return self.before.read_webhook(body, signature)

    def find(self, reference: str) -> Any:
        if self.error:
            raise self.error
        return replace(self.before.find(reference), **self.changes)

    def __getattr__(self, _name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise self.error or AssertionError

        return fail


def test_order_keeps_its_own_words(house: House, bank: str, order_id: uuid.UUID) -> None:
    with house.speaking(KAZAN):
        line = get_order(order_id).lines[0]
        assert (line.unit_minor, line.total_minor, line.vat_minor) == (BOILER_PRICE, BOILER_PRICE, 829_328)
