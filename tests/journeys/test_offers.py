"""Three dealers see a lead at once: one is faster, hands it on to his branch, and the customer reads how it goes."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, offer_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import (
    BOILER,
    Customer,
    Order,
    buy_on_delivery,
    lead_of,
    open_lead_at_hq,
    pick_city,
    put_in_cart,
    put_rules_in_force,
    sign_in_to_hq,
)

pytestmark = pytest.mark.browser

DEALERS = "SELECT slug FROM network.tenants WHERE kind = 'dealer' AND state = 'active' ORDER BY number LIMIT 4"
OFFERED = (
    "SELECT slug FROM network.lead_offers JOIN network.tenants ON tenants.id = dealer_id"
    " WHERE owner_id = %(owner)s AND lead_id = %(id)s AND lead_offers.state = 'offered' ORDER BY slug"
)


def test_the_first_of_three_gets_the_lead_and_hands_it_on(
    network: Network, arriving: Arrive, rules_as_before: None
) -> None:
    for (slug,) in network.rows(DEALERS):
        network.stock_up(slug, BOILER, 9)
    hq = arriving("desktop", "ru")
    sign_in_to_hq(hq)
    put_rules_in_force(hq, "rules-broadcast", **{"s0.way": "broadcast", "s0.broadcast_to": "3"})
    buyer = arriving("phone", "ru")
    pick_city(buyer, "ochag", "Казань")
    put_in_cart(buyer, "ochag")
    order = buy_on_delivery(buyer, Customer("Ирина Громова", "irina@example.ru"))
    owner, lead_id = lead_of(network, order)
    slugs = [row[0] for row in network.until(OFFERED, owner=owner, id=lead_id)]
    assert len(slugs) == 3
    hq.visit("ochag", "/hq/leads/board")
    hq.sees("3 дилера одновременно")
    shoot(hq, "board")

    first, second = ((arriving("phone", locale), slug) for locale, slug in (("ru", slugs[0]), ("en", slugs[1])))
    for person, slug in (first, second):
        person.open(offer_in(network.mail(f"{slug}@example.ru", order.number, "/l/offer/")))
        person.page.get_by_text("Ирина Громова").wait_for(state="detached")
    shoot(first[0], "offer-race")
    first[0].press("Accept")
    first[0].reads("The lead is yours. Call the customer soon.")
    first[0].sees("Ирина Громова")
    second[0].press("Accept")
    second[0].reads("Another dealer was faster and has taken this lead. There is nothing left for you to do here.")
    assert second[0].page.get_by_text("Ирина Громова").count() == 0
    shoot(second[0], "offer-outrun")
    network.mail(f"{slugs[2]}@example.ru", order.number)

    hand_on(network, arriving, first[0], slugs[0], slugs[2], (owner, lead_id), order)
    buyer.open(order.tracking)
    buyer.reads("The dealer changes: we are looking for another")
    shoot(buyer, "tracking-changed", whole=True)
    open_lead_at_hq(hq, order)
    hq.reads("handed on by")
    shoot(hq, "hq-lead-handed-on", whole=True)


def hand_on(
    network: Network, arriving: Arrive, holder: Person, holder_slug: str, slug: str, lead: tuple[str, str],
    order: Order,
) -> None:
    """The winner hands the lead on to a branch of his, who reads the word and may take it."""
    network.rows("UPDATE network.tenants SET parent_id = %(parent)s WHERE slug = %(slug)s",
                 parent=network.tenant(holder_slug), slug=slug)
    holder.open(holder.page.url)
    holder.page.locator("#handing summary").click()
    holder.fill_named(note="Вы ближе к покупателю")
    shoot(holder, "handing", whole=True)
    holder.press("Hand it on")
    holder.reads("Handed on. The other one is asked at once.")
    assert network.until(OFFERED, owner=lead[0], id=lead[1]) == [(slug,)]
    branch = arriving("phone", "en")
    branch.open(offer_in(network.mail(f"{slug}@example.ru", order.number, "/l/offer/")))
    branch.sees(re.compile("Вы ближе к покупателю"))
    branch.reads("Accept")
    shoot(branch, "handed-on")
