"""A dealer signs up by himself: form, mail, site, desk; and what is refused on the way."""

from __future__ import annotations

import re
from email.message import EmailMessage
from functools import partial

import pytest
from flask.testing import FlaskClient

from tests.house import HQ, KAZAN, Browser, House, take_mails, token_of

FORM = {
    "company": "ООО «Новый Дом»", "inn": "7728168971", "city": "Самара", "contact_name": "Анна Орлова",
    "email": "anna@example.ru", "phone": "8 (916) 123-45-67", "slug": "novyj-dom", "password": "tihij ogon v pechi",
    "consent": "y",
}


def join(client: FlaskClient, **changes: str) -> object:
    page = client.get("/dealers/join").text
    return client.post("/dealers/join", data={**FORM, **changes, "csrf_token": token_of(page)})


def link_in(message: EmailMessage) -> str:
    found = re.search(r"http://[^/\s]+(/\S+)", message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert found
    return found.group(1)


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch, house: House) -> list[EmailMessage]:
    """Mails as they would go over the wire; the SMTP conversation itself is tested in journeys."""
    sent: list[EmailMessage] = []
    monkeypatch.setattr("app.web.mail._transmit", partial(take_mails, sent))
    return sent


def test_a_dealer_has_his_site_after_the_link(house: House, outbox: list[EmailMessage]) -> None:
    client = house.visit(HQ)
    assert join(client).status_code == 302
    house.work()
    path = link_in(outbox[0])
    assert "Сделать" not in outbox[0]["Subject"]
    reply = client.post(path, data={"csrf_token": token_of(client.get(path).text)})
    assert "Refresh" in reply.headers or 'http-equiv="refresh"' in client.get(reply.location).text
    house.work()
    landed = client.get(reply.location)
    assert landed.location.startswith("http://novyj-dom.localhost:8000/desk/enter/")
    assert house.rows("SELECT slug, state, city_id FROM network.tenants WHERE number = 4") == [
        ("novyj-dom", "active", 499099)
    ]
    assert house.scalar("SELECT role FROM t_000004.staff") == "owner"
    assert [message["To"] for message in outbox] == ["anna@example.ru", "anna@example.ru"]


def test_the_new_owner_lands_signed_in_at_his_own_host(house: House, outbox: list[EmailMessage]) -> None:
    client = house.visit(HQ)
    join(client)
    house.work()
    path = link_in(outbox[0])
    progress = client.post(path, data={"csrf_token": token_of(client.get(path).text)}).location
    house.work()
    entry = client.get(progress).location
    browser = Browser(house.web, "http://novyj-dom.localhost:8000")
    landed = browser.get(entry.removeprefix("http://novyj-dom.localhost:8000"))
    assert landed.location == "/desk/setup/look"
    assert browser.get("/desk/setup/look").status_code == 200


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("inn", "7728168970", "Контрольные цифры не сходятся"),
    ("inn", "77281689", "Введено 8 цифр"),
    ("inn", "77281689OO", "только из цифр"),
    ("inn", "7736207543", "уже есть в сети"),
    ("slug", "admin", "зарезервирован"),
    ("slug", "sib1r", "слишком похож"),
    ("slug", "sibir", "занят"),
    ("slug", "a", "латинских"),
    ("slug", "xn--80ak6aa92e", "латинских"),
    ("slug", "pizdec", "обидеть"),
    ("city", "Атлантида", "Выберите город"),
    ("phone", "123", "телефон"),
    ("password", "short", "символов"),
    ("email", "anna@", ""),
    ("consent", "", "согласия"),
])
def test_bad_input_is_told_at_its_field_and_nothing_is_lost(
    house: House, field: str, value: str, sentence: str
) -> None:
    reply = join(house.visit(HQ), **{field: value})
    assert reply.status_code == 422
    assert sentence in reply.text
    assert "field__error" in reply.text
    if field != "company":
        assert "ООО «Новый Дом»" in reply.text


def test_address_is_checked_while_typing(house: House) -> None:
    client = house.visit(HQ)
    assert client.get("/dealers/join/address?slug=Novyj-Dom").json["ok"] is True
    assert client.get("/dealers/join/address?slug=sibir").json == {
        "ok": False, "message": "Этот адрес занят. Выберите другой."
    }


def test_only_the_brands_site_takes_applications(house: House) -> None:
    assert house.visit(KAZAN).get("/dealers/join").status_code == 404


def test_confirming_twice_makes_one_site(house: House, outbox: list[EmailMessage]) -> None:
    client = house.visit(HQ)
    join(client)
    house.work()
    path = link_in(outbox[0])
    for _time in range(2):
        client.post(path, data={"csrf_token": token_of(client.get(path).text)})
        house.work()
    assert house.scalar("SELECT count(*) FROM network.tenants") == 4


def test_a_cut_link_is_told_so(house: House) -> None:
    reply = house.visit(HQ).get("/dealers/confirm/abc")
    assert reply.status_code == 403
    assert "скопируйте" in reply.text.lower() or "Скопируйте" in reply.text


@pytest.mark.parametrize("written", [
    "teplo-kazan", "Teplo-Kazan.localhost", " http://teplo-kazan.localhost:8000/desk ",
])
def test_a_dealer_is_shown_to_his_own_door(house: House, written: str) -> None:
    reply = house.visit(HQ).get("/dealers/sign-in", query_string={"shop": written})
    assert reply.location == "http://teplo-kazan.localhost:8000/desk/sign-in"


@pytest.mark.parametrize("written", ["", "nobody", "evil.example", "//evil.example", "a b", "<script>"])
def test_an_unknown_shop_is_told_so(house: House, written: str) -> None:
    reply = house.visit(HQ).get("/dealers/sign-in", query_string={"shop": written, "lang": "ru"})
    assert reply.status_code == 404
    assert "магазина нет" in reply.text


def test_an_emptied_password_is_told(house: House) -> None:
    client = house.visit(HQ)
    assert "введите его ещё раз" not in client.get("/dealers/join?lang=ru").text
    assert "введите его ещё раз" in join(client, slug="hq").text  # type: ignore[attr-defined]
