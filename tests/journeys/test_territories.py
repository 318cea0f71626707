"""HQ draws a dealer's territory on the map; the dealer sees it; a crossing outline is refused in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network
from tests.journeys.person import Person, shoot
from tests.journeys.steps import sign_in, sign_in_to_hq

pytestmark = pytest.mark.browser

LAST = (
    "SELECT shape, kind, name, npoints(outline), owner_id FROM network.territories WHERE ended_at IS NULL ORDER BY id"
)
CORNERS = ((0.25, 0.3), (0.55, 0.25), (0.6, 0.6), (0.3, 0.65))


def canvas(person: Person) -> Locator:
    """The map, drawn and in sight."""
    drawn = person.page.locator(".territory-map .map__canvas")
    drawn.locator(".town-name").first.wait_for()
    drawn.scroll_into_view_if_needed()
    return drawn


def draw(person: Person, corners: tuple[tuple[float, float], ...]) -> None:
    """Press the map at one place after another."""
    for number, (right, down) in enumerate(corners, start=1):
        press(person, right, down)
        expect(canvas(person).locator(".area-point")).to_have_count(number)


def press(person: Person, right: float, down: float) -> None:
    """Press the map at a part of its width and of its height."""
    size = canvas(person).bounding_box()
    assert size
    canvas(person).click(position={"x": size["width"] * right, "y": size["height"] * down})


def points(person: Person) -> list[str]:
    return str(person.page.locator("#points").input_value()).splitlines()


def test_outline_is_drawn_by_hand_and_kept(network: Network, arriving: Arrive) -> None:
    hq = arriving("desktop", "en")
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/territories")
    shoot(hq, "territories", whole=True)
    hq.press("Add a territory")
    hq.page.locator("[name=shape][value=polygon]").check()
    draw(hq, CORNERS)
    hq.page.keyboard.press("Backspace")
    assert len(points(hq)) == 3
    press(hq, *CORNERS[-1])
    before = points(hq)
    with hq.page.expect_response("**/preview*"):
        hq.page.keyboard.press("Enter")
    hq.reads("Towns")
    grip = canvas(hq).locator(".area-point").nth(2).bounding_box()
    assert grip
    with hq.page.expect_response("**/preview*"):
        hq.page.mouse.move(grip["x"] + 8, grip["y"] + 8)
        hq.page.mouse.down()
        hq.page.mouse.move(grip["x"] + 60, grip["y"] + 30, steps=5)
        hq.page.mouse.up()
    after = points(hq)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False, True]
    hq.fill("Name of the area", "Нарисовано")
    hq.press("Keep the area")
    hq.reads("The area is kept. From now on leads are routed by it.")
    shape, kind, name, corners, owner_id = network.rows(LAST)[-1]
    assert (shape, kind, name, corners) == ("polygon", "primary", "Нарисовано", 4)

    slug, email = network.rows(
        "SELECT slug, profile ->> 'email' FROM network.tenants WHERE id = %(id)s", id=owner_id
    )[0]
    dealer = arriving("phone", "ru")
    sign_in(dealer, slug, email)
    dealer.visit(slug, "/desk/territory")
    dealer.sees("Нарисовано")


def test_crossing_outline_is_refused_on_a_phone_and_nothing_typed_is_lost(network: Network, arriving: Arrive) -> None:
    hq = arriving("phone", "ru")
    sign_in_to_hq(hq)
    before = len(network.rows(LAST))
    hq.visit("ochag", "/hq/territories/new")
    hq.page.locator("[name=shape][value=polygon]").check()
    hq.fill("Points of the outline", "55.2, 48.2\n56.3, 50\n55.2, 50\n56.3, 48.2")
    hq.fill("Note on the area", "Не потерять")
    hq.press("Keep the area")
    hq.sees("Контур пересекает сам себя в точке")
    assert hq.page.locator("#note").input_value() == "Не потерять"
    assert len(points(hq)) == 4
    assert len(network.rows(LAST)) == before


def test_circle_follows_the_press_on_the_map(network: Network, arriving: Arrive) -> None:
    hq = arriving("desktop", "ru")
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/territories/new")
    hq.fill_named(city="Казань")
    with hq.page.expect_response("**/preview*"):
        press(hq, 0.3, 0.5)
    assert hq.page.locator("#city").input_value() == ""
    assert float(hq.page.locator("#lat").input_value()) > 40
    assert canvas(hq).locator("path.area--new").count() == 1
