"""Pages kept for strangers: who gets them, who never does, and which forms of theirs are heard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import NobodySpeaks
from app.kernel.ids import HQ
from app.web import cache
from app.web.cache import KeptPage, Pages
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.catalog.models import Price
from tenants import registry
from tests.factories.shelf import fill_catalogue
from tests.house import HOSTS, KAZAN, SIBIR, Browser, House, token_of

LIST = "/catalogue"
OLD, NEW = "7\u00a0310,50\u00a0₽", "222\u00a0₽"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def kept(house: House) -> Iterator[House]:
    """The house with pages kept, as it is run."""
    settings = house.web.config["ZVENO"]
    house.web.config["ZVENO"] = replace(settings, keep_pages_seconds=10)
    yield house
    house.web.config["ZVENO"] = settings
    cache.pages.clear()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Pages that were made and kept since the test began."""
    seen: list[object] = []
    keep = Pages.keep

    def noted(self: Pages, key: object, page: KeptPage) -> None:
        seen.append(key)
        keep(self, key, page)

    monkeypatch.setattr(Pages, "keep", noted)
    return seen


@pytest.fixture
def signed_in(house: House) -> Browser:
    """The owner of the dealer's site at his desk."""
    with house.speaking(KAZAN):
        staff = create_staff(email="owner@kazan.example", name="Анна", role="owner", locale="ru", at=now())
        staff.password_hash = hash_password("tihij ogon v pechi")
    browser = house.visit(KAZAN)
    form = {"email": "owner@kazan.example", "password": "tihij ogon v pechi"}
    browser.post("/desk/sign-in", data={**form, "csrf_token": token_of(browser.get("/desk/sign-in").text)})
    return browser


def nonces(page: str) -> set[str]:
    """All nonces a page bears."""
    return set(re.findall(r'nonce="([^"]+)"', page))


def test_without_a_speaker_nothing_is_found_or_kept() -> None:
    with pytest.raises(NobodySpeaks):
        Pages().find("a", 10)
    with pytest.raises(NobodySpeaks):
        Pages().keep("a", KeptPage(0, "/", (b"x",), ()))


def test_tenants_never_share_a_key_and_memory_is_bounded(house: House) -> None:
    held = Pages(most_bytes=10)
    with house.speaking(KAZAN):
        held.keep("a", KeptPage(1e12, "/", (b"kazan",), ()))
    with house.speaking(SIBIR):
        assert held.find("a", 10) is None
        held.keep("a", KeptPage(1e12, "/", (b"sibir+",), ()))
    with house.speaking(KAZAN):
        assert held.find("a", 10) is None  # pushed out


def test_strangers_share_a_page_but_no_nonce_token_or_cookie(kept: House, made: list[object]) -> None:
    first, second = kept.visit(KAZAN).get(LIST), kept.visit(KAZAN).get(LIST)
    assert len(made) == 1
    assert nonces(first.text) & nonces(second.text) == set()
    for reply in (first, second):
        assert len(nonces(reply.text)) == 1
        assert nonces(reply.text).pop() in reply.headers["Content-Security-Policy"]
        assert "csrf_token" not in reply.text
        assert "Set-Cookie" not in reply.headers
    for nonce in nonces(second.text):
        assert first.text == second.text.replace(nonce, nonces(first.text).pop())


def test_each_site_language_and_part_has_its_own(kept: House, made: list[object]) -> None:
    kazan = kept.visit(KAZAN).get(LIST).text
    sibir = kept.visit(SIBIR).get(LIST).text
    english = kept.visit(KAZAN).get(LIST, headers={"Accept-Language": "en"}).text
    part = kept.visit(KAZAN).get(LIST, headers={"HX-Request": "true"}).text
    assert len(made) == 4
    assert "Тепло Казань" in kazan and "Сибирь Тепло" not in kazan
    assert "Сибирь Тепло" in sibir and "Тепло Казань" not in sibir
    assert '<html lang="en">' in english and "<html" not in part


