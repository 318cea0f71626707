"""The whole story: a consumer finds, buys, gets; the nearest dealer serves him from his phone; HQ sees the end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, link_in, offer_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import (
    BOILER,
    Customer,
    Order,
    buy_on_delivery,
    open_lead_at_hq,
    pick_city,
    sign_in_to_hq,
    stat,
    take,
)

pytestmark = pytest.mark.browser

DEALER = "novyy-ochag"
"""The dealer of Kazan."""
MAIL_OF_DEALER = "novyy-ochag@example.ru"
CITY = {"ru": "Казань", "en": "Kazan"}
TYPO = {"ru": "кател пламя", "en": "plamya boilr"}
BOILERS_NAME = {"ru": "Котёл газовый настенный Очаг Пламя 24D", "en": "Ochag Plamya 24D wall-hung gas boiler"}


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_the_whole_story(network: Network, arriving: Arrive, device: str, locale: str) -> None:
    network.stock_up(DEALER, BOILER, 20)
    consumer = arriving(device, locale)
    customer = Customer("Тимур Валеев", f"timur-{device}-{locale}@example.ru")
    find_boiler(consumer)
    order = buy_on_delivery(consumer, customer)
    shoot(consumer, "tracking", whole=True)
    serve(arriving("phone", "ru"), order)
    watch(consumer, order)
    praise(consumer, customer)
    see_the_end(arriving("desktop", locale), order)


def find_boiler(consumer: Person) -> None:
    """City, search with a slip of the pen, a facet, the product, the cart."""
    consumer.visit("ochag")
    shoot(consumer, "home")
    pick_city(consumer, "ochag", CITY[consumer.locale])
    search = consumer.page.get_by_role("searchbox", name=consumer.words("Search the catalogue")).filter(visible=True)
    search.first.fill(TYPO[consumer.locale])
    search.first.press("Enter")
    consumer.sees(BOILERS_NAME[consumer.locale])
    choose_facet(consumer)
    consumer.page.get_by_role("link", name=BOILERS_NAME[consumer.locale]).first.click()
    expect(consumer.page.locator("h1")).to_have_text(BOILERS_NAME[consumer.locale])
    expect(consumer.page.locator(".goods__buy .price__now")).to_contain_text("₽")
    expect(consumer.page.locator(".promise__when")).to_contain_text(CITY[consumer.locale])
    consumer.look()
    shoot(consumer, "product", whole=True)
    take(consumer)


def choose_facet(consumer: Person) -> None:
    """Only boilers of 20 kW and more; what is chosen stands above the list, and the weaker one is gone."""
    weaker = consumer.page.get_by_role("link", name=BOILERS_NAME[consumer.locale].replace("24D", "18D"))
    expect(weaker.first).to_be_visible()
    if consumer.device == "phone":
        consumer.page.locator(".facets__toggle").click()
    power = consumer.page.locator("[name='f.power.from']")
    power.fill("20")
    power.press("Enter")
    expect(consumer.page.locator(".chip:not(.chip--quiet)").first).to_contain_text("20")
    expect(weaker).to_have_count(0)
    consumer.look()
    shoot(consumer, "catalogue")


def serve(dealer: Person, order: Order) -> None:
    """From the link of the mail, on a phone, without signing in: accept, write, ship, deliver."""
    link = offer_in(dealer.network.mail(MAIL_OF_DEALER, order.number, "/l/offer/"))
    assert link.startswith(dealer.network.address(DEALER, "/l/offer/"))
    dealer.open(link)
    dealer.reads("Name and phone appear as soon as you take the lead.")
    shoot(dealer, "dealer-link")
    dealer.press("Accept")
    dealer.reads("The lead is yours. Call the customer soon.")
    dealer.sees("Тимур Валеев")
    dealer.fill("Message to the customer", "Привезём завтра с 10 до 12.")
    dealer.press("Send")
    dealer.reads("The message is on its way.")
    dealer.press("Shipped")
    dealer.reads("Shipped. The customer has been told.")
    dealer.press("Delivered")
    dealer.reads("Delivered. The customer is asked for feedback.")


def watch(consumer: Person, order: Order) -> None:
    """The tracking page tells who serves, what he wrote and that it was delivered."""
    consumer.open(order.tracking)
    consumer.sees("Новый Очаг")
    consumer.sees("Привезём завтра с 10 до 12.")
    consumer.reads("Delivered")


def praise(consumer: Person, customer: Customer) -> None:
    """Received, five stars, a few words, by the link of the mail."""
    consumer.open(link_in(consumer.network.mail(customer.email, "/l/feedback/"), "/l/feedback/"))
    consumer.page.locator("[name=received][value=yes]").check()
    consumer.page.locator("label[for=stars-5]").click()
    consumer.page.locator("[name=comment]").fill("Всё привезли в срок, спасибо!")
    shoot(consumer, "feedback")
    consumer.press("Send")
    consumer.reads("Thank you! Your answer has been noted.")
    consumer.sees("Всё привезли в срок, спасибо!")


def see_the_end(hq: Person, order: Order) -> None:
    """Order made? Volume? Satisfied? With why and how; and the funnel leads to it."""
    sign_in_to_hq(hq)
    expect(hq.page.locator(".funnel__step").first).to_be_visible()
    shoot(hq, "hq-overview", whole=True)
    open_lead_at_hq(hq, order)
    assert stat(hq, "Order made?") == hq.words("Yes")
    assert "₽" in stat(hq, "Volume")
    assert stat(hq, "Satisfied?") == hq.words("%(stars)s of 5", stars=5)
    hq.sees("Всё привезли в срок, спасибо!")
    hq.reads("Chosen")
    expect(hq.page.locator(".timeline__item").first).to_be_visible()
    shoot(hq, "hq-lead", whole=True)
    number = hq.page.locator("h1").inner_text().split()[-1]
    hq.visit("ochag", "/hq")
    hq.page.locator("a.funnel__step").last.click()
    hq.sees(re.compile(re.escape(number)))
