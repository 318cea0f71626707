"""What stays with a dealer, what moves on, and who may be open at all."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, offer_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import (
    BOILER,
    Customer,
    buy_on_delivery,
    lead_of,
    open_lead_at_hq,
    pick_city,
    put_in_cart,
    sign_in,
    sign_in_to_hq,
)
from tests.journeys.test_joining import apply, confirm

pytestmark = pytest.mark.browser

PATIENCE = 20
"""Seconds a change of the registry may take to reach every web process."""


def test_an_order_at_a_dealers_site_stays_with_him(network: Network, arriving: Arrive) -> None:
    network.stock_up("domovoy", BOILER, 5)
    buyer, customer = arriving("desktop", "ru"), Customer("Вера Соколова", "vera@example.ru")
    put_in_cart(buyer, "domovoy")
    order = buy_on_delivery(buyer, customer)
    owner, lead_id = lead_of(network, order, "domovoy")
    assert network.rows(
        "SELECT assignee_id, state FROM network.leads WHERE owner_id = %(owner)s AND id = %(id)s",
        owner=owner, id=lead_id,
    ) == [(owner, "accepted")]

    dealer = arriving("phone", "ru")
    sign_in(dealer, "domovoy", "domovoy@example.ru", "/desk/leads?tab=work")
    shoot(dealer, "desk-inbox")
    dealer.page.locator("a.record", has_text="Вера Соколова").first.click()
    dealer.sees("vera@example.ru")

    hq = arriving("desktop", "ru")
    sign_in_to_hq(hq)
    open_lead_at_hq(hq, order, "domovoy")
    hq.reads("The lead came from the dealer's own site: its contact and messages are his alone.")
    expect(hq.page.get_by_text("Вера Соколова")).to_have_count(0)
    expect(hq.page.get_by_text("vera@example.ru")).to_have_count(0)


def test_a_declined_order_moves_on_and_the_stock_is_corrected(network: Network, arriving: Arrive) -> None:
    for slug in ("gradus", "novyy-ochag"):
        network.stock_up(slug, BOILER, 7)
    buyer = arriving("desktop", "ru")
    pick_city(buyer, "ochag", "Челябинск")
    put_in_cart(buyer, "ochag")
    order = buy_on_delivery(buyer, Customer("Павел Ремезов", "pavel@example.ru"))
    network.mail("gradus@example.ru", "/l/offer/")

    dealer = arriving("phone", "ru")
    sign_in(dealer, "gradus", "gradus@example.ru", "/desk/leads")
    dealer.page.locator("a.record--new").first.click()
    dealer.press("Decline")
    dealer.press("Not in stock")
    dealer.reads("Thank you for the answer. The lead goes on to another dealer.")
    assert network.rows(
        "SELECT on_hand - reserved FROM network.stock JOIN network.products ON products.id = product_id"
        " WHERE stock.owner_id = %(owner)s AND sku = %(sku)s", owner=network.tenant("gradus"), sku=BOILER,
    ) == [(0,)]

    owner, lead_id = lead_of(network, order)
    second = next_of(network, owner, lead_id)
    link = offer_in(network.mail(f"{second}@example.ru", order.number, "/l/offer/"))
    other = arriving("phone", "ru")
    other.open(link)
    other.press("Accept")
    other.reads("The lead is yours. Call the customer soon.")
    other.sees("Павел Ремезов")


def test_a_new_dealer_waits_for_hq_and_a_suspended_one_is_closed(network: Network, arriving: Arrive) -> None:
    hq = arriving("desktop", "ru")
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/dealers")
    hq.press("Let them wait for approval")
    hq.reads("New sites wait for your approval; the dealer can prepare everything meanwhile.")

    dealer, slug = arriving("desktop", "ru"), "severnyj-dom"
    apply(dealer, slug, "7707083893", "sever@example.ru")
    confirm(dealer, "sever@example.ru")
    dealer.page.wait_for_url(network.address(slug, "/desk/setup/look"), timeout=30_000)
    dealer.reads("How your shop looks")

    visitor = arriving("phone", "ru")
    expect_status(visitor, slug, 503)
    hq.visit("ochag", "/hq/dealers?state=pending")
    shoot(hq, "hq-dealers")
    hq.press("Approve", within=hq.page.locator("tr", has_text=slug))
    hq.reads("The site is open. The dealer is told by mail.")
    hq.press("Open them at once")
    hq.reads("New sites are open to visitors at once.")
    network.mail("sever@example.ru", network.address(slug))
    expect_status(visitor, slug, 200)

    hq.visit("ochag", f"/hq/dealers?q={slug}")
    hq.press("Suspend", within=hq.page.locator("tr", has_text=slug))
    hq.page.locator("[name=reason]").fill("Договор закончился.")
    hq.page.locator("main form [type=submit]").last.click()
    hq.reads("Done. The dealer is told by mail.")
    network.mail("sever@example.ru", "Договор закончился.")
    expect_status(visitor, slug, 503)


def expect_status(visitor: Person, slug: str, status: int) -> None:
    """What a visitor is answered; each web process may believe what it knew for some seconds, so it is waited for."""
    for _try in range(PATIENCE):
        reply = visitor.page.goto(visitor.network.address(slug))
        assert reply is not None
        visitor.complaints.clear()  # Chromium writes every 503 into its console
        visitor.look()
        if reply.status == status:
            return
        visitor.page.wait_for_timeout(1000)
    raise AssertionError(f"{slug} still answers {reply.status}")


def next_of(network: Network, owner: str, lead_id: str) -> str:
    """Slug of the dealer the second offer went to; the worker makes it a moment after the refusal."""
    query = (
        "SELECT slug FROM network.lead_offers JOIN network.tenants ON tenants.id = dealer_id"
        " WHERE owner_id = %(owner)s AND lead_id = %(id)s AND round = 2"
    )
    return str(network.until(query, owner=owner, id=lead_id)[0][0])