@pytest.mark.parametrize("address", ["/catalogue?lang=en", "/catalogue?utm_medium=cpc", "/catalogue/nothing-here"])
def test_what_says_something_of_the_reader_is_not_kept(kept: House, made: list[object], address: str) -> None:
    kept.visit(KAZAN).get(address)
    assert made == []


def test_whoever_has_a_cookie_gets_a_page_of_his_own(kept: House, made: list[object]) -> None:
    for name in ("zveno", "cart", "anything"):
        known = kept.visit(KAZAN)
        known.set_cookie(name, "x", domain="teplo-kazan.localhost")
        known.get(LIST)
    assert made == []


def test_visits_are_counted_on_kept_pages(kept: House, made: list[object]) -> None:
    for _visitor in range(3):
        reply = kept.visit(KAZAN).get(LIST, headers={"User-Agent": "Mozilla/5.0"})
        assert "visit=1" in reply.headers["Set-Cookie"]
    assert len(made) == 1
    with kept.speaking(KAZAN):
        assert db.session.scalar(sa.text("SELECT sum(visits) FROM network.visits")) == 3


def test_a_suspended_site_vanishes(kept: House) -> None:
    assert kept.visit(KAZAN).get(LIST).status_code == 200
    kept.rows("UPDATE network.tenants SET state = 'suspended' WHERE id = 't_000002' RETURNING id")
    registry._by_host.clear()  # as after `FRESH` seconds; the page itself is still there
    assert kept.visit(KAZAN).get(LIST).status_code == 503


def test_a_new_price_is_seen_at_once_on_its_page_by_the_known_and_soon_by_strangers(
    kept: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = fill_catalogue(kept)[-1]
    assert OLD in kept.visit(KAZAN).get(LIST).text
    assert OLD in kept.visit(KAZAN).get("/p/pump").text
    with kept.speaking(HQ):
        db.session.execute(sa.update(Price).where(Price.product_id == product).values(minor=222_00))
    known = kept.visit(KAZAN)
    known.set_cookie("zveno", "x", domain="teplo-kazan.localhost")
    assert NEW in known.get("/p/pump").text
    assert OLD in kept.visit(KAZAN).get("/p/pump").text
    later = cache.time.monotonic() + registry.FRESH + 11
    monkeypatch.setattr(cache.time, "monotonic", lambda: later)
    assert NEW in kept.visit(KAZAN).get(LIST).text


def add(browser: Browser, product: int, **headers: str) -> int:
    """Send the form of a kept page, which has no token."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.post("/cart/lines", data={"product_id": product}, headers=named).status_code


def test_a_kept_page_s_form_is_heard_from_this_host_alone(kept: House) -> None:
    product, here = fill_catalogue(kept)[0], f"http://{HOSTS[KAZAN]}"
    assert add(kept.visit(KAZAN), product, Sec_Fetch_Site="same-origin") == 302
    assert add(kept.visit(KAZAN), product, Origin=here) == 302
    assert add(kept.visit(KAZAN), product) == 400
    assert add(kept.visit(KAZAN), product, Sec_Fetch_Site="none") == 400
    assert add(kept.visit(KAZAN), product, Origin=f"http://{HOSTS[SIBIR]}") == 400
    assert add(kept.visit(KAZAN), product, Origin="null") == 400
    assert add(kept.visit(KAZAN), product, Sec_Fetch_Site="same-site") == 403
    assert add(kept.visit(KAZAN), product, Sec_Fetch_Site="cross-site", Origin=here) == 403


def test_whoever_is_signed_in_needs_his_token_wherever_the_form_comes_from(kept: House, signed_in: Browser) -> None:
    refused = signed_in.post("/desk/me", data={"name": "Other", "locale": "ru"}, headers=FROM_HERE)
    assert refused.status_code == 400 and "Откройте страницу заново" in refused.text
    token = token_of(signed_in.get("/desk/me").text)
    assert signed_in.post("/desk/me", data={"name": "Other", "locale": "ru", "csrf_token": token}).status_code < 400
