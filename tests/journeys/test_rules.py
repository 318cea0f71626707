"""HQ's manager writes new rules of routing: by dragging, sees at once who would get a lead, and puts them in force."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network
from tests.journeys.person import Person
from tests.journeys.steps import sign_in_to_hq

pytestmark = pytest.mark.browser

ACTIVE = "SELECT version FROM network.sourcing_profiles WHERE state = 'active'"


def order_of(person: Person) -> list[str]:
    return [str(one) for one in person.page.locator(".criterion__name").all_inner_texts()]


def drag_to_the_top(person: Person, number: int) -> None:
    """Take a criterion by its grip and let it go above the first."""
    person.page.locator(".is-sortable").wait_for()
    grips = person.page.locator("[data-grip]")
    grips.nth(number).scroll_into_view_if_needed()
    taken, first = grips.nth(number).bounding_box(), grips.first.bounding_box()
    assert taken and first
    mouse, moved = person.page.mouse, person.page.locator(".criterion__name").nth(number).inner_text()
    mouse.move(taken["x"] + 5, taken["y"] + 8)
    mouse.down()
    mouse.move(taken["x"] + 5, taken["y"] + 2, steps=3)
    person.page.locator(".sortable-chosen").wait_for()  # the drag begins a moment after the first move
    for _step in range(40):  # a busy browser leaves out moves that come too fast one after another
        mouse.move(first["x"] + 5, first["y"] + 30, steps=4)
        mouse.move(first["x"] + 5, first["y"] + 4, steps=4)
        if person.page.locator(".criterion__name").first.inner_text() == moved:
            break
        person.page.wait_for_timeout(100)
    mouse.up()


def test_rules_are_drafted_by_dragging_tried_and_put_in_force(network: Network, arriving: Arrive) -> None:
    hq = arriving("desktop", "en")
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/routing")
    hq.page.locator("section.card form button").first.click()
    hq.page.wait_for_url("**/hq/routing/*")
    before = order_of(hq)
    with hq.page.expect_response("**/trial"):
        drag_to_the_top(hq, 3)
    after = order_of(hq)
    assert after == [before[3], *before[:3], *before[4:]]
    hq.fill("Name of the version", "Ближе всех")
    hq.press("Save the draft")
    hq.reads("The draft is saved.")
    assert order_of(hq) == after
    version = int(hq.page.url.rpartition("/")[2].partition("?")[0])
    hq.press("Put in force")
    hq.page.locator("dialog [data-answer]").click()
    hq.reads("These rules are in force from now on. Leads on their way keep their offers.")
    assert network.rows(ACTIVE) == [(version,)]


def test_on_a_phone_the_buttons_do_what_dragging_does(network: Network, arriving: Arrive) -> None:
    hq = arriving("phone", "ru")
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/routing")
    hq.page.locator("section.card form button").nth(1).click()
    hq.page.wait_for_url("**/hq/routing/*")
    before = order_of(hq)
    hq.page.get_by_role("button", name="Ниже:").first.click()
    hq.page.wait_for_load_state()
    assert order_of(hq) == [before[1], before[0], *before[2:]]
    assert hq.page.evaluate("document.documentElement.scrollWidth") <= 390
