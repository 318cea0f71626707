"""Events of the provider that come to HQ's host: verified there, decided by the dealer whose charge it is."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from app.kernel.clock import frozen
from app.kernel.errors import Unavailable
from app.kernel.money import Money
from blueprints.orders.service import place_order
from tests.blueprints.orders.cards import WITH_3DS, answer_bank, signed
from tests.blueprints.orders.shelf import BOILER_PRICE, NOON, draft, fill_shelf, put_stock
from tests.blueprints.orders.test_payments import (
    LATER,
    charge,
    events,
    order_state,
    reference,
    saying,
    tries,
    webhook_of,
)
from tests.house import HQ, KAZAN, SIBIR, House


@pytest.fixture
def waiting(house: House, bank: str) -> str:
    """A charge at Kazan's site that waits for the person at his bank; answers its reference."""
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 1})
    with house.speaking(KAZAN):
        order_id = place_order(draft=draft((boiler, 1), payment_method="card"), at=NOON).id
    assert charge(house, order_id, bank, WITH_3DS) == "processing"
    with frozen(LATER):
        house.work()
    return reference(house)


def tell(house: House, event: dict[str, Any], *, at: str = HQ, secret: str | None = None) -> int:
    body, signature = signed(event, secret) if secret else signed(event)
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    return int(house.visit(at).post("/webhooks/stripe", data=body, headers=headers).status_code)


def said(house: House, **changes: Any) -> dict[str, Any]:
    event = webhook_of(house)
    event["data"]["object"].update(changes)
    return event


def work(house: House) -> None:
    with frozen(LATER):
        house.work()


def told(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT tenant_id, payload FROM network.outbox WHERE name = 'PaymentTold'")


def test_told_to_hq_the_dealers_worker_settles(house: House, bank: str, waiting: str) -> None:
    answer_bank(bank, waiting, agrees=True)
    assert tell(house, webhook_of(house)) == 204
    assert order_state(house) == "awaiting_payment"
    work(house)
    assert (order_state(house), tries(house)) == ("placed", [("paid", BOILER_PRICE)])
    assert house.rows("SELECT tenant_id FROM network.deliveries WHERE event = 'PaymentTold'") == [(KAZAN,)]


def test_the_event_carries_ids_and_nothing_of_the_payment(house: House, bank: str, waiting: str) -> None:
    assert tell(house, said(house, amount=123_456, receipt_email="anna@example.ru")) == 204
    assert told(house) == [(HQ, {"tenant_id": HQ, "payee_id": KAZAN, "reference": waiting})]


def test_told_often_and_late_it_is_paid_once(house: House, bank: str, waiting: str) -> None:
    """The failure comes after the success, and each of them twice: what the provider says when asked is what counts."""
    answer_bank(bank, waiting, agrees=True)
    late = webhook_of(house) | {"type": "payment_intent.payment_failed"}
    for event in (webhook_of(house), late, webhook_of(house), late):
        assert tell(house, event) == 204
        work(house)
    assert (order_state(house), tries(house)) == ("placed", [("paid", BOILER_PRICE)])
    assert events(house).count("OrderPaid") == 1


@pytest.mark.parametrize(("wrong", "problem"), [
    ({"amount": Money(100)}, f"amount 100 instead of {BOILER_PRICE}"),
    ({"amount": Money(BOILER_PRICE, "USD")}, "currency USD instead of RUB"),
    ({"metadata": {"tenant_id": SIBIR}}, f"tenant_id '{SIBIR}' instead of '{KAZAN}'"),
])
def test_what_does_not_match_is_recorded_and_places_nothing(
    house: House, bank: str, waiting: str, wrong: dict[str, Any], problem: str
) -> None:
    answer_bank(bank, waiting, agrees=True)
    event = webhook_of(house)
    with saying(**wrong):
        assert tell(house, event) == 204
        work(house)
    assert house.rows(f"SELECT state, error FROM {KAZAN}.payments") == [("mismatched", problem)]
    assert order_state(house) == "awaiting_payment"


def test_named_as_anothers_it_finds_nothing_there(house: House, bank: str, waiting: str) -> None:
    answer_bank(bank, waiting, agrees=True)
    assert tell(house, said(house, metadata={"tenant_id": SIBIR})) == 204
    work(house)
    assert house.rows("SELECT tenant_id, state, error FROM network.deliveries WHERE event = 'PaymentTold'") == [
        (SIBIR, "done", None)
    ]
    assert tries(house) == [("processing", BOILER_PRICE)]


def test_an_unknown_reference_is_let_go(house: House, bank: str, waiting: str) -> None:
    assert tell(house, said(house, id="pi_" + uuid.uuid4().hex)) == 204
    work(house)
    assert house.rows("SELECT state FROM network.deliveries WHERE event = 'PaymentTold'") == [("done",)]
    assert tries(house) == [("processing", BOILER_PRICE)]


@pytest.mark.parametrize("named", [{"tenant_id": "t_000099"}, {"tenant_id": "network_hq"}, {}])
def test_a_tenant_that_does_not_exist_is_refused(
    house: House, bank: str, waiting: str, named: dict[str, str]
) -> None:
    assert tell(house, said(house, metadata=named)) == 403
    assert told(house) == []


def test_forged_words_reach_nobody(house: House, bank: str, waiting: str) -> None:
    answer_bank(bank, waiting, agrees=True)
    assert tell(house, webhook_of(house), secret="whsec_guessed") == 403
    body, signature = signed(webhook_of(house))
    changed = json.dumps(json.loads(body) | {"id": "evt_2"}).encode()
    reply = house.visit(HQ).post("/webhooks/stripe", data=changed, headers={"Stripe-Signature": signature})
    assert (reply.status_code, told(house)) == (403, [])


def test_a_dealers_host_hands_nothing_on(house: House, bank: str, waiting: str) -> None:
    assert tell(house, webhook_of(house), at=SIBIR) == 403
    assert told(house) == []


def test_a_silent_provider_is_asked_again(house: House, bank: str, waiting: str) -> None:
    answer_bank(bank, waiting, agrees=True)
    assert tell(house, webhook_of(house)) == 204
    with saying(error=Unavailable("no")):
        work(house)
    assert house.rows("SELECT state, attempts FROM network.deliveries WHERE event = 'PaymentTold'") == [("queued", 0)]
