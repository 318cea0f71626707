"""The dealer answers at his desk or from the mail, the customer has the last word, HQ follows it all."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from babel.dates import format_datetime

from app.kernel.clock import frozen, now
from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from app.web.mail import compose
from app.web.models import Mail
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.leads import service as leads
from blueprints.leads.letters import facts_of, feedback_link, offer_link
from blueprints.leads.models import LeadContact, LeadMessage, OwnContact
from blueprints.leads.queries import contact_of, inbox, search_leads
from blueprints.routing import service as routing
from tests.factories.leads import MORNING, add_products, give_stock, levels, open_lead, the_lead
from tests.house import HQ, KAZAN, SIBIR, House, token_of

PASSWORD = "тёплый дом зимой"


@pytest.fixture
def morning() -> Iterator[None]:
    """It is Tuesday, ten in the morning."""
    with frozen(MORNING + timedelta(minutes=5)):
        yield


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    return pump


def offered(house: House, pump: int) -> uuid.UUID:
    lead_id = open_lead(house, HQ, {pump: 2}, MORNING)
    with house.speaking(network_worker()):
        assert routing.route(owner_id=HQ, lead_id=lead_id, at=MORNING) == KAZAN
    return lead_id


def staff_browser(house: House, tenant_id: str = KAZAN, role: str = "owner") -> object:
    """A browser in which somebody of the tenant is signed in."""
    with house.speaking(tenant_id):
        create_staff(email="olga@example.ru", name="Ольга", role=role, password_hash=hash_password(PASSWORD), at=now())
    browser = house.visit(tenant_id)
    token = token_of(browser.get("/desk/sign-in").text)
    answer = browser.post("/desk/sign-in", data={"csrf_token": token, "email": "olga@example.ru", "password": PASSWORD})
    assert answer.status_code in (302, 303), answer.text
    return browser


def send(browser: object, page: str, action: str, **values: object) -> object:
    token = token_of(browser.get(page).text)
    return browser.post(f"{page}/{action}", data={"csrf_token": token, **values})


def path(url: str) -> str:
    return urlsplit(url).path


def link_of(house: House, lead_id: uuid.UUID, dealer: str = KAZAN) -> str:
    with house.speaking(dealer):
        return path(offer_link(the_lead(HQ, lead_id)))


def test_contact_appears_only_after_taking_the_lead(house: House, pump: int, morning: None) -> None:
    lead_id, browser = offered(house, pump), staff_browser(house)
    page = f"/desk/leads/{HQ}/{lead_id}"
    assert f"Насос {pump}" in browser.get(page).text
    assert "+79161234567" not in browser.get(page).text
    answer = send(browser, page, "acceptance")
    assert answer.status_code == 302
    assert "+79161234567" in browser.get(page).text
    assert "Ольга" in browser.get(page).text


def test_link_in_the_mail_does_everything_without_signing_in(house: House, pump: int, morning: None) -> None:
    lead_id = offered(house, pump)
    link, browser = link_of(house, lead_id), house.visit(KAZAN)
    for _round in range(2):
        assert "+79161234567" not in browser.get(link).text
    assert house.scalar("SELECT state FROM network.leads") == "offered"
    for action in ("acceptance", "shipment", "delivery"):
        assert send(browser, link, action).status_code == 302
    assert house.rows("SELECT state, shipped_at IS NOT NULL FROM network.leads") == [("won", True)]
    assert levels(house, KAZAN) == {pump: (3, 0)}


def test_customer_who_fetches_is_told_when_his_order_is_ready(house: House, pump: int, morning: None) -> None:
    lead_id = offered(house, pump)
    house.scalar("UPDATE network.leads SET delivery_method = 'pickup' RETURNING id")
    link, browser = link_of(house, lead_id), house.visit(KAZAN)
    assert "Pick up" in browser.get(f"{link}?lang=en").text
    for action in ("acceptance", "shipment"):
        send(browser, link, action)
    house.work()
    mails = house.rows("SELECT template FROM t_000001.mails ORDER BY id")
    assert mails == [("mail/lead_accepted",), ("mail/lead_ready",)]
    assert "Ready to be picked up" in browser.get(f"{link}?lang=en").text


@pytest.mark.parametrize("words", ["1-1001", "№ 1-1001", " 1-1001 "])
def test_lead_is_found_by_the_number_of_its_order(house: House, pump: int, words: str, morning: None) -> None:
    lead_id = offered(house, pump)
    offered(house, pump)
    house.scalar("UPDATE network.leads SET number = '1-1001' WHERE id = %(id)s RETURNING id", id=lead_id)
    with house.speaking(hq()):
        assert [row.Lead.id for row in search_leads(search=words).items] == [lead_id]
    with house.speaking(KAZAN):
        assert [lead.id for lead in inbox(tab="done", search=words).page.items] == [lead_id]


def test_link_means_nothing_at_another_dealers_host(house: House, pump: int, morning: None) -> None:
    link = link_of(house, offered(house, pump))
    assert house.visit(SIBIR).get(link).status_code == 403
    assert house.visit(KAZAN).get(link[:-2]).status_code == 403


def test_refusal_needs_a_reason(house: House, pump: int, morning: None) -> None:
    link, browser = link_of(house, offered(house, pump)), house.visit(KAZAN)
    assert send(browser, link, "refusal").status_code == 422
    assert send(browser, link, "refusal", reason="out_of_stock", product_id=pump).status_code == 302
    assert levels(house, KAZAN) == {pump: (0, 0)}


def test_late_answer_is_told_when_the_window_ended(house: House, pump: int) -> None:
    link, browser = link_of(house, offered(house, pump)), house.visit(KAZAN)
    with frozen(MORNING):
        token = token_of(browser.get(link).text)
    with frozen(MORNING + timedelta(hours=3)):
        browser.post(f"{link}/acceptance", data={"csrf_token": token})
        assert "12:00" in browser.get(link).text


def test_lead_of_the_own_site_is_the_dealers_and_stays_private(house: House, pump: int) -> None:
    lead_id = open_lead(house, KAZAN, {pump: 1})
    assert levels(house, KAZAN) == {pump: (5, 1)}
    with house.speaking(KAZAN):
        assert contact_of(the_lead(KAZAN, lead_id)).name == "Анна Ковалёва"
        assert db.session.scalars(sa.select(OwnContact.name)).all() == ["Анна Ковалёва"]
    with house.speaking(hq()):
        lead = the_lead(KAZAN, lead_id)
        assert (lead.state, contact_of(lead)) == ("accepted", None)
        assert db.session.scalars(sa.select(LeadContact.name)).all() == []


def test_hq_sees_no_contact_and_no_message_of_a_dealers_own_lead(house: House, pump: int) -> None:
    lead_id = open_lead(house, KAZAN, {pump: 1})
    with house.speaking(KAZAN):
        leads.write(lead=the_lead(KAZAN, lead_id), author="dealer", body="Везём завтра", at=now())
    with house.speaking(hq()):
        assert db.session.scalars(sa.select(LeadMessage.body)).all() == []
    page = staff_browser(house, HQ).get(f"/hq/leads/{KAZAN}/{lead_id}")
    assert page.status_code == 200
    assert "Ковалёва" not in page.text and "Везём" not in page.text


def test_customer_closes_the_loop_and_may_think_again_for_a_week(house: House, pump: int, morning: None) -> None:
    lead_id = offered(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        leads.accept(lead=lead, at=now(), actor="link")
    with house.speaking(HQ):
        link = path(feedback_link(the_lead(HQ, lead_id)))
    browser = house.visit(HQ)
    assert feedback(browser, link, received="yes").status_code == 422
    assert feedback(browser, link, received="yes", stars="4", comment="Быстро").status_code == 302
    assert "Быстро" in browser.get(link).text
    assert feedback(browser, f"{link}?change=1", received="yes", stars="5").status_code == 302
    house.work()
    assert house.rows("SELECT state, received, satisfaction FROM network.leads") == [("won", True, 5)]
    assert levels(house, KAZAN) == {pump: (3, 0)}
    with frozen(MORNING + timedelta(days=8)):
        assert 'name="stars"' not in browser.get(f"{link}?change=1").text


def feedback(browser: object, page: str, **values: object) -> object:
    return browser.post(page, data={"csrf_token": token_of(browser.get(page).text), **values})


def test_messages_reach_the_other_side_and_nobody_else(house: House, pump: int, morning: None) -> None:
    lead_id = offered(house, pump)
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    with house.speaking(HQ):
        leads.write(lead=the_lead(HQ, lead_id), author="customer", body="Когда привезёте?", at=now())
    browser = house.visit(KAZAN)
    link = link_of(house, lead_id)
    assert "Когда привезёте?" in browser.get(link).text
    assert send(browser, link, "message", body="Завтра").status_code == 302
    assert send(browser, link, "message", body="  ").status_code == 422
    with house.speaking(SIBIR):
        assert db.session.scalars(sa.select(LeadMessage.body)).all() == []


def test_mails_go_to_the_dealers_people_and_to_the_customer(house: House, pump: int, morning: None) -> None:
    staff_browser(house)
    lead_id = offered(house, pump)
    house.work()
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    house.work()
    assert house.rows("SELECT to_address, template FROM t_000002.mails") == [("olga@example.ru", "mail/lead_offer")]
    assert house.rows("SELECT to_address, template FROM t_000001.mails") == [("anna@example.ru", "mail/lead_accepted")]
    day = format_datetime(MORNING, "EEE d MMM", locale="ru")
    assert house.scalar("SELECT params ->> 'deadline' FROM t_000002.mails") == f"{day}, 12:00"
    (link,) = [row[0] for row in house.rows("SELECT params ->> 'link' FROM t_000002.mails")]
    assert house.visit(KAZAN).get(path(str(link))).status_code == 200


def test_a_dealer_knows_what_he_is_asked_for_before_he_takes_it(house: House, pump: int, morning: None) -> None:
    staff_browser(house)
    lead_id = offered(house, pump)
    house.scalar("UPDATE network.leads SET kind = 'quote' RETURNING id")
    house.scalar("UPDATE network.lead_contacts SET comment = 'Звоните 8 916 765-43-21' RETURNING lead_id")
    house.work()
    with house.speaking(KAZAN):
        mail = compose(db.session.scalars(sa.select(Mail)).one())
    link, browser = link_of(house, lead_id), house.visit(KAZAN)
    name = house.scalar("SELECT lines -> 0 ->> 'name_ru' FROM network.leads")
    told = [str(part.get_content()) for part in mail.iter_parts()]
    told += [browser.get(page).text for page in (link, f"{link}/acceptance")]
    assert len(told) == 4
    for text in told:
        assert "Расчёт" in text and str(name) in text and "Что клиент написал сам" in text
        assert "765-43-21" not in text and "Ковалёва" not in text


@pytest.mark.parametrize(
    "template",
    [
        "lead_offer",
        "lead_reminder",
        "lead_expired",
        "lead_own",
        "lead_given",
        "lead_withdrawn",
        "lead_delayed",
        "lead_looking",
        "lead_escalated",
        "lead_question",
        "lead_accepted",
        "lead_shipped",
        "lead_ready",
        "lead_delivered",
        "lead_message",
        "lead_split",
        "lead_received",
    ],
)
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_mail_can_be_worded(house: House, pump: int, template: str, locale: str) -> None:
    lead_id = offered(house, pump)
    with house.speaking(KAZAN):
        params = facts_of(the_lead(HQ, lead_id), locale) | {
            "city": "Kazan",
            "deadline": "12:00",
            "link": "http://x/",
            "customer": "Анна",
            "tracking": "http://y/",
            "dealer": {"name": "Тепло", "phone": "+7", "address": None},
            "feedback": "http://z/",
            "body": "Слово",
            "is_order": True,
            "is_fetched": False,
            "is_race": True,
            "reason": "faster",
            "parcel": 2,
            "parcels": 2,
            "facts": [["Вопрос", "Да"]],
            "picked": "",
            "is_dealers": False,
            "parts": [{"number": "1-1042/2", "lines": [["Насос", 1, 100]], "total": 100}],
        }
        mail = Mail(
            to_address="a@example.ru", template=f"mail/{template}", locale=locale, params=params, created_at=now()
        )
        subject = compose(mail)["Subject"]
    assert bool(re.search("[а-я]", subject)) == (locale == "ru")


def test_lead_by_hand_is_the_dealers_own(house: House, pump: int) -> None:
    browser = staff_browser(house)
    page = "/desk/leads/new"
    values = {"name": "Пётр", "phone": "89161234567", "source": "phone", "kind": "order", "city_id": 551487}
    bad = browser.post(page, data={"csrf_token": token_of(browser.get(page).text), **values, "lines": "НЕТ-1 2"})
    assert bad.status_code == 422 and "НЕТ-1" in bad.text and "Пётр" in bad.text
    many = "НЕТ-1 2\nSKU-1 -3\nSKU-1 много"
    bad = browser.post(page, data={
        "csrf_token": token_of(browser.get(page).text), **values, "lines": many, "name": "Я" * 600,
    })
    assert bad.status_code == 422 and "Я" * 600 in bad.text and "200" in bad.text
    for sentence in ("Такого артикула нет: НЕТ-1", "«SKU-1 -3»", "«SKU-1 много»"):
        assert sentence in bad.text.partition('id="lines-error"')[2], sentence
    good = browser.post(page, data={"csrf_token": token_of(browser.get(page).text), **values, "lines": "SKU-1 x 2"})
    assert good.status_code == 302
    assert house.rows("SELECT owner_id, state, source, lines -> 0 ->> 'quantity' FROM network.leads") == [
        (KAZAN, "accepted", "phone", "2")
    ]


def queries_of(house: House, browser: object, page: str) -> int:
    """How many statements a page costs."""
    seen: list[str] = []
    with house.web.app_context():
        engine = db.engine

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    browser.get(page)
    sa.event.listen(engine, "after_cursor_execute", count)
    try:
        assert browser.get(page).status_code == 200
    finally:
        sa.event.remove(engine, "after_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize("tab", ["new", "work"])
def test_inbox_costs_the_same_for_one_and_three(house: House, pump: int, morning: None, tab: str) -> None:
    browser, counts = staff_browser(house), []
    for more in (1, 2):
        for _number in range(more):
            lead_id = offered(house, pump)
            if tab == "work":
                with house.speaking(KAZAN):
                    leads.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")
            else:
                give_stock(house, KAZAN, {pump: 50}, MORNING)
            give_stock(house, KAZAN, {pump: 50}, MORNING)
        counts.append(queries_of(house, browser, f"/desk/leads?tab={tab}"))
        assert browser.get("/desk").status_code == 200
    assert counts[0] == counts[1]


def test_list_of_hq_costs_the_same_for_one_and_three(house: House, pump: int, morning: None) -> None:
    browser, counts = staff_browser(house, HQ), []
    for more in (1, 2):
        for _number in range(more):
            give_stock(house, KAZAN, {pump: 50}, MORNING)
            offered(house, pump)
        counts.append(queries_of(house, browser, "/hq/leads?state=offered&since=2026-01-01"))
    assert counts[0] == counts[1]


def test_days_the_wrong_way_round_are_told(house: House, pump: int, morning: None) -> None:
    browser = staff_browser(house, HQ)
    assert "Последний день раньше первого" in browser.get("/hq/leads?since=2027-01-01&until=2020-01-01").text
    assert "Последний день раньше первого" not in browser.get("/hq/leads?since=2027-01-01&until=2027-01-01").text


def test_hq_reads_the_reasons_and_names_a_dealer(house: House, pump: int, morning: None) -> None:
    lead_id, browser = offered(house, pump), staff_browser(house, HQ)
    page = f"/hq/leads/{HQ}/{lead_id}"
    text = browser.get(page).text
    assert "Сибирь Тепло" in text and "Ковалёва" in text
    assert send(browser, page, "assignment", dealer_id=SIBIR, reason="").status_code == 422
    assert send(browser, page, "assignment", dealer_id=SIBIR, reason="Просил клиент").status_code == 302
    house.work()
    assert house.scalar("SELECT assignee_id FROM network.leads") == SIBIR
    assert send(browser, page, "closing", lost_reason="no_answer").status_code == 302
    assert house.rows("SELECT state, lost_reason FROM network.leads") == [("lost", "no_answer")]


def test_dealer_reads_why_and_what_others_got(house: House, pump: int, morning: None) -> None:
    lead_id = offered(house, pump)
    browser = staff_browser(house)
    assert browser.get(f"/desk/leads/{HQ}/{lead_id}/why").status_code == 200
    assert browser.get("/desk/leads/missed").status_code == 200
