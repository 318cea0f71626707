"""Who asks is answered: a copy, a destruction with its papers, or what has to be finished first."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from app.kernel.clock import now
from app.kernel.db import db
from app.web.models import Mail
from blueprints.accounts.models import Customer
from blueprints.accounts.passwords import hash_password
from blueprints.leads import service as leads
from blueprints.orders.models import Order
from blueprints.orders.service import place_order
from blueprints.privacy import queries, retention, rules, service
from blueprints.privacy.errors import NotYet
from blueprints.privacy.models import PersonalRequest
from tests.blueprints.orders.shelf import ANNA, draft, fill_shelf, put_stock
from tests.house import KAZAN, SIBIR, Browser, House, sa, token_of

PASSWORD = "кот ходит по крыше"
OWNER = {"name": "Ольга", "post": "owner", "id": ""}


@pytest.fixture
def sold(house: House) -> str:
    """Anna's order at Kazan, under way; answers its number."""
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    with house.speaking(KAZAN):
        return place_order(draft=draft((boiler, 1)), at=now()).number


def finish(house: House) -> None:
    with house.speaking(KAZAN):
        for lead in db.session.scalars(sa.select(leads.Lead)):
            leads.ship(lead=lead, at=now(), actor="staff:1")
            leads.deliver(lead=lead, at=now(), actor="staff:1")


def ask(kind: str, email: str | None = ANNA.email, phone: str | None = None) -> PersonalRequest:
    return service.register(kind=kind, whose="customer", identification="passport", email=email, phone=phone, at=now())


def test_an_open_order_stands_in_the_way(house: House, sold: str) -> None:
    with house.speaking(KAZAN):
        request = ask("erasure")
        with pytest.raises(NotYet, match=sold):
            service.destroy(request=request, by=OWNER, at=now())
    finish(house)
    with house.speaking(KAZAN):
        service.destroy(request=db.session.merge(request), by=OWNER, at=now())


def test_an_order_keeps_its_sums_and_loses_its_name(house: House, sold: str) -> None:
    finish(house)
    with house.speaking(KAZAN):
        before = db.session.scalars(sa.select(Order)).one().total_minor
        service.destroy(request=ask("erasure", email=None, phone="8 916 123 45 67"), by=OWNER, at=now())
    with house.speaking(KAZAN):
        order = db.session.scalars(sa.select(Order)).one()
        assert order.total_minor == before
        assert order.contact["name"].startswith("Удалено ")
        assert {order.contact[key] for key in ("email", "phone", "address", "comment")} == {None}


def test_the_act_names_the_order_and_not_the_person(house: House, sold: str) -> None:
    finish(house)
    with house.speaking(KAZAN):
        service.destroy(request=ask("erasure"), by=OWNER, at=now())
    with house.speaking(KAZAN):
        request = db.session.scalars(sa.select(PersonalRequest)).one()
        told = json.dumps(request.act, ensure_ascii=False)
        assert sold in request.act["numbers"]
        assert {one["table"] for one in request.act["categories"]} >= {"orders", "own_contacts", "mails"}
        assert not any(word in told for word in (ANNA.name, ANNA.email, ANNA.phone))
        assert (request.email, request.phone, request.name) == (None, None, None)


def test_the_act_is_found_by_who_knows_the_address(house: House, sold: str) -> None:
    finish(house)
    with house.speaking(KAZAN):
        service.destroy(request=ask("erasure"), by=OWNER, at=now())
    with house.speaking(KAZAN):
        assert [one.number for one in queries.list_requests(words=" Anna@Example.ru ").items] == [1]
        assert queries.list_requests(words="other@example.ru").items == []


def test_an_address_that_only_ends_alike_is_another_persons(house: House) -> None:
    with house.speaking(KAZAN):
        for address in ("anna@example.ru", "joanna@example.ru", "anna@example.ru.net"):
            quoting = {"from": address}
            db.session.add(Mail(to_address="staff@example.ru", template="mail/x", locale="ru", params=quoting))
        db.session.flush()
        service.destroy(request=ask("erasure"), by=OWNER, at=now())
        left = db.session.scalars(sa.select(Mail.params["from"].astext)).all()
    assert sorted(left, reverse=True) == ["joanna@example.ru", "anna@example.ru.net"]


