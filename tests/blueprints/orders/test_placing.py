"""One cart becomes one order; the last piece is sold once; an order, its stock and its lead stand together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask_babel import force_locale, format_date

from app.kernel.db import db
from app.kernel.ids import new_id
from blueprints.leads.models import Lead
from blueprints.orders.errors import NoStock
from blueprints.orders.page import promised
from blueprints.orders.queries import get_order
from blueprints.orders.service import place_order
from tests.blueprints.orders.shelf import ANNA, BOILER_PRICE, NOON, draft, fill_shelf, put_stock, the_order
from tests.house import HQ, KAZAN, House, sa


def at_once(count: int, act: Callable[[int], None]) -> list[str]:
    """Let so many threads act at the same moment; answers the names of what they raised."""
    gate, raised = threading.Barrier(count), []

    def run(number: int) -> None:
        gate.wait()
        try:
            act(number)
        except Exception as error:
            raised.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_order_on_delivery_has_its_lead_and_its_stock(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    with house.speaking(KAZAN):
        order_id = place_order(draft=draft((boiler, 2)), at=NOON).id
    with house.speaking(KAZAN):
        order = get_order(order_id)
        lead = db.session.get(Lead, (KAZAN, order.lead_id))
        assert (order.state, order.number.partition("-")[0], order.total_minor) == ("placed", "2", 2 * BOILER_PRICE)
        assert (lead.order_id, lead.state, lead.value_minor) == (order.id, "accepted", order.total_minor)
        assert order.contact["name"] == ANNA.name
    assert house.rows("SELECT on_hand, reserved FROM network.stock") == [(5, 2)]
    assert house.rows("SELECT state, expires_at FROM network.reservations") == [("held", None)]
    names = [name for (name,) in house.rows("SELECT name FROM network.outbox ORDER BY created_at, id")]
    assert {"LeadOpened", "OrderPlaced", "MailQueued"} <= set(names)


@pytest.mark.parametrize(("days", "promised"), [(0, 0), (3, 3), (None, None)])
def test_lead_knows_the_day_the_customer_was_promised(house: House, days: int | None, promised: int | None) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    with house.speaking(KAZAN):
        order = place_order(draft=replace(draft((boiler, 2)), promise={"code": "factory", "days": days}), at=NOON)
        lead = db.session.get_one(Lead, (KAZAN, order.lead_id))
        day = None if promised is None else (NOON + timedelta(days=promised)).date()
        assert lead.promised_on == day
        asked = timedelta(days=14) if promised is None else timedelta(days=promised + 3)
        assert lead.customer_ask_at == NOON + asked


def test_order_by_card_waits_and_keeps_the_stock_for_half_an_hour(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    with house.speaking(KAZAN):
        order = place_order(draft=draft((boiler, 2), payment_method="card"), at=NOON)
        assert (order.state, order.lead_id) == ("awaiting_payment", None)
    assert house.rows("SELECT state, expires_at FROM network.reservations") == [("held", NOON.replace(minute=30))]
    assert house.scalar("SELECT count(*) FROM network.leads") == 0


def test_what_is_not_there_is_refused_and_nothing_remains(house: House) -> None:
    boiler, pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5, pump: 1})
    for method in ("on_delivery", "card"):
        with pytest.raises(NoStock) as refusal, house.speaking(KAZAN):
            place_order(draft=draft((boiler, 2), (pump, 3), payment_method=method), at=NOON)
        assert refusal.value.left == {pump: 1}
    assert house.scalar("SELECT sum(reserved) FROM network.stock") == 0
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 0
    assert house.scalar("SELECT count(*) FROM network.outbox") == 0


def test_brand_site_sells_what_somebody_has_without_learning_who(house: House) -> None:
    boiler, pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 1})
    with house.speaking(HQ):
        order = place_order(draft=draft((boiler, 1)), at=NOON)
        assert order.number.startswith("1-1")
    with pytest.raises(NoStock) as refusal, house.speaking(HQ):
        place_order(draft=draft((pump, 1)), at=NOON)
    assert refusal.value.left == {pump: 0}
    assert house.rows("SELECT state, assignee_id FROM network.leads") == [("new", None)]


def test_one_cart_posted_by_many_threads_is_one_order(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 50})
    cart_id, made = new_id(), []

    def order(_number: int) -> None:
        with house.speaking(KAZAN):
            made.append(place_order(draft=draft((boiler, 1), cart_id=cart_id), at=NOON).id)

    assert at_once(8, order) == []
    assert len(made) == 8
    with house.speaking(KAZAN):
        assert set(made) == {the_order().id}
    assert house.rows("SELECT reserved FROM network.stock") == [(1,)]
    assert house.scalar("SELECT count(*) FROM network.leads") == 1


def test_sixteen_buyers_of_the_last_five_get_five(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})

    def buy(number: int) -> None:
        with house.speaking(KAZAN):
            place_order(draft=draft((boiler, 1), payment_method=("card", "on_delivery")[number % 2]), at=NOON)

    assert at_once(16, buy) == ["NoStock"] * 11
    assert house.rows("SELECT on_hand, reserved FROM network.stock") == [(5, 5)]
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.orders") == 5


def test_control_reading_before_writing_would_oversell(house: House) -> None:
    """Without the condition in the UPDATE the same sixteen would all have been told yes."""
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    gate, told_yes = threading.Barrier(16), []

    def look(_number: int) -> None:
        with house.speaking(KAZAN):
            there = house.web.extensions["sqlalchemy"].session.scalar(
                sa.text("SELECT on_hand - reserved FROM network.stock")
            )
        gate.wait()
        if there:
            told_yes.append(there)

    at_once(16, look)
    assert len(told_yes) == 16


def test_placed_order_is_promised_by_its_day_whoever_has_the_goods(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    told = {"code": "elsewhere", "days": 5, "values": {"city": {"name_ru": "Казань", "name_en": "Kazan"}}}
    day = (NOON + timedelta(days=5)).date()
    with house.speaking(HQ):
        order = place_order(draft=replace(draft((boiler, 1)), promise=told), at=NOON)
        with force_locale("ru"):
            assert promised(order) == f"Ожидаемый срок — до {format_date(day, 'long')}"
            order.promise = {"code": "order", "days": None, "values": {}}
            assert "дилер назовёт срок" in (promised(order) or "")
    mails = house.rows(f"SELECT params ->> 'promise' FROM {HQ}.mails")
    assert len(mails) == 1 and str(day.day) in mails[0][0] and "region" not in mails[0][0]
