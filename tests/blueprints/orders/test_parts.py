"""An order of the brand's site that two dealers serve: its pages, its end, and the money of a part that is lost."""

from __future__ import annotations

import uuid

import pytest

from app.kernel.clock import frozen
from app.kernel.identity import hq
from app.kernel.ports import payment_gateway
from blueprints.leads import service as leads
from blueprints.leads.queries import get_lead
from blueprints.orders import rules
from blueprints.orders.errors import TooLate
from blueprints.orders.queries import get_order, order_token, parts_of
from blueprints.orders.service import cancel_order, pay, place_order, refund_part
from blueprints.routing import profiles
from tests.blueprints.orders.cards import GOOD, token
from tests.blueprints.orders.shelf import BOILER_PRICE, draft, fill_shelf
from tests.factories.leads import MORNING, give_stock
from tests.house import HQ, KAZAN, SIBIR, House, token_of

PARTS = "SELECT part, state, assignee_id FROM network.leads ORDER BY part"


@pytest.fixture
def goods(house: House) -> tuple[int, int]:
    """Two boilers at Kazan, three pumps at Novosibirsk, and rules by which two dealers may serve an order."""
    boiler, pump = fill_shelf(house)
    give_stock(house, KAZAN, {boiler: 2}, MORNING)
    give_stock(house, SIBIR, {pump: 3}, MORNING)
    definition = {"name": "n", "strategies": [{
        "name": "orders", "priority": 1, "conditions": {}, "fallback": None, "split": {"max_split": 2},
        "criteria": [{"code": "distance", "params": {}}, {"code": "stock_now", "params": {"partial": "exclude"}}],
    }]}
    with house.speaking(hq()):
        profiles.activate(version=profiles.draft(definition=definition, author=None, at=MORNING).version, at=MORNING)
    return boiler, pump


def ordered(house: House, goods: tuple[int, int], method: str = "on_delivery") -> uuid.UUID:
    boiler, pump = goods
    with house.speaking(HQ):
        order_id = place_order(draft=draft((boiler, 1), (pump, 2), payment_method=method), at=MORNING).id
    return order_id


def work(house: House) -> None:
    with frozen(MORNING):
        house.work()


def part(house: House, number: int) -> uuid.UUID:
    return uuid.UUID(str(house.scalar("SELECT id FROM network.leads WHERE part = %(part)s", part=number)))


def lose(house: House, number: int) -> None:
    """HQ closes a part nobody can serve."""
    with house.speaking(hq()):
        leads.close(lead=get_lead(HQ, part(house, number)), reason="out_of_stock", at=MORNING, actor="hq")
    work(house)


def returned(house: House) -> list[int]:
    """What the bank gave back, piece by piece."""
    reference = str(house.scalar(f"SELECT reference FROM {HQ}.payments"))
    made = payment_gateway()._client.v1.refunds.list({"payment_intent": reference, "limit": 100})  # type: ignore[attr-defined]
    return sorted(refund.amount for refund in made.data)


def test_the_customers_page_shows_each_parcel_with_its_dealer_and_state(house: House, goods: tuple[int, int]) -> None:
    order_id = ordered(house, goods)
    work(house)
    with house.speaking(SIBIR):
        leads.accept(lead=get_lead(HQ, part(house, 2)), at=MORNING, actor="link")
    with house.speaking(HQ):
        address = f"/l/order/{order_token(get_order(order_id))}"
    customer = house.visit(HQ)
    page = customer.get(f"{address}?lang=en").text
    assert "Parcel 1 of 2" in page and "Parcel 2 of 2" in page
    assert "Сибирь Тепло" in page and "Тепло Казань" not in page
    sent = customer.post(f"{address}/messages", data={
        "csrf_token": token_of(page), "part": 2, "body": "Позвоните, пожалуйста",
    })
    assert sent.location.endswith("#messages-2")
    assert house.rows("SELECT lead_id, body FROM network.lead_messages") == [(part(house, 2), "Позвоните, пожалуйста")]


