"""Visits: one a browser in half an hour, by day and source; programs are no visitors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.clock import frozen, now
from tests.house import HQ, KAZAN, House

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
DOOR = "/"


def counted(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT owner_id, source, visits FROM network.visits ORDER BY owner_id, source")


def test_a_browser_is_one_visit_for_half_an_hour(house: House) -> None:
    for _person in range(2):
        browser = house.visit(KAZAN)
        for _page in range(3):
            assert browser.get(DOOR, headers=FIREFOX).status_code == 200
    assert counted(house) == [(KAZAN, "dealer_site", 2)]


def test_visits_of_the_brand_and_of_its_advertising_are_told_apart(house: House) -> None:
    house.visit(HQ).get(DOOR, headers=FIREFOX)
    house.visit(HQ).get(f"{DOOR}?utm_medium=cpc", headers=FIREFOX)
    assert counted(house) == [(HQ, "ads", 1), (HQ, "brand_site", 1)]


@pytest.mark.parametrize("headers", [
    {}, {"User-Agent": "curl/8"}, {"User-Agent": "Mozilla/5.0 (compatible; YandexBot/3.0)"},
    {**FIREFOX, "Sec-Purpose": "prefetch"}, {**FIREFOX, "HX-Request": "true"},
])
def test_programs_are_no_visitors(house: House, headers: dict[str, str]) -> None:
    house.visit(KAZAN).get(DOOR, headers=headers)
    assert counted(house) == []


def test_desks_and_missing_pages_are_no_visits(house: House) -> None:
    browser = house.visit(KAZAN)
    browser.get("/desk/sign-in", headers=FIREFOX)
    browser.get("/no-such-page", headers=FIREFOX)
    assert counted(house) == []


def test_a_visit_counts_on_the_day_of_the_sites_own_clock(house: House) -> None:
    late = now().replace(hour=22, minute=30)
    with frozen(late):
        house.visit(KAZAN).get(DOOR, headers=FIREFOX)
    assert house.scalar("SELECT day FROM network.visits") == (late + timedelta(hours=3)).date()
