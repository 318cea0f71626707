"""Somebody at a browser: opens pages, presses, fills in, sees. Whatever he looks at is checked on the way."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.journeys.network import Network
from tests.journeys.words import said, untranslated

DEVICES = {
    "phone": {
        "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2,
    },
    "desktop": {"viewport": {"width": 1440, "height": 900}},
}
LANGUAGES = {"ru": "ru-RU", "en": "en-GB"}
PICTURES = os.environ.get("ZVENO_PICTURES")
PATIENCE_MS = 20_000
REFUSED_FORM = re.compile(r"status of (409|422)")
"""A form that was refused answers so, and Chromium writes it into the console."""

WORDS_ON_PAGE = """() => {
  const texts = document.body.innerText.split("\\n");
  for (const one of document.querySelectorAll("[placeholder],[aria-label],[title],[alt]"))
    for (const name of ["placeholder", "aria-label", "title", "alt"])
      if (one.getAttribute(name)) texts.push(one.getAttribute(name));
  return [document.title, ...texts].map((text) => text.trim()).filter(Boolean);
}"""
TOO_WIDE = """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""


@dataclass
class Person:
    """A browser of somebody's own: cookies, device and language."""

    network: Network = field(repr=False)
    page: Page
    device: str
    locale: str
    complaints: list[str] = field(default_factory=list)

    def words(self, english: str, **values: object) -> str:
        """A message id as this person reads it."""
        return said(english, self.locale, **values)

    def open(self, address: str) -> None:
        """Type an address."""
        reply = self.page.goto(address)
        assert reply is not None
        self.look()

    def visit(self, site: str, path: str = "/") -> None:
        """Open a page of a tenant by his slug."""
        self.open(self.network.address(site, path))

    def press(self, english: str, within: Locator | None = None, **values: object) -> None:
        """Press the first visible button or link of that name."""
        place, name = within or self.page, self.words(english, **values)
        button, link = (place.get_by_role(role, name=name, exact=True) for role in ("button", "link"))
        button.or_(link).filter(visible=True).first.click()

    def fill(self, english: str, text: str) -> None:
        """Write into the field of that label."""
        self.page.get_by_label(self.words(english)).filter(visible=True).first.fill(text)

    def fill_named(self, **texts: str) -> None:
        """Write into fields by the names forms give them."""
        for name, text in texts.items():
            self.page.locator(f"[name='{name}']").fill(text)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The text stands on the page, and the page is in order."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=PATIENCE_MS)
        self.look()

    def reads(self, english: str, **values: object) -> None:
        """As `sees`, in this person's language."""
        self.sees(self.words(english, **values))

    def look(self) -> None:
        """What holds on every page: its language, its width, no complaint of the browser, no foreign words."""
        self.page.wait_for_load_state("load")
        where = self.page.url
        assert self.page.locator("html").get_attribute("lang") == self.locale, where
        assert self.page.evaluate(TOO_WIDE) == [], f"{where} is wider than the screen"
        assert not self.complaints, f"{where}: {self.complaints}"
        if self.locale == "ru":
            english = untranslated() & set(self.page.evaluate(WORDS_ON_PAGE))
            assert not english, f"{where} says {sorted(english)}"

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSED_FORM.search(message.text):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


def arrive(network: Network, browser: Browser, device: str, locale: str) -> Person:
    """Somebody new, with a browser of his own."""
    context = browser.new_context(locale=LANGUAGES[locale], timezone_id="Europe/Moscow", **DEVICES[device])
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    person = Person(network, page, device, locale)
    page.on("console", person._hear)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    return person


def shoot(person: Person, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the page when somebody asked for pictures by `ZVENO_PICTURES=folder`."""
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}-{person.device}-{person.locale}.png"
        person.page.screenshot(path=file, full_page=whole, animations="disabled")