def test_cancelling_closes_all_parts_and_frees_their_goods(house: House, goods: tuple[int, int]) -> None:
    order_id = ordered(house, goods)
    work(house)
    with house.speaking(HQ):
        cancel_order(order_id=order_id, reason="customer", actor="customer", at=MORNING)
    work(house)
    assert [row[1] for row in house.rows(PARTS)] == ["lost", "lost"]
    assert house.scalar("SELECT sum(reserved) FROM network.stock") == 0
    assert house.scalar("SELECT count(*) FROM network.lead_offers WHERE state = 'offered'") == 0


def test_a_customer_may_not_cancel_once_one_dealer_has_taken_his_part(house: House, goods: tuple[int, int]) -> None:
    order_id = ordered(house, goods)
    work(house)
    with house.speaking(SIBIR):
        leads.accept(lead=get_lead(HQ, part(house, 2)), at=MORNING, actor="link")
    with pytest.raises(TooLate), house.speaking(HQ):
        cancel_order(order_id=order_id, reason="customer", actor="customer", at=MORNING)


def test_of_a_paid_order_exactly_the_lost_parts_money_goes_back_once(
    house: House, bank: str, goods: tuple[int, int]
) -> None:
    order_id = ordered(house, goods, "card")
    with house.speaking(HQ):
        assert pay(order_id=order_id, card_token=token(bank, GOOD), at=MORNING) == "paid"
    work(house)
    lose(house, 2)
    assert returned(house) == [2 * BOILER_PRICE]
    assert house.rows(f"SELECT state FROM {HQ}.orders") == [("placed",)]
    assert house.rows(f"SELECT state, minor FROM {HQ}.payments") == [("paid", 3 * BOILER_PRICE)]
    told = dict(house.rows(f"SELECT template, params ->> 'minor' FROM {HQ}.mails WHERE template IN"
                           f" ('mail/order_part_lost', 'mail/order_refunded')"))
    assert told == {"mail/order_part_lost": str(2 * BOILER_PRICE), "mail/order_refunded": str(2 * BOILER_PRICE)}
    with house.speaking(HQ):
        address = f"/l/order/{order_token(get_order(order_id))}"
    page = house.visit(HQ).get(f"{address}?lang=en").text
    assert "Will not come" in page and "Ended without a purchase" in page and "₽91,980 goes back to the card" in page


def test_who_dies_after_the_bank_gave_back_does_not_give_back_twice(
    house: House, bank: str, goods: tuple[int, int]
) -> None:
    order_id = ordered(house, goods, "card")
    with house.speaking(HQ):
        pay(order_id=order_id, card_token=token(bank, GOOD), at=MORNING)
    work(house)
    lose(house, 2)
    payment = uuid.UUID(str(house.scalar(f"SELECT id FROM {HQ}.payments")))
    lead = str(part(house, 2))
    with house.speaking(HQ):
        kept = get_order(order_id)
        assert parts_of(kept)[1].state == "lost"
    house.rows(f"UPDATE {HQ}.payments SET returns = jsonb_set(returns, ARRAY[%(lead)s, 'done_at'], 'null') RETURNING 1",
               lead=lead)
    for _time in range(2):
        with house.speaking(HQ):
            refund_part(payment_id=payment, lead_id=lead, at=MORNING)
    assert returned(house) == [2 * BOILER_PRICE]


def test_when_the_rest_is_given_up_only_the_rest_goes_back(house: House, bank: str, goods: tuple[int, int]) -> None:
    order_id = ordered(house, goods, "card")
    with house.speaking(HQ):
        pay(order_id=order_id, card_token=token(bank, GOOD), at=MORNING)
    work(house)
    lose(house, 2)
    lose(house, 1)
    assert returned(house) == [BOILER_PRICE, 2 * BOILER_PRICE]
    assert house.rows(f"SELECT state, cancel_reason FROM {HQ}.orders WHERE id = %(id)s", id=order_id) == [
        ("cancelled", "lost"),
    ]
    assert house.scalar(f"SELECT state FROM {HQ}.payments") == "refunded"


@pytest.mark.parametrize(("states", "far"), [
    (["accepted", "offered"], None), (["won", "accepted"], "partly"), (["won", "won"], "delivered"),
    (["won", "lost"], "delivered"), (["lost", "offered"], None),
])
def test_how_far_an_order_came_follows_from_its_parts(states: list[str], far: str | None) -> None:
    assert rules.progress(states) == far
