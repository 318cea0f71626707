"""HQ's live board: each lead on its way stands in one column, what needs a person first."""

from __future__ import annotations

from datetime import timedelta

from app.kernel.identity import hq, network_worker
from blueprints.routing import board, service
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import MORNING, add_products, give_stock, open_lead
from tests.house import HQ, KAZAN, House


def counts(house: House) -> dict[str, int]:
    with house.speaking(hq()):
        found = board.columns()
        assert all(len(column.cards) == min(column.count, board.SHOWN) for column in found)
        return {column.code: column.count for column in found if column.count}


def test_a_lead_moves_over_the_board(house: House) -> None:
    (pump,) = add_products(house, 1)
    give_stock(house, KAZAN, {pump: 1}, MORNING)
    first, second = (open_lead(house, HQ, {pump: 1}, MORNING) for _lead in range(2))
    assert counts(house) == {"waiting": 2}
    for lead_id in (first, second):
        with house.speaking(network_worker()):
            service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)
    assert counts(house) == {"offered": 1, "escalated": 1}
    with house.speaking(network_worker()):
        service.send_reminders(at=MORNING + timedelta(minutes=100))
    assert counts(house) == {"late": 1, "escalated": 1}
    people = People(house)
    people.staff("vera", "clerk", HQ)
    page = people.sign_in("vera", HQ).get("/hq/leads/board?lang=ru")
    assert page.status_code == 200
    assert "Срок истекает" in page.text
    assert "Тепло Казань" in page.text, page.text.partition("<main")[2]
    assert "заявки, о которых дилеру уже напомнили" in page.text


def test_leads_dealer_and_customer_differ_about_stand_on_board_and_overview(house: House) -> None:
    first, second = (open_lead(house, HQ, {}, MORNING) for _lead in range(2))
    house.rows(
        "UPDATE network.leads SET state = 'lost', assignee_id = %(kazan)s, contradiction = 'lost_but_bought',"
        " contradicted_at = created_at, closed_at = created_at WHERE id = ANY(%(ids)s) RETURNING 1",
        kazan=KAZAN, ids=[first, second],
    )
    assert counts(house) == {"disputed": 2}
    people = People(house)
    people.staff("vera", "clerk", HQ)
    browser = people.sign_in("vera", HQ)
    for path in ("/hq/leads/board?lang=ru", "/hq/"):
        page = browser.get(path).text
        assert f"/hq/leads/contradictions/{HQ}/{first}" in page
        assert {"/hq/leads/board?lang=ru": "Дилер говорит, что продажи не было", "/hq/": "2 противоречия"}[path] in page
    house.rows("UPDATE network.leads SET customer_value_minor = 1234500, value_minor = 0 RETURNING 1")
    assert "12 345 ₽" in browser.get("/hq/leads/board?lang=ru").text.replace("\xa0", " ")
    house.rows("UPDATE network.leads SET settled_at = now() RETURNING 1")
    assert counts(house) == {}
    assert "противоречи" not in browser.get("/hq/").text.partition("<main")[2]


def test_a_dealers_own_lead_is_not_on_it(house: House) -> None:
    open_lead(house, KAZAN, {})
    assert counts(house) == {}