def test_a_dealer_erases_nothing_of_another(house: House) -> None:
    for tenant_id in (KAZAN, SIBIR):
        with house.speaking(tenant_id):
            db.session.add(Customer(email=ANNA.email, name=ANNA.name))
    with house.speaking(KAZAN):
        service.destroy(request=ask("erasure"), by=OWNER, at=now())
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.customers") == 0
    assert house.scalar(f"SELECT count(*) FROM {SIBIR}.customers") == 1


def test_a_customer_sees_saves_and_destroys_his_data(house: House, sold: str) -> None:
    browser = customer(house)
    wrong = send(browser, "/account/data", "/account/data/export", password="not this one", **{"as": "json"})
    assert wrong.status_code == 422
    document = send(browser, "/account/data", "/account/data/export", password=PASSWORD, **{"as": "json"}).get_json()
    assert {part["table"] for part in document["kept"]} >= {"customers", "orders", "own_contacts", "mails"}
    assert "password_hash" not in json.dumps(document)
    page = send(browser, "/account/data", "/account/data/export", password=PASSWORD)
    assert ANNA.address in page.text
    blocked = send(browser, "/account/data", "/account/data/erasure", password=PASSWORD, sure="y")
    assert (blocked.status_code, sold in blocked.text) == (409, True)
    finish(house)
    gone = send(browser, "/account/data", "/account/data/erasure", password=PASSWORD, sure="y")
    assert gone.status_code == 200, gone.text
    assert browser.get("/account").status_code == 302
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.customers") == 0


def test_a_customer_does_not_reach_others_by_a_phone_he_merely_typed(house: House, sold: str) -> None:
    browser = customer(house, email="thief@example.ru")
    document = send(browser, "/account/data", "/account/data/export", password=PASSWORD, **{"as": "json"}).get_json()
    assert ANNA.name not in json.dumps(document, ensure_ascii=False)


def test_what_is_overdue_goes_in_bounded_batches_and_leaves_an_act(house: House, sold: str) -> None:
    with house.speaking(KAZAN):
        for lead in db.session.scalars(sa.select(leads.Lead)):
            leads.lose(lead=lead, reason="no_answer", at=now(), actor="staff:1")
        for _number in range(3):
            db.session.add(Mail(to_address="x@example.ru", template="mail/x", locale="ru", params={}))
    with house.speaking(KAZAN):
        assert retention.end_batch(at=now(), limit=2) == 0, "nothing is overdue today"
        assert db.session.scalar(sa.select(sa.func.count()).select_from(PersonalRequest)) == 0
    with house.speaking(KAZAN):
        assert retention.end_batch(at=now() + timedelta(days=400), limit=2) == 2
    assert house.rows(f"SELECT name, email, phone FROM {KAZAN}.own_contacts") == [("Удалено", None, None)]
    with house.speaking(KAZAN):
        act = db.session.scalars(sa.select(PersonalRequest)).one()
        assert (act.origin, act.act["reason"], act.act["numbers"]) == ("term", "term", [sold])
    assert house.scalar(f"SELECT contact->>'name' FROM {KAZAN}.orders") == ANNA.name, "sales are kept for longer"


def test_the_answer_is_due_in_ten_working_days() -> None:
    assert rules.answer_until(date(2026, 3, 2), days_off=[date(2026, 3, 9)]) == date(2026, 3, 17)


def customer(house: House, email: str = ANNA.email) -> Browser:
    with house.speaking(KAZAN):
        db.session.add(Customer(email=email, name="Анна", phone=ANNA.phone, password_hash=hash_password(PASSWORD)))
    browser = house.visit(KAZAN)
    answer = send(browser, "/account/sign-in", "/account/sign-in", email=email, password=PASSWORD)
    assert answer.status_code == 303
    return browser


def send(browser: Browser, page: str, action: str, **values: str) -> object:
    token = token_of(browser.get(page).text)
    return browser.post(action, data={"csrf_token": token, **values})
