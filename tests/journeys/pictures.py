"""The pictures of the README's tour, from a demo of the usual size that this script brings up and ends.

    python -m tests.journeys.pictures --out docs/pictures
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import ARGUMENTS, chromium
from tests.journeys.network import Network, offer_in, running
from tests.journeys.person import Person, arrive
from tests.journeys.steps import (
    Customer,
    buy_on_delivery,
    draft,
    pick_city,
    put_in_cart,
    sign_in,
    sign_in_to_hq,
)
from tests.journeys.test_joining import apply, confirm

LIMIT = 250_000
"""Bytes of a picture."""
TALL = 1400
WIDTHS = {"desktop": 1200, "phone": 390}
TOLD = (
    "SELECT owner_id, id FROM network.leads WHERE owner_id = 't_000001' AND state = 'won' AND satisfaction = 5"
    " AND rounds = 2 AND EXISTS (SELECT FROM network.routing_runs WHERE lead_id = leads.id)"
    " ORDER BY created_at DESC LIMIT 1"
)
BUSY = (
    "SELECT slug FROM network.leads JOIN network.tenants ON tenants.id = assignee_id WHERE leads.state = 'offered'"
    " AND tenants.kind = 'dealer' GROUP BY slug ORDER BY count(*) DESC, slug LIMIT 1"
)


class Album:
    """A folder of small pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, person: Person, name: str, *, whole: bool = False) -> None:
        """What stands on the person's screen now, or the page as far as a picture may be tall."""
        person.look()
        person.page.wait_for_load_state("networkidle")
        picture = Image.open(io.BytesIO(person.page.screenshot(animations="disabled", full_page=whole))).convert("RGB")
        width = WIDTHS[person.device]
        picture = picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)
        (self.folder / f"{name}.png").write_bytes(small(picture.crop((0, 0, width, min(picture.height, TALL)))))


def small(picture: Image.Image) -> bytes:
    """As a PNG of as many colours as the limit allows."""
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() < LIMIT:
            break
    return out.getvalue()


def shop(network: Network, browser: Browser, album: Album) -> None:
    """The brand's site and a customer's way through it."""
    buyer = arrive(network, browser, "desktop", "ru")
    pick_city(buyer, "ochag", "Москва")
    buyer.visit("ochag")
    album.keep(buyer, "home")
    buyer.visit("ochag", "/catalogue/boilers?f.chamber=closed")
    album.keep(buyer, "catalogue")
    put_in_cart(buyer, "ochag")
    buyer.page.go_back()
    album.keep(buyer, "product")
    buyer.visit("ochag", "/cart")
    buyer.press("Check out")
    album.keep(buyer, "checkout")

    other = arrive(network, browser, "phone", "ru")
    pick_city(other, "ochag", "Москва")
    put_in_cart(other, "ochag")
    buy_on_delivery(other, Customer("Тимур Валеев", "timur@example.ru"))
    link = offer_in(network.mail("example.ru", "/l/offer/"))
    other.page.reload()
    album.keep(other, "tracking")
    dealer = arrive(network, browser, "phone", "ru")
    dealer.open(link)
    album.keep(dealer, "dealer-link")

    english = arrive(network, browser, "desktop", "en")
    english.visit("ochag", "/catalogue/radiators")
    album.keep(english, "catalogue-en")


def dealers(network: Network, browser: Browser, album: Album) -> None:
    """A dealer's inbox on a phone, a shop in the other theme, and the wizard of a new one."""
    slug = network.rows(BUSY)[0][0]
    inbox = arrive(network, browser, "phone", "ru")
    sign_in(inbox, slug, f"{slug}@example.ru", "/desk/leads")
    album.keep(inbox, "desk-inbox")
    visitor = arrive(network, browser, "desktop", "ru")
    visitor.visit(fjord_shop(network))
    album.keep(visitor, "shop-fjord")
    newcomer = arrive(network, browser, "desktop", "ru")
    apply(newcomer, "teplyj-krug", "7728168971", "anna@example.ru")
    confirm(newcomer, "anna@example.ru")
    newcomer.page.wait_for_url("**/desk/setup/look")
    album.keep(newcomer, "wizard")


def fjord_shop(network: Network) -> str:
    """Slug of the first dealer whose shop wears the theme Fjord."""
    for dealer_id, slug in network.rows("SELECT id, slug FROM network.tenants WHERE kind = 'dealer' ORDER BY number"):
        if network.rows(f"SELECT 1 FROM {dealer_id}.site WHERE theme = 'fjord'"):
            return slug
    raise LookupError("nobody wears Fjord")


def headquarters(network: Network, browser: Browser, album: Album) -> None:
    """The overview, the dealers, and a lead from its birth to the customer's word."""
    hq = arrive(network, browser, "desktop", "ru")
    sign_in_to_hq(hq)
    album.keep(hq, "hq-overview")
    hq.visit("ochag", "/hq/dealers")
    album.keep(hq, "hq-dealers")
    owner_id, lead_id = network.rows(TOLD)[0]
    hq.visit("ochag", f"/hq/leads/{owner_id}/{lead_id}")
    album.keep(hq, "hq-lead", whole=True)
    ((part,),) = network.until("SELECT id FROM network.leads WHERE part = 2")
    hq.visit("ochag", f"/hq/leads/{owner_id}/{part}")
    album.keep(hq, "hq-parts")
    hq.visit("ochag", "/hq/leads/contradictions")
    album.keep(hq, "hq-contradictions")
    version, rehearsal = network.until("SELECT version, id FROM network.rehearsals WHERE state = 'done'")[0]
    hq.visit("ochag", f"/hq/routing/{version}/rehearsals/{rehearsal}")
    album.keep(hq, "hq-rehearsal")
    reader = arrive(network, browser, "desktop", "en")
    sign_in_to_hq(reader)
    reader.visit("ochag", f"/hq/leads/{owner_id}/{lead_id}")
    album.keep(reader, "hq-lead-en", whole=True)


def rules(network: Network, browser: Browser, album: Album) -> None:
    """How HQ says who gets a lead and where, and watches what waits; where a visitor finds a dealer."""
    hq = arrive(network, browser, "desktop", "ru")
    sign_in_to_hq(hq)
    draft(hq, "Ближе всех")
    album.keep(hq, "routing-editor")
    hq.visit("ochag", "/hq/territories")
    album.keep(hq, "territories")
    hq.visit("ochag", "/hq/leads/board")
    album.keep(hq, "board")
    visitor = arrive(network, browser, "phone", "ru")
    pick_city(visitor, "ochag", "Москва")
    visitor.visit("ochag", "/dealers")
    album.keep(visitor, "where-to-buy")


def main() -> None:
    """Bring the demo up, take the pictures, end it."""
    parser = argparse.ArgumentParser(description="Takes the pictures of the README's tour")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    album, folder = Album(parser.parse_args().out), Path(tempfile.mkdtemp(prefix="zveno-pictures-"))
    folder.chmod(0o755)
    with running(folder) as network, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        for scene in (shop, dealers, headquarters, rules):
            scene(network, browser, album)
        browser.close()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
