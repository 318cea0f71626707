"""A dealer signs up by himself: form, mail, wizard, and his shop is up in his colours."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network, link_in
from tests.journeys.person import Person, shoot

pytestmark = pytest.mark.browser

WALKS = {
    "phone-ru": ("phone", "ru", "teplyj-krug", "7728168971"),
    "desktop-en": ("desktop", "en", "warm-circle", "7736050003"),
}


@pytest.mark.parametrize(("device", "locale", "slug", "inn"), WALKS.values(), ids=WALKS)
def test_a_dealer_opens_his_shop_by_himself(
    network: Network, arriving: Arrive, device: str, locale: str, slug: str, inn: str
) -> None:
    dealer, email = arriving(device, locale), f"anna@{slug}.example.ru"
    apply(dealer, slug, inn, email)
    confirm(dealer, email)
    dealer.page.wait_for_url(network.address(slug, "/desk/setup/look"), timeout=30_000)
    colour = choose_look(dealer)
    tell_contacts(dealer)
    dealer.reads("Stock and prices")
    dealer.press("Open the shop")
    dealer.reads("Your site is ready. This is what visitors see.")
    assert dealer.page.url == network.address(slug)
    shoot(dealer, "new-shop")
    assert dealer.page.locator("img.logo__image").first.evaluate("one => one.naturalWidth") > 0
    assert brand_of(dealer) == colour

    visitor = arriving("desktop", locale)
    visitor.visit(slug)
    for _look in range(12):  # another process may keep what it knew of the site for some seconds
        if brand_of(visitor) == colour:
            break
        visitor.page.wait_for_timeout(1000)
        visitor.page.reload()
    assert brand_of(visitor) == colour
    expect(visitor.page.locator(".price__now").first).to_be_visible()


def apply(dealer: Person, slug: str, inn: str, email: str) -> None:
    """Fill in the form; a name that looks like another's is refused while typing, and again when sent."""
    dealer.visit("ochag", "/dealers/join")
    dealer.fill_named(
        company="ООО «Тёплый круг»", inn=inn, city="Самара", contact_name="Анна Орлова", email=email,
        phone="8 (916) 123-45-67", password="tihij ogon v pechi",
    )
    dealer.page.locator("[name=consent]").check()
    wish, hint = dealer.page.locator("[name=slug]"), dealer.page.locator("#slug-hint")
    wish.press_sequentially("0chag")
    expect(hint).to_have_attribute("data-tone", "bad")
    dealer.press("Open my shop")
    expect(dealer.page.locator("#slug-error")).to_be_visible()
    dealer.look()
    shoot(dealer, "join-refused", whole=True)
    dealer.page.locator("[name=password]").fill("tihij ogon v pechi")
    wish.fill("")
    wish.press_sequentially(slug)
    expect(hint).to_have_attribute("data-tone", "good")
    dealer.press("Open my shop")
    dealer.reads("Look into your mail")
    dealer.sees(re.compile(re.escape(email)))


def confirm(dealer: Person, email: str) -> None:
    """Open the link of the mail and press its one button."""
    dealer.open(link_in(dealer.network.mail(email, "/dealers/confirm/"), "/dealers/confirm/"))
    dealer.press("Make my site")


def choose_look(dealer: Person) -> str:
    """The other theme with its second palette, and a logo; answers the palette's main colour."""
    dealer.reads("How your shop looks")
    shoot(dealer, "wizard", whole=True)
    dealer.page.locator("[name=theme][value=fjord]").check()
    palette = dealer.page.locator("[name=palette][value=graphite]")
    palette.check()
    colour = palette.evaluate("one => JSON.parse(one.dataset.colours).brand")
    dealer.page.locator("[name=logo]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": logo_file()}
    )
    dealer.press("Go on")
    return colour


def tell_contacts(dealer: Person) -> None:
    """Name and hours; what was told before stands there already."""
    dealer.reads("Contacts and hours")
    expect(dealer.page.locator("[name=phone]")).to_have_value(re.compile("916"))
    dealer.fill_named(address="ул. Садовая, 5", mon_from="9:00", mon_to="18.00", sat_from="10:00", sat_to="16:00")
    dealer.press("Go on")


def brand_of(person: Person) -> str:
    """The main colour the page wears."""
    return person.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--brand').trim()")


def logo_file() -> bytes:
    """A round sign as a PNG."""
    picture = Image.new("RGBA", (320, 120))
    ImageDraw.Draw(picture).ellipse((10, 10, 110, 110), fill="#1f5f8b")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
