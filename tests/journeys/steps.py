"""What people do in more than one journey: shop, check out, pay, sign in, look a lead up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.journeys.network import Network, link_in
from tests.journeys.person import Person, shoot

BOILER = "PLM-24D"
"""A boiler that the demo sells most."""
HEATER = "MLN-090"
LONG = 60_000
"""Milliseconds until a process has begun on a busy machine and gone through the past."""
CARD, DECLINED_CARD = "4242424242424242", "4000000000000341"


@dataclass(frozen=True)
class Order:
    """An order as its customer knows it."""

    number: str
    tracking: str


@dataclass(frozen=True)
class Customer:
    """Who buys."""

    name: str
    email: str
    phone: str = "+7 917 234-56-78"
    address: str = "ул. Баумана, 10, кв. 5"


def put_in_cart(buyer: Person, site: str, sku: str = BOILER, count: int = 1) -> None:
    """Straight to the product's page and into the cart, where so many are then."""
    slug = buyer.network.rows("SELECT slug FROM network.products WHERE sku = %(sku)s", sku=sku)[0][0]
    buyer.visit(site, f"/p/{slug}")
    take(buyer, count)


def take(buyer: Person, count: int = 1) -> None:
    """From a product's page into the cart."""
    buyer.press("Add to cart", within=buyer.page.locator(".goods__buy"))
    expect(buyer.page.locator("#cart-count")).to_contain_text(str(count))
    buyer.press("In the cart: %(count)s", count=1)
    buyer.reads("Check out")


def pick_city(buyer: Person, site: str, name: str) -> None:
    """Choose a city by its first letters."""
    buyer.visit(site, "/city")
    buyer.page.get_by_role("searchbox", name=buyer.words("City")).fill(name[:4])
    buyer.page.get_by_role("button", name=re.compile(f"^{name}")).first.click()
    expect(buyer.page.locator(".city:visible").first).to_contain_text(name)


def check_out(buyer: Person, customer: Customer, payment: str = "on_delivery") -> None:
    """One page as a guest, up to the button."""
    buyer.press("Check out")
    buyer.reads("Your order")
    shoot(buyer, "checkout", whole=True)
    buyer.page.locator("[name=delivery_method][value=courier]").check()
    buyer.fill_named(address=customer.address, name=customer.name, phone=customer.phone, email=customer.email)
    buyer.page.locator(f"[name=payment_method][value={payment}]").check()
    buyer.page.locator("[name=consent]").check()
    before_total, *_total = buyer.words("Place the order: %(total)s").split("%(")
    buyer.page.get_by_role("button", name=re.compile(f"^{before_total}")).click()


def order_of(buyer: Person) -> Order:
    """The order whose tracking page is open."""
    number = re.search(r"\d+-\d+", buyer.page.locator("h1").inner_text())
    assert number, buyer.page.url
    return Order(number.group(), buyer.page.url)


def buy_on_delivery(buyer: Person, customer: Customer) -> Order:
    """From the cart to the tracking page, which the mail leads to as well."""
    check_out(buyer, customer)
    buyer.page.wait_for_url("**/l/order/**")
    order = order_of(buyer)
    buyer.reads("Thank you! Order %(number)s is placed.", number=order.number)
    mail = buyer.network.mail(customer.email, order.number)
    assert link_in(mail, "/l/order/").startswith(order.tracking.split("/l/")[0])
    buyer.open(link_in(mail, "/l/order/"))
    buyer.reads("Where it is now")
    return order


def pay(buyer: Person, card: str) -> None:
    """Fill in the emulator's card fields and pay."""
    field = buyer.page.locator("#card")
    fields = {"number": card, "exp_month": "12", "exp_year": "34", "cvc": "123", "postal_code": "42011"}
    for name, text in fields.items():
        field.locator(f"[data-field={name}]").fill(text)
    buyer.page.locator("#card-form [type=submit]").click()


def sign_in(person: Person, site: str, email: str, path: str = "/desk") -> None:
    """Open a desk; its door asks who comes."""
    person.visit(site, path)
    person.fill_named(email=email, password=person.network.password)
    person.press("Sign in")
    expect(person.page.locator(".desk__main")).to_be_visible()
    person.look()


def sign_in_to_hq(person: Person) -> None:
    """HQ's owner at his desk."""
    sign_in(person, "ochag", "hq@example.ru", "/hq")


def put_rules_in_force(hq: Person, picture: str, **fields: str) -> None:
    """From the first ready-made rule with these fields to the rules in force; HQ is signed in."""
    hq.visit("ochag", "/hq/routing")
    hq.page.locator("section.card form button").first.click()
    hq.page.wait_for_url("**/hq/routing/*")
    for name, value in fields.items():
        field = hq.page.locator(f"[name='{name}']")
        fold = field.locator("xpath=ancestor::details[not(@open)]/summary")
        if fold.count():
            fold.click()
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    shoot(hq, picture, whole=True)
    hq.press("Save the draft")
    hq.reads("The draft is saved.")
    hq.press("Put in force")
    hq.page.locator("dialog [data-answer]").click()
    hq.reads("These rules are in force from now on. Leads on their way keep their offers.")


def lead_of(network: Network, order: Order, owner: str = "ochag") -> tuple[str, str]:
    """Owner and id of the lead an order became."""
    owner_id = network.tenant(owner)
    lead_id = network.rows(f"SELECT lead_id FROM {owner_id}.orders WHERE number = %(number)s", number=order.number)
    return owner_id, str(lead_id[0][0])


def open_lead_at_hq(person: Person, order: Order, owner: str = "ochag") -> None:
    """HQ's page of the lead an order became."""
    owner_id, lead_id = lead_of(person.network, order, owner)
    person.visit("ochag", f"/hq/leads/{owner_id}/{lead_id}")


def stat(person: Person, english: str) -> str:
    """The figure under a label."""
    return person.page.locator(".stat", has_text=person.words(english)).first.locator(".stat__value").inner_text()


def draft(hq: Person, name: str) -> int:
    """A draft of the rules from the first ready-made strategy, saved under a name; answers its version."""
    hq.visit("ochag", "/hq/routing")
    hq.page.locator("section.card form button").first.click()
    hq.page.wait_for_url("**/hq/routing/*")
    hq.fill("Name of the version", name)
    hq.press("Save the draft")
    hq.reads("The draft is saved.")
    return int(hq.page.url.rpartition("/")[2].partition("?")[0])


def rehearse(hq: Person, version: int) -> None:
    """Rehearse a version, whose page is open, on past leads, until the verdict stands there."""
    hq.page.locator(f"a[href='/hq/routing/{version}/rehearsals']").click()
    hq.page.wait_for_url("**/rehearsals")
    hq.page.locator("main form button[type=submit]").first.click()
    hq.page.wait_for_url("**/rehearsals/*")
    expect(hq.page.locator(".verdict h2")).to_be_visible(timeout=LONG)
