"""Values no column can hold, wherever text and numbers are taken: refused, never an error of ours."""

from __future__ import annotations

import pytest

from app.kernel.clock import now
from app.web.limits import limiter
from blueprints.accounts.keys import make_key
from blueprints.accounts.rules import SCOPES
from tests.factories.shelf import fill_catalogue
from tests.house import HQ, KAZAN, House, token_of
from tests.trust.test_hostile_files import signed_in

ODD = ("%00", "a%00b", "%ED%A0%80", "%FF%FE", "9" * 40, "-1", "1e400", "%F0%9F%92%A9" * 300, "' OR 1=1 --", "{{7*7}}")
SHOP = (
    "/search?q={}",
    "/catalogue?page={}",
    "/catalogue/{}",
    "/product/{}",
    "/media/{}",
    "/?lang={}",
    "/?utm_source={}",
)
DESK = (
    "/desk/leads?page={}",
    "/desk/leads?state={}",
    "/desk/orders?page={}",
    "/desk/stock?q={}",
    "/desk/people?page={}",
)
OFFICE = (
    "/hq/catalogue?q={}",
    "/hq/catalogue?page={}",
    "/hq/dealers?q={}",
    "/hq/leads?page={}",
    "/hq?from={}",
    "/hq?region={}",
)


@pytest.mark.parametrize("value", ODD)
def test_no_page_breaks_of_an_odd_value(house: House, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    fill_catalogue(house)
    visits = [(house.visit(KAZAN), SHOP), (signed_in(house, KAZAN), DESK), (signed_in(house, HQ), OFFICE)]
    broken = [
        (path, reply.status_code)
        for browser, paths in visits
        for path in paths
        if (reply := browser.get(path.format(value))).status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\x00"])
def test_text_that_cannot_be_kept_is_refused_by_name(house: House, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    with house.speaking(KAZAN):
        _key, secret = make_key(name="1C", scopes=SCOPES, at=now())
    headers, machine = {"Authorization": f"Bearer {secret}"}, house.visit(KAZAN)
    found = machine.patch("/api/v1/stock", json={"items": [{"sku": text, "on_hand": 1}]}, headers=headers)
    assert (found.status_code, found.get_json()["items"][0]["field"]) == (200, "sku")
    asked = machine.get("/api/v1/products", query_string={"search": "a\x00b"}, headers=headers)
    assert (asked.status_code, asked.get_json()["field"]) == (422, "search")


def test_a_form_loses_what_nobody_types(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    browser = signed_in(house, KAZAN)
    token = token_of(browser.get("/desk/me").text)
    reply = browser.post("/desk/me", data={"csrf_token": token, "name": "Ма\x00рта", "locale": "ru"})
    assert reply.status_code in (200, 302, 303)
    assert house.scalar("SELECT name FROM t_000002.staff") == "Марта"
