"""HQ's manager rehearses a draft on past leads, watches it, reads what came of it, and puts it in force."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network
from tests.journeys.person import shoot
from tests.journeys.steps import sign_in_to_hq

pytestmark = pytest.mark.browser

ACTIVE = "SELECT version FROM network.sourcing_profiles WHERE state = 'active'"
DECIDED = "SELECT version, decision_note FROM network.rehearsals WHERE decision = 'activated'"
LONG = 60_000
"""Milliseconds until a process has begun on a busy machine and gone through the past."""


@pytest.mark.parametrize(("device", "locale"), [("desktop", "en"), ("phone", "ru")])
def test_a_draft_is_rehearsed_read_and_put_in_force(
    network: Network, arriving: Arrive, device: str, locale: str
) -> None:
    hq = arriving(device, locale)
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/routing")
    hq.page.locator("section.card form button").first.click()
    hq.page.wait_for_url("**/hq/routing/*")
    hq.fill("Name of the version", "Ближе всех")
    hq.press("Save the draft")
    hq.reads("The draft is saved.")
    version = int(hq.page.url.rpartition("/")[2].partition("?")[0])
    hq.page.locator(f"a[href='/hq/routing/{version}/rehearsals']").click()
    hq.page.wait_for_url("**/rehearsals")
    hq.page.locator("main form button[type=submit]").first.click()
    hq.page.wait_for_url("**/rehearsals/*")
    expect(hq.page.locator(".verdict h2")).to_be_visible(timeout=LONG)
    hq.page.reload()
    expect(hq.page.locator(".sides tbody tr")).to_have_count(14)
    assert hq.page.evaluate("document.documentElement.scrollWidth") <= hq.page.evaluate("window.innerWidth")
    shoot(hq, "rehearsal", whole=True)
    hq.page.locator("#note").fill("Ближе к покупателю")
    hq.page.locator("#decision form button[type=submit]").first.click()
    hq.page.locator("dialog [data-answer]").click()
    hq.page.wait_for_url("**/hq/routing")
    assert network.rows(ACTIVE) == [(version,)]
    assert (version, "Ближе к покупателю") in network.rows(DECIDED)
