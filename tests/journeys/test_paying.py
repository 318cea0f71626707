"""Paying by card through the acquirer's emulator: a card that pays, and one that is declined."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, offer_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import (
    BOILER,
    CARD,
    DECLINED_CARD,
    Customer,
    check_out,
    lead_of,
    order_of,
    pay,
    pick_city,
    put_in_cart,
)

pytestmark = pytest.mark.browser


def test_a_card_pays_and_the_dealer_is_found(network: Network, arriving: Arrive) -> None:
    network.stock_up("novyy-ochag", BOILER, 20)
    buyer, customer = arriving("phone", "ru"), Customer("Алсу Гарипова", "alsu@example.ru")
    reach_payment(buyer, customer, "Казань")
    shoot(buyer, "payment")
    pay(buyer, CARD)
    buyer.page.wait_for_url("**/l/order/*")
    buyer.reads("Where it is now")
    buyer.reads("Paid")
    order = order_of(buyer)
    assert order.number in network.mail(customer.email, "/l/order/")["subject"]
    link = offer_in(network.mail("novyy-ochag@example.ru", order.number, "/l/offer/"))
    owner, lead_id = lead_of(network, order)
    assert network.rows(
        "SELECT is_paid, assignee_id FROM network.leads WHERE owner_id = %(owner)s AND id = %(id)s",
        owner=owner, id=lead_id,
    ) == [(True, network.tenant("novyy-ochag"))]
    dealer = arriving("phone", "ru")
    dealer.open(link)
    dealer.reads("Paid")


def test_a_declined_card_is_told_and_another_way_is_open(network: Network, arriving: Arrive) -> None:
    buyer, customer = arriving("desktop", "en"), Customer("Oleg Zimin", "oleg@example.ru")
    reach_payment(buyer, customer, "Moscow")
    pay(buyer, DECLINED_CARD)
    problem = buyer.page.locator(".alert[data-kind=bad], #card-error:visible").first
    expect(problem).to_be_visible()
    assert problem.inner_text().strip()
    shoot(buyer, "declined")
    buyer.press("Pay on delivery instead")
    buyer.page.wait_for_url("**/l/order/*")
    buyer.reads("Where it is now")
    assert order_of(buyer).number in network.mail(customer.email, "/l/order/")["subject"]


def reach_payment(buyer: Person, customer: Customer, city: str) -> None:
    """From the city to the page that asks for the card."""
    pick_city(buyer, "ochag", city)
    put_in_cart(buyer, "ochag")
    check_out(buyer, customer, "card")
    expect(buyer.page.locator("#card input").first).to_be_visible()
    buyer.look()
