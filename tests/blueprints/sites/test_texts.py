"""What a dealer tells of himself, by language; and what a new shop hears of its stock."""

from __future__ import annotations

import pytest

from app.kernel.clock import now
from app.web.templating import site_view
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.sites import settings
from tests.house import KAZAN, Browser, House, token_of


@pytest.fixture
def owner(house: House) -> Browser:
    """The owner of the shop, signed in."""
    with house.speaking(KAZAN):
        staff = create_staff(email="owner@kazan.example", name="Анна", role="owner", locale="ru", at=now())
        staff.password_hash = hash_password("tihij ogon v pechi")
    browser = house.visit(KAZAN)
    form = {"email": "owner@kazan.example", "password": "tihij ogon v pechi"}
    browser.post("/desk/sign-in", data={**form, "csrf_token": token_of(browser.get("/desk/sign-in").text)})
    return browser


def test_each_reader_has_the_text_of_his_language(house: House, owner: Browser) -> None:
    page = owner.get("/desk/setup/contacts?lang=ru").text
    told = {"name": "Тепло", "phone": "+7 916 123-45-67", "email": "a@example.ru", "about_ru": "Греем с 1999 года"}
    assert owner.post("/desk/setup/contacts", data={**told, "csrf_token": token_of(page)}).status_code == 302
    assert "Греем с 1999 года" in house.visit(KAZAN).get("/about?lang=ru").text
    english = house.visit(KAZAN).get("/about?lang=en").text
    assert "Греем" not in english
    assert "We are an official dealer" in english
    assert "Греем с 1999 года" in owner.get("/desk/setup/contacts").text


def test_a_site_without_texts_has_none(house: House) -> None:
    with house.speaking(KAZAN):
        settings.finish_setup()
        assert site_view().text("about") is None


def test_a_shop_without_stock_is_told_what_visitors_see(owner: Browser) -> None:
    page = owner.get("/desk/setup/stock?lang=ru").text
    assert "Остатки ещё не указаны" in page
    landed = owner.post("/desk/setup/stock", data={"choice": "hq", "csrf_token": token_of(page)}, follow_redirects=True)
    assert "стоит «Нет в наличии»" in landed.text
