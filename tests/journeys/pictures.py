"""Pictures for the README, taken of a running demo: `python -m tests.journeys.pictures --home .zveno --port 8000`.

It only looks; nothing is changed.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
             "--disable-sync")  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
COLOURS = 200


class Camera:
    """Walks through the demo and keeps what it sees as small PNG files."""

    def __init__(self, browser: Browser, port: int, password: str, out: Path) -> None:
        self.browser, self.port, self.password, self.out = browser, port, password, out

    def page(self, viewport: dict[str, int] = DESKTOP) -> Page:
        """A fresh browser window."""
        scale = 2 if viewport is PHONE else 1
        context = self.browser.new_context(viewport=viewport, locale="ru-RU", device_scale_factor=scale)
        return context.new_page()

    def url(self, slug: str, path: str) -> str:
        """Address at a tenant's host."""
        return f"http://{slug}.localhost:{self.port}{path}"

    def shoot(self, page: Page, name: str) -> None:
        """Keep the window as `<name>.png`, in a small palette."""
        page.wait_for_load_state("networkidle")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        if picture.width < 1000:
            picture = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
        picture.quantize(COLOURS).save(self.out / f"{name}.png", optimize=True)

    def signed_in(self, slug: str, email: str, viewport: dict[str, int] = DESKTOP) -> Page:
        """A window of a member of staff."""
        page = self.page(viewport)
        page.goto(self.url(slug, "/desk/sign-in"))
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", self.password)
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        return page



def brand(camera: Camera) -> None:
    """The brand's site, from the front page to the order's own page."""
    page = camera.page()
    page.goto(camera.url("ochag", "/"))
    camera.shoot(page, "home")
    page.goto(camera.url("ochag", "/catalogue/boilers"))
    camera.shoot(page, "catalogue")
    page.goto(camera.url("ochag", "/catalogue?q=кател+настеный"))
    page.click("main article.product h3 a")
    camera.shoot(page, "product")


def joining(camera: Camera) -> None:
    """The form a dealer fills in, and the wizard's first page."""
    page = camera.page()
    page.goto(camera.url("ochag", "/dealers/join"))
    page.fill("input[name=slug]", "teplyj-dom-samara")
    page.wait_for_timeout(900)
    camera.shoot(page, "join")


def dealer(camera: Camera, slug: str, email: str, other: str) -> None:
    """A dealer's desk on the phone, his settings, and a shop in the other theme in English."""
    page = camera.signed_in(slug, email, PHONE)
    page.goto(camera.url(slug, "/desk"))
    camera.shoot(page, "desk-phone")
    page = camera.signed_in(slug, email)
    page.goto(camera.url(slug, "/desk/setup/look"))
    camera.shoot(page, "look")
    page = camera.page()
    page.goto(camera.url(other, "/?lang=en"))
    camera.shoot(page, "dealer-shop")


def headquarters(camera: Camera) -> None:
    """The overview, and one lead with the reasons why each dealer got it or not."""
    page = camera.signed_in("ochag", "hq@example.ru")
    page.goto(camera.url("ochag", "/hq/"))
    camera.shoot(page, "overview")
    page.goto(camera.url("ochag", "/hq/leads?state=satisfied&source=brand_site"))
    page.click("main table a")
    page.wait_for_load_state()
    page.set_viewport_size({"width": 1280, "height": 1500})
    camera.shoot(page, "lead")
    page.set_viewport_size(DESKTOP)
    page.goto(camera.url("ochag", "/hq/dealers"))
    camera.shoot(page, "dealers")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".zveno"))
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    password = json.loads((options.home / "secrets.json").read_text("utf-8"))["password"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        camera = Camera(browser, options.port, password, options.out)
        brand(camera)
        joining(camera)
        dealer(camera, "teplomaster", "teplomaster@example.ru", "novyy-ochag")
        headquarters(camera)
        browser.close()


if __name__ == "__main__":
    main()
