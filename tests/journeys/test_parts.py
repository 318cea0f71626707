"""An order no single dealer has all of: two parts, two dealers; one gives his back, it moves on, and its money returns.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, link_in, offer_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import (
    BOILER,
    CARD,
    HEATER,
    Customer,
    Order,
    check_out,
    lead_of,
    order_of,
    pay,
    pick_city,
    put_in_cart,
    put_rules_in_force,
    sign_in_to_hq,
)

pytestmark = pytest.mark.browser

NEAR, FAR, FARTHER = "novyy-ochag", "teplomaster", "domovoy"
"""Kazan has the boiler; Moscow and Saint Petersburg the heater."""
CITY = {"ru": "Казань", "en": "Kazan"}
RETURNED = "SELECT value ->> 'minor' FROM {hq}.payments, jsonb_each(returns) WHERE value ->> 'done_at' IS NOT NULL" \
           " AND order_id = (SELECT id FROM {hq}.orders WHERE number = %(number)s)"


@pytest.mark.parametrize(
    ("device", "locale", "phone"), [("phone", "ru", "+7 917 100-20-31"), ("desktop", "en", "+7 917 100-20-32")]
)
def test_an_order_in_two_parts(
    network: Network, arriving: Arrive, rules_as_before: None, device: str, locale: str, phone: str
) -> None:
    share_goods_out(network)
    hq = arriving("desktop" if device == "phone" else "phone", locale)
    sign_in_to_hq(hq)
    put_rules_in_force(hq, "rules-split", **{"s0.split.max_split": "2"})
    buyer, customer = arriving(device, locale), Customer("Марат Сафин", f"marat-{locale}@example.ru", phone)
    order = buy_both(buyer, customer)
    read_of_parcels(buyer, customer, order)
    near, far = arriving(device, locale), arriving("phone", "en" if locale == "ru" else "ru")
    accept_part(near, NEAR, order.number)
    accept_part(far, FAR, f"{order.number}/2")
    give_back(far)
    refuse(arriving(device, locale), FARTHER, f"{order.number}/2")
    see_the_whole(hq, order)
    read_of_money(buyer, customer, order)


def share_goods_out(network: Network) -> None:
    """Nobody has both."""
    slugs = [slug for (slug,) in network.rows("SELECT slug FROM network.tenants WHERE kind = 'dealer'")]
    has = {BOILER: (NEAR,), HEATER: (FAR, FARTHER)}
    for sku, owners in has.items():
        for slug in slugs:
            network.stock_up(slug, sku, 9 if slug in owners else 0)


def buy_both(buyer: Person, customer: Customer) -> Order:
    """Two products, one check-out, paid by card."""
    pick_city(buyer, "ochag", CITY[buyer.locale])
    put_in_cart(buyer, "ochag", BOILER)
    put_in_cart(buyer, "ochag", HEATER, count=2)
    shoot(buyer, "parts-cart", whole=True)
    check_out(buyer, customer, "card")
    pay(buyer, CARD)
    buyer.page.wait_for_url("**/l/order/*")
    return order_of(buyer)


def read_of_parcels(buyer: Person, customer: Customer, order: Order) -> None:
    """By mail and on the order's page: two parcels and what is in each."""
    mail = buyer.network.mail(customer.email, f"{order.number}/2")
    buyer.open(link_in(mail, "/l/order/"))
    for part in (1, 2):
        buyer.reads("Parcel %(part)s of %(of)s", part=part, of=2)
    shoot(buyer, "parts-tracking", whole=True)


def accept_part(dealer: Person, slug: str, number: str) -> None:
    """By the link of the mail; the page says that the rest is not his."""
    dealer.open(offer_in(dealer.network.mail(f"{slug}@example.ru", f"№ {number}:", "/l/offer/")))
    part = number.partition("/")[2] or 1
    dealer.reads("This is part %(part)s of %(of)s of an order: other dealers serve the rest. Only the goods below are"
                 " yours.", part=part, of=2)
    expect(dealer.page.locator("h1")).to_contain_text(number)
    shoot(dealer, f"parts-offer-{part}", whole=True)
    dealer.press("Accept")
    dealer.reads("The lead is yours. Call the customer soon.")
    dealer.sees("Марат Сафин")
    shoot(dealer, f"parts-taken-{part}", whole=True)


def give_back(dealer: Person) -> None:
    """He had taken it and cannot after all."""
    dealer.page.get_by_text(dealer.words("Give it back")).click()
    dealer.press("No time to serve it")
    dealer.reads("Thank you for the answer. The lead goes on to another dealer.")


def refuse(dealer: Person, slug: str, number: str) -> None:
    """The next one is asked for this part alone, and has no hands either."""
    dealer.open(offer_in(dealer.network.mail(f"{slug}@example.ru", f"№ {number}:", "/l/offer/")))
    shoot(dealer, "parts-moved-on", whole=True)
    dealer.press("No time to serve it")
    dealer.reads("Thank you for the answer. The lead goes on to another dealer.")


def see_the_whole(hq: Person, order: Order) -> None:
    """Both parts on the page of each, none of them among strangers; the one nobody serves is closed."""
    owner, lead_id = lead_of(hq.network, order)
    hq.network.until(
        "SELECT 1 FROM network.leads WHERE number = %(number)s AND escalated_at IS NOT NULL", number=f"{order.number}/2"
    )
    hq.visit("ochag", f"/hq/leads/{owner}/{lead_id}")
    hq.reads("Parts of the order")
    assert hq.page.get_by_text(hq.words("Other leads of this customer")).count() == 0
    shoot(hq, "parts-hq-lead", whole=True)
    hq.page.get_by_role("link", name=f"№ {order.number}/2").click()
    hq.reads("No dealer is left who could take this lead. Name one by hand, send it round again, or close it.")
    shoot(hq, "parts-hq-part", whole=True)
    hq.page.locator("summary", has_text=hq.words("No sale: close the lead")).click()
    hq.page.locator("[name=lost_reason]").first.check()
    hq.press("Close without a sale")
    hq.reads("The lead is closed without a sale.")


def read_of_money(buyer: Person, customer: Customer, order: Order) -> None:
    """The part's money goes back, once; the other part comes as agreed."""
    buyer.network.mail(customer.email, order.number, buyer.words("A part of order %(number)s will not come",
                                                                 number=order.number))
    query = RETURNED.format(hq=buyer.network.tenant("ochag"))
    returned = buyer.network.until(query, number=order.number)
    price = buyer.network.rows("SELECT value_minor FROM network.leads WHERE number = %(number)s",
                               number=f"{order.number}/2")
    assert [int(minor) for (minor,) in returned] == [int(price[0][0])]
    buyer.open(order.tracking)
    buyer.reads("Will not come")
    buyer.sees(re.compile(re.escape(buyer.words("We could not get these goods for you."))))
    assert buyer.words("%(sum)s goes back to the card; banks take up to several days for it.", sum="").strip() in (
        buyer.page.locator("main").inner_text()
    )
    buyer.sees("Новый Очаг")
    shoot(buyer, "parts-tracking-end", whole=True)
