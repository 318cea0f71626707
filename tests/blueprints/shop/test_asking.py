"""What visitors ask without an order: every kind on both kinds of site, refused kindly, sent once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq
from app.web.mail import compose
from app.web.models import Mail
from blueprints.catalog.models import Category
from tenants.models import Territory
from tenants.shopfront import open_until
from tests.factories.shelf import fill_catalogue
from tests.house import HQ, KAZAN, SIBIR, House, token_of

ANNA = {"phone": "8 916 123-45-67", "name": "Анна", "consent": "y"}


def send(client: FlaskClient, path: str = "/ask?lang=ru", **values: str) -> tuple[int, str]:
    page = client.get(path).get_data(as_text=True)
    answer = client.post("/ask", data={"csrf_token": token_of(page), **ANNA, **values})
    return answer.status_code, answer.get_data(as_text=True)


def test_call_back_at_a_wished_time_is_a_lead_with_it(house: House) -> None:
    tomorrow = now().date() + timedelta(days=1)
    send(house.visit(), kind="callback", wished_on=str(tomorrow), wished_hours="15-18", city="Казань")
    assert house.rows("SELECT owner_id, kind, wished_on, wished_hours, city_id, state FROM network.leads") == [
        (HQ, "callback", tomorrow, "15-18", 551487, "new")
    ]


def test_quote_of_the_cart_lists_its_goods_and_keeps_none(house: House) -> None:
    fill_catalogue(house)
    client = house.visit(KAZAN)
    product = house.scalar("SELECT id FROM network.products WHERE slug = 'plamya-12'")
    token = token_of(client.get("/ask?lang=ru").get_data(as_text=True))
    client.post("/cart/lines", data={"csrf_token": token, "product_id": str(product), "quantity": "3"})
    page = client.get("/ask?kind=quote&goods=cart").get_data(as_text=True)
    assert "× 3" in page and "Компания" in page
    assert send(client, kind="quote", goods="cart", company="ООО «Ромашка»")[0] == 302
    assert house.rows("SELECT kind, lines -> 0 ->> 'sku', lines -> 0 ->> 'quantity', value_minor > 0"
                      " FROM network.leads") == [("quote", "PLAMYA-12", "3", True)]
    assert house.rows("SELECT company FROM t_000002.own_contacts") == [("ООО «Ромашка»",)]
    assert house.scalar("SELECT count(*) FROM network.reservations") == 0


def test_installation_asks_where_and_what(house: House) -> None:
    client = house.visit(KAZAN)
    assert "Напишите, что нужно установить." in send(client, kind="installation")[1]
    code, _page = send(
        client, kind="installation", question="Котёл на 24 кВт", city="казань", address="Баумана, 5",
        wished_on=str(now().date() + timedelta(days=3)),
    )
    assert code == 302
    assert "О дне визита" in client.get("/ask/sent").get_data(as_text=True)
    assert house.rows("SELECT address, comment FROM t_000002.own_contacts") == [("Баумана, 5", "Котёл на 24 кВт")]


@pytest.mark.parametrize(("values", "sentence"), [
    ({"kind": "question"}, "Напишите свой вопрос."),
    ({"kind": "quote"}, "Напишите, что вам нужно"),
    ({"kind": "callback", "city": "Урюпинск-на-Марсе"}, "Такого города нет в нашем списке. Укажите ближайший."),
    ({"kind": "callback", "wished_on": str(date(2020, 1, 1))}, "Выберите будущий день"),
    ({"kind": "callback", "wished_on": "soon"}, ""),
    ({"kind": "callback", "wished_hours": "3-4"}, ""),
    ({"phone": "1"}, "+7 916 123-45-67"),
    ({"name": "Я" * 500}, "более 120 символов"),
    ({"kind": "question", "question": "Ю" * 20_000}, "более 2000 символов"),
])
def test_refused_form_comes_back_as_it_was_typed(house: House, values: dict[str, str], sentence: str) -> None:
    code, page = send(house.visit(), email="anna@example.ru", **values)
    assert code == 422
    assert sentence in page and 'value="anna@example.ru"' in page
    assert "maxlength" not in page.partition('action="/ask"')[2]  # a browser would cut what is longer, unseen
    assert all(typed in page for name, typed in values.items() if name in ("name", "question"))
    assert house.scalar("SELECT count(*) FROM network.leads") == 0


def test_picked_dealer_is_named_and_noted_on_the_brands_site_only(house: House) -> None:
    page = house.visit().get("/ask?lang=ru&kind=callback&dealer=sibir").get_data(as_text=True)
    assert "Первым заявку получит дилер Сибирь Тепло." in page
    assert "Сибирь" not in house.visit(KAZAN).get("/ask?lang=ru&dealer=sibir").get_data(as_text=True)
    client = house.visit()
    assert send(client, kind="callback", dealer="sibir")[0] == 302
    assert "Мы передали заявку дилеру Сибирь Тепло" in client.get("/ask/sent").get_data(as_text=True)
    send(house.visit(KAZAN), kind="callback", dealer="sibir")
    assert house.rows("SELECT owner_id, preferred_id FROM network.leads ORDER BY 1") == [
        (HQ, "t_000003"), (KAZAN, None),
    ]


def test_second_asking_gets_the_same_polite_answer(house: House) -> None:
    client = house.visit()
    answers = [send(client, kind="question", question=words)[0] for words in ("Какой котёл?", "А какая цена?")]
    assert answers == [302, 302]
    assert house.rows("SELECT state, asked FROM network.leads ORDER BY asked DESC") == [("new", 2), ("invalid", 1)]


def test_hostile_values_open_nothing_strange(house: House) -> None:
    client = house.visit()
    for values in ({"kind": "order"}, {"kind": "<x>"}, {"product": "' OR 1=1"}, {"dealer": "\0"}, {"goods": "cart"}):
        assert client.get("/ask", query_string=values).status_code == 200
    assert send(client, kind="order", product="нет такого", dealer="t_000003")[0] == 302
    assert house.rows("SELECT kind, preferred_id, lines FROM network.leads") == [("callback", None, [])]


def test_where_to_buy_names_near_dealers_those_of_the_territory_first(house: House) -> None:
    page = house.visit().get("/dealers?lang=ru&city=Казань").get_data(as_text=True)
    near = page[page.index('id="near"'):page.index("map--tall")]
    assert near.index("Тепло Казань") < near.index("Сибирь Тепло")
    assert near.count("работает в вашем городе") == 1
    assert "/ask?kind=callback&amp;dealer=teplo-kazan&amp;city=" in near
    assert '"@type": "LocalBusiness"' in page or '"@type":"LocalBusiness"' in page


def test_where_to_buy_says_for_which_goods_a_dealer_serves_and_puts_him_after_who_serves_for_all(house: House) -> None:
    with house.speaking(hq()):
        boilers = Category(owner_id=HQ, external_id="boilers", slug="boilers", name_ru="Котлы", path="")
        db.session.add(boilers)
        db.session.flush()
        boilers.path = f"{boilers.id}."
        db.session.execute(sa.update(Territory).values(ended_at=now()))
        db.session.add_all([
            Territory(owner_id=KAZAN, shape="city", kind="primary", city_id=551487, category_ids=[boilers.id]),
            Territory(owner_id=SIBIR, shape="city", kind="shared", city_id=551487),
        ])
    page = house.visit().get("/dealers?lang=ru&city=Казань").get_data(as_text=True)
    near = page[page.index('id="near"'):page.index("map--tall")]
    assert near.index("Сибирь Тепло") < near.index("Тепло Казань")
    assert near.count("работает в вашем городе") == 1 and near.count("В вашем городе — только: Котлы") == 1
    with house.speaking(hq()):
        of_sibir = sa.update(Territory).where(Territory.owner_id == SIBIR, Territory.ended_at.is_(None))
        db.session.execute(of_sibir.values(ended_at=now()))
        db.session.add(Territory(owner_id=KAZAN, shape="circle", kind="shared", lat=55.79, lon=49.11, radius_km=30))
    near = house.visit().get("/dealers?lang=ru&city=Казань").get_data(as_text=True)
    assert near.count("работает в вашем городе") == 1 and "только: Котлы" not in near


def test_city_nobody_knows_is_said_and_the_page_stays(house: House) -> None:
    page = house.visit().get("/dealers?lang=ru&city=Атлантида").get_data(as_text=True)
    assert "Такого города нет в нашем списке." in page and 'value="Атлантида"' in page
    assert house.visit().get("/dealers?city=%00'\"<script>").status_code == 200


@pytest.mark.parametrize(("at", "until"), [
    ("2026-11-23T09:00+03:00", "18:00"), ("2026-11-23T18:00+03:00", None), ("2026-11-22T12:00+03:00", None),
    ("2026-06-12T12:00+03:00", None), ("2026-12-31T12:00+03:00", "15:00"),
])
def test_open_until_by_week_holiday_and_exception(at: str, until: str | None) -> None:
    weekly = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    profile = {"hours": {"weekly": weekly, "exceptions": {"2026-12-31": [["10:00", "15:00"]]}}}
    assert open_until(profile, "Europe/Moscow", datetime.fromisoformat(at)) == until
    assert open_until({}, "Europe/Moscow", datetime.fromisoformat(at)) is None


def links_of(house: House, tenant: str = HQ) -> list[tuple[str, str, str]]:
    """Address, number and link of every confirmation, oldest first."""
    return house.rows(
        f"SELECT to_address, params ->> 'number', params ->> 'tracking' FROM {tenant}.mails"
        " WHERE template = 'mail/lead_received' ORDER BY created_at, id"
    )


def path_of(link: str) -> str:
    return urlsplit(link).path


@pytest.mark.parametrize(("language", "said", "subject"), [
    ("ru", "Номер вашей заявки", "Ваша заявка № {} принята"),
    ("en", "Your request is", "Your request № {} has come in"),
])
def test_who_leaves_a_mail_address_gets_the_number_and_a_page_at_once(
    house: House, language: str, said: str, subject: str
) -> None:
    client = house.visit()
    asked = {"kind": "question", "question": "Какой котёл?", "email": "anna@example.ru", "city": "Казань"}
    send(client, f"/ask?lang={language}", **asked)
    number = house.scalar("SELECT number FROM network.leads")
    thanks = client.get("/ask/sent").get_data(as_text=True)
    assert said in thanks and number in thanks
    with house.speaking(HQ):
        mail = compose(db.session.scalars(sa.select(Mail)).one())
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert mail["Subject"] == subject.format(number)
    assert ("Казань" if language == "ru" else "Kazan") in text and "Какой котёл?" not in text
    ((_to, _number, link),) = links_of(house)
    assert link in text
    page = house.visit().get(f"{path_of(link)}?lang=en").get_data(as_text=True)
    assert f"Request № {number}" in page
    other = house.visit()
    token = token_of(other.get(path_of(link)).get_data(as_text=True))
    assert other.post(f"{path_of(link)}/messages", data={"csrf_token": token, "body": "И срок?"}).status_code == 302
    assert "И срок?" in other.get(path_of(link)).get_data(as_text=True)


def test_without_a_mail_address_no_mail_is_promised(house: House) -> None:
    client = house.visit(KAZAN)
    send(client, kind="callback")
    thanks = client.get("/ask/sent").get_data(as_text=True)
    assert house.scalar(f"SELECT number FROM network.leads WHERE owner_id = '{KAZAN}'") in thanks
    assert "по почте" not in thanks and links_of(house, KAZAN) == []


def test_stranger_who_knows_a_telephone_reads_nothing_of_its_owner(house: House) -> None:
    for email, words in (("anna@example.ru", "Код домофона 17"), ("eva@example.ru", "Что там?")):
        send(house.visit(KAZAN), kind="question", question=words, email=email)
    send(house.visit(KAZAN), kind="question", question="И цена?", email="Anna@example.ru")
    assert house.rows("SELECT count(*), count(joined_to) FROM network.leads") == [(3, 2)]
    pages = {}
    for to, number, link in links_of(house, KAZAN):
        pages[to] = house.visit(KAZAN).get(path_of(link)).get_data(as_text=True)
        assert number in pages[to]
    assert "И цена?" in pages["Anna@example.ru"] and "Тепло Казань" in pages["Anna@example.ru"]
    assert "Что там?" not in pages["eva@example.ru"] and "И цена?" not in pages["eva@example.ru"]
