"""Outcome without a portal: a mail, one tap, a sum; the customer tells something else; HQ sees it and asks."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, link_in
from tests.journeys.person import Person, shoot
from tests.journeys.steps import sign_in_to_hq

pytestmark = pytest.mark.browser

CITY = {"ru": "Казань", "en": "Kazan"}


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_dealer_and_customer_tell_different_things(
    network: Network, arriving: Arrive, device: str, locale: str
) -> None:
    hq = arriving("desktop", locale)
    number, mailbox = write_down_a_call(hq, f"vera-{device}-{locale}@example.ru")
    dealer = arriving(device, locale)
    link = take_by_mail(dealer, number, mailbox)
    sell(dealer, link)
    answer(arriving(device, locale), number, f"vera-{device}-{locale}@example.ru")
    see_and_ask(hq, number)
    agree(dealer, number, mailbox)
    hq.visit("ochag", "/hq/leads/contradictions?settled=1")
    hq.sees(f"№ {number}")
    shoot(hq, "contradictions-settled")


def write_down_a_call(hq: Person, customer: str) -> tuple[str, str]:
    """HQ writes a call-back down; answers its number and the mailbox of the dealer it is offered to."""
    sign_in_to_hq(hq)
    hq.visit("ochag", "/desk/leads/new")
    hq.fill_named(name="Вера Орлова", phone=f"+7 917 {sum(map(ord, customer)) % 900 + 100} 11-22", email=customer)
    hq.page.locator("[name=kind]").select_option("callback")
    hq.page.locator("[name=city_id]").select_option(label=CITY[hq.locale])
    hq.page.locator("form [type=submit]").last.click()
    hq.reads("The lead is written down.")
    ((number, slug),) = hq.network.until(
        "SELECT l.number, t.slug FROM network.leads l JOIN network.lead_contacts c ON c.lead_id = l.id"
        " JOIN network.tenants t ON t.id = l.assignee_id WHERE c.email = %(email)s AND l.state = 'offered'",
        email=customer,
    )
    return number, f"{slug}@example.ru"


def take_by_mail(dealer: Person, number: str, mailbox: str) -> str:
    """The button of the mail opens one step, one press does it; answers the address of the lead."""
    button = link_in(dealer.network.mail(mailbox, number), "/acceptance")
    dealer.open(f"{button}?lang={dealer.locale}")
    shoot(dealer, "step-acceptance")
    assert dealer.network.rows("SELECT state FROM network.leads WHERE number = %(n)s", n=number) == [("offered",)]
    dealer.press("Accept")
    dealer.sees("Вера Орлова")
    shoot(dealer, "lead-in-work", whole=True)
    return button.removesuffix("/acceptance")


def sell(dealer: Person, link: str) -> None:
    """A slip of the pen, then the sum as people write it."""
    dealer.open(f"{link}/sale")
    dealer.fill_named(sum="много")
    dealer.press("Sold")
    dealer.reads("Write a sum in roubles, like 12 500 or 12 500,50.")
    shoot(dealer, "step-sale")
    dealer.fill_named(sum="50 000")
    dealer.press("Sold")
    dealer.reads("Was that a mistake?")


def answer(customer: Person, number: str, mailbox: str) -> None:
    """Days later the customer is asked, and says that he has not bought."""
    customer.network.rows(
        "UPDATE network.leads SET customer_ask_at = now() - interval '1 minute' WHERE number = %(n)s", n=number
    )
    mail = customer.network.mail(mailbox, "/l/feedback/")
    customer.open(f"{link_in(mail, '/l/feedback/').removesuffix('/quiet')}?lang={customer.locale}")
    customer.page.locator("[name=contacted][value=yes]").check()
    customer.page.locator("[name=bought][value=no]").check()
    shoot(customer, "feedback-talk", whole=True)
    customer.press("Send")
    customer.reads("You have not bought.")
    customer.look()


def see_and_ask(hq: Person, number: str) -> None:
    """HQ sees both words side by side and asks the dealer."""
    hq.visit("ochag", "/hq/leads/contradictions")
    hq.reads("The dealer says he sold, the customer says he has not bought")
    shoot(hq, "contradictions", whole=True)
    hq.page.get_by_role("link", name=f"№ {number}", exact=True).first.click()
    shoot(hq, "contradiction", whole=True)
    hq.press("Ask the dealer")
    hq.reads("The dealer is asked by mail.")


def agree(dealer: Person, number: str, mailbox: str) -> None:
    """One tap in the mail, one press on the page."""
    mail = dealer.network.mail(mailbox, "/agreement")
    dealer.open(f"{link_in(mail, '/agreement')}?lang={dealer.locale}")
    shoot(dealer, "step-agreement", whole=True)
    dealer.press("The customer is right")
    dealer.network.until("SELECT 1 FROM network.leads WHERE number = %(n)s AND state = 'lost'", n=number)
