"""Maps get their tiles where the deployment says, and only a page that bears a map may load them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.config import BadSetting, environment, load
from tests.house import HQ, House

TILES = "https://{s}.tiles.example.ru/a/{z}/{x}/{y}.png"


@pytest.fixture
def set_to(house: House) -> Iterator[Callable[[str], None]]:
    """Names the address of the tiles for one test."""
    settings = house.web.config["ZVENO"]

    def name(address: str) -> None:
        house.web.config["ZVENO"] = replace(settings, map_tiles=address, map_credit="© <Карты>")

    yield name
    house.web.config["ZVENO"] = settings


def images_of(house: House, path: str) -> str:
    """Where the page may load pictures from."""
    policy = house.visit(HQ).get(path).headers["Content-Security-Policy"]
    return next(each for each in policy.split("; ") if each.startswith("img-src"))


def test_page_with_a_map_may_load_tiles_and_no_other(house: House, set_to: Callable[[str], None]) -> None:
    before = images_of(house, "/dealers")
    set_to(TILES)
    page = house.visit(HQ).get("/dealers").text
    assert f'data-tiles="{TILES}" data-credit="© &lt;Карты&gt;"' in page
    assert images_of(house, "/dealers") == f"{before} https://*.tiles.example.ru"
    assert images_of(house, "/") == images_of(house, "/cart") == before


def test_without_the_setting_a_map_asks_nobody(house: House) -> None:
    page = house.visit(HQ).get("/dealers").text
    assert "data-map" in page and "data-tiles" not in page


@pytest.mark.parametrize(
    "address",
    [
        "http://tiles.example.ru/{z}/{x}/{y}.png", "https://tiles.example.ru/tiles.png", "tiles/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png", "https://a.ru;script-src *.evil.ru/{z}/{x}/{y}.png", "https://a.ru 'x'/{z}/{x}/{y}",
    ],
)
def test_address_that_is_none_of_tiles_ends_the_start(house: House, address: str) -> None:
    told = environment(house.settings)
    assert load(told | {"ZVENO_MAP_TILES": TILES}).map_tiles == TILES
    with pytest.raises(BadSetting, match="ZVENO_MAP_TILES"):
        load(told | {"ZVENO_MAP_TILES": address})
