"""Pieces of pages: made once for the same values, and each reader's own token put in."""

from __future__ import annotations

import re

import pytest

from app.kernel.ids import HQ
from app.web import pieces
from tenants import registry
from tests.factories.shelf import fill_catalogue
from tests.house import KAZAN, House

CARD = re.compile(r'<article class="product">.*?</article>', re.DOTALL)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_pieces", {})


def test_cards_are_made_once_and_bear_the_token_of_their_reader(house: House) -> None:
    fill_catalogue(house)
    first, again = house.visit(KAZAN), house.visit(KAZAN)
    pages = [client.get("/catalogue/boilers").get_data(as_text=True) for client in (first, first, again)]
    made = len(pieces._pieces)
    tokens = [set(TOKEN.findall(page)) for page in pages]
    assert all(len(one) == 1 for one in tokens), "one token a page, and it is in every card"
    assert tokens[0].isdisjoint(tokens[2])
    cards = [[TOKEN.sub("", card) for card in CARD.findall(page)] for page in pages]
    assert cards[0] == cards[1] == cards[2] and len(cards[0]) == 6
    again.get("/catalogue/boilers")
    assert len(pieces._pieces) == made
    assert not re.search("<!--[0-9a-f]{32}-->", pages[0])


def test_a_piece_in_the_other_language_is_another(house: House) -> None:
    fill_catalogue(house)
    client = house.visit(HQ)
    russian, english = (client.get(f"/catalogue/boilers?lang={one}").get_data(as_text=True) for one in ("ru", "en"))
    assert "Котёл газовый" in CARD.findall(russian)[0] and "gas boiler" in CARD.findall(english)[0]


def test_pieces_are_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST", 5)
    fill_catalogue(house)
    client = house.visit(KAZAN)
    for _round in range(3):
        assert len(CARD.findall(client.get("/catalogue/boilers").get_data(as_text=True))) == 6
        assert len(pieces._pieces) <= 5


def test_header_and_footer_follow_the_site_and_say_where_one_is(house: House) -> None:
    fill_catalogue(house)
    client = house.visit(KAZAN)

    def parts(path: str) -> tuple[str, list[str]]:
        page = client.get(path).get_data(as_text=True)
        footer = page[page.index("<footer"):]
        return footer, re.findall(r'<a href="/catalogue/([\w-]+)" aria-current="page">', page)

    footer, opened = parts("/catalogue/boilers")
    assert "Новое имя" not in footer and opened == ["boilers"]
    assert parts("/catalogue") == (footer, [])
    house.rows(f"UPDATE network.tenants SET name = 'Новое имя' WHERE id = '{KAZAN}' RETURNING id")
    registry.forget()
    assert "Новое имя" in parts("/catalogue")[0]
    assert "Новое имя" not in house.visit(HQ).get("/catalogue").get_data(as_text=True)
