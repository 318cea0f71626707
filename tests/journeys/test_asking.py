"""Where to buy: a visitor finds the dealer of his city on a phone, asks to be called, and the dealer reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, link_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import sign_in

pytestmark = pytest.mark.browser

DEALER, MAIL_OF_DEALER = "novyy-ochag", "novyy-ochag@example.ru"
CITY = {"ru": "Казань", "en": "Kazan"}
PHONES = {"ru": "8 917 234-56-01", "en": "8 917 234-56-02"}


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_call_back_from_where_to_buy_reaches_the_dealer(network: Network, arriving: Arrive, locale: str) -> None:
    visitor, name = arriving("phone", locale), f"Зоя {locale}"
    visitor.visit("ochag")
    visitor.press("Where to buy")
    visitor.page.get_by_role("searchbox", name=visitor.words("City")).fill(CITY[locale])
    visitor.press("Find dealers")
    visitor.reads("serves your city")
    shoot(visitor, "where-to-buy", whole=True)
    visitor.page.locator(f'a[href*="kind=callback"][href*="{DEALER}"]').first.click()
    visitor.reads("Your request goes to %(dealer)s first.", dealer="Новый Очаг")
    ask(visitor, name, PHONES[locale], "Когда привезёте?")
    shoot(visitor, "asked")

    dealer = arriving("phone", "ru")
    dealer.open(link_in(network.mail(MAIL_OF_DEALER, "/l/offer/"), "/l/offer/"))
    dealer.press("Accept")
    dealer.sees(name)
    dealer.sees("Когда привезёте?")

    visitor.visit("ochag", "/ask?kind=question")
    ask(visitor, name, PHONES[locale], "И сколько стоит монтаж?")
    network.mail(MAIL_OF_DEALER, "И сколько стоит монтаж?")
    sign_in(dealer, DEALER, MAIL_OF_DEALER, "/desk/leads?tab=work")
    dealer.page.get_by_text(name).first.click()
    dealer.sees("И сколько стоит монтаж?")
    expect(dealer.page.get_by_text("Обратился 2 раза").first).to_be_visible()
    shoot(dealer, "asked-twice", whole=True)


def ask(visitor: Person, name: str, phone: str, question: str) -> None:
    """Fill in the form and send it."""
    visitor.fill_named(phone=phone, name=name, question=question)
    visitor.page.locator("[name=consent]").check()
    visitor.press("Send", within=visitor.page.locator("#ask"))
    visitor.reads("Thank you, %(name)s", name=name)
